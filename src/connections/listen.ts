import { onAbort } from "../async/on_abort.ts";
import { frameLimit, type Protocol, protocolOf } from "../protocol.ts";
import { DONE } from "../flow/takes.ts";
import { addressLabel } from "../transports/address.ts";
import { connectionError } from "../transports/connection_error.ts";
import { tlsAcceptor } from "../transports/tls/acceptor.ts";
import type { Acceptor, Address, SocketOptions, TlsOptions } from "../transports/transport.ts";
import { socketsFor } from "./connect.ts";
import { Connection } from "./connection.ts";
import { type ConnectionOptions, limitsOf } from "./connection_options.ts";
import { endpointOf } from "./options/endpoint.ts";
import { checkSignal, checkType, limit } from "../bytes/invalid_option.ts";
import { checkTls } from "./options/tls_options.ts";

/** The options of {@link listen}. */
export interface ListenOptions extends SocketOptions, ConnectionOptions {
  /** Host name or IP address; default `"127.0.0.1"`, `"0.0.0.0"` for all IPv4 addresses. Excludes `path`. */
  readonly hostname?: string;
  /** Port up to 65,535; default 0, which lets the system choose one. */
  readonly port?: number;
  /** Path of a Unix domain socket, instead of a host and a port. */
  readonly path?: string;
  /**
   * Whether several listeners may share the port (`SO_REUSEPORT`), with connections distributed by the
   * kernel; default `false`. Requires Node 22.12 or, on Deno 2.9, `--unstable-net`; otherwise the error
   * is `"unsupported"`.
   */
  readonly reusePort?: boolean;
  /** Accepts connections over TLS; `key` and `cert` are required. */
  readonly tls?: TlsOptions;
  /**
   * Maximum number of TLS handshakes in progress; default 256. When another connection arrives, the oldest
   * handshake with a silent peer is aborted, so that silent peers cannot block others.
   */
  readonly maxHandshakes?: number;
  /**
   * Called with the error of each incoming connection that fails before it is accepted, for example in its
   * TLS handshake. Default: errors are ignored.
   */
  readonly onHandshakeError?: (error: unknown) => void;
  /** Stops listening when aborted. */
  readonly signal?: AbortSignal;
}

/** The certificates of {@link Listener.setCertificate}. */
export type CertificateOptions = Pick<TlsOptions, "key" | "cert" | "sni">;

const MAX_HANDSHAKES = 256;

/**
 * Listens for connections over TCP, over TLS or on a Unix domain socket.
 *
 * @typeParam In A received message; the frame's bytes if the protocol has no codec.
 * @typeParam Out A sent message; by default the same type.
 * @param options The address and the protocol of accepted connections.
 * @throws {ConnectionError} Listening failed, see `code`.
 * @throws {TypeError} An option is missing or invalid.
 * @throws {RangeError} A number is out of range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, fixed, listen } from "@framewright/framewright";
 *
 * await using listener = await listen({ framer: fixed(2) });
 * await using client = await connect({ ...listener.address, framer: fixed(2) });
 * await client.send(Uint8Array.of(1, 2));
 * for await (const connection of listener) {
 *   assert.deepEqual(await connection.receive(), Uint8Array.of(1, 2));
 *   await Promise.all([connection.close(), client.close()]);
 *   break;
 * }
 * ```
 */
export async function listen<In = Uint8Array, Out = In>(
  options: ListenOptions & Protocol<In, Out>,
): Promise<Listener<In, Out>> {
  if ((options as { readonly maxConnections?: unknown })?.maxConnections !== undefined) {
    throw new TypeError("Invalid option maxConnections: use serve");
  }
  return await openListener(options);
}

/** Listens as {@link listen} does, without refusing the options of `serve`. */
export async function openListener<In, Out>(
  options: ListenOptions & Protocol<In, Out>,
): Promise<Listener<In, Out>> {
  const { highWaterMark, handshakeTimeout: timeout } = limitsOf(options);
  frameLimit(protocolOf(options));
  const endpoint = endpointOf("Cannot listen on", options, highWaterMark);
  const { maxHandshakes = MAX_HANDSHAKES, onHandshakeError = () => {}, signal } = options;
  checkType("onHandshakeError", onHandshakeError, "a function");
  checkSignal(signal);
  const action = `Cannot listen on ${addressLabel(endpoint)}`;
  const tls = options.tls === undefined ? undefined : checkTls(action, options.tls, true);
  limit("maxHandshakes", maxHandshakes);
  const sockets = socketsFor(action);
  try {
    signal?.throwIfAborted();
    const acceptor = await sockets.listen(endpoint);
    return new Listener(
      tls === undefined
        ? acceptor
        : tlsAcceptor(acceptor, { tls, timeout, maxHandshakes, onError: onHandshakeError }),
      options,
    );
  } catch (error) {
    throw connectionError(action, error);
  }
}

/** The options that a listener keeps. */
type ListenerOptions<In, Out> =
  & Protocol<In, Out>
  & ConnectionOptions
  & { readonly signal?: AbortSignal };

/** Accepts connections. Created by {@link listen}. */
export class Listener<In = Uint8Array, Out = In>
  implements AsyncIterable<Connection<In, Out>>, AsyncDisposable {
  readonly #acceptor: Acceptor;
  readonly #options: ListenerOptions<In, Out>;
  readonly #ignoreAbort: () => void;
  #accepting: Promise<unknown> = Promise.resolve();

  /** Creates a listener on an acceptor. */
  constructor(acceptor: Acceptor, options: ListenerOptions<In, Out>) {
    this.#acceptor = acceptor;
    this.#options = options;
    this.#ignoreAbort = onAbort(options.signal, () => this.close());
    if (options.signal?.aborted) this.close();
  }

  /** The address listened on, with the port that the system chose. */
  get address(): Address {
    return this.#acceptor.address;
  }

  /**
   * Waits for the next connection. Concurrent calls are served in order.
   *
   * @returns The connection; `undefined` once the listener is closed.
   * @throws {ConnectionError} Accepting failed. The next call may succeed.
   */
  accept(): Promise<Connection<In, Out> | undefined> {
    const accepted = this.#accepting.then(() => this.#accept());
    this.#accepting = accepted.catch(() => {});
    return accepted;
  }

  /** Iterates over the incoming connections until the listener is closed. */
  [Symbol.asyncIterator](): AsyncIterator<Connection<In, Out>, undefined> {
    return {
      next: async () => {
        const value = await this.accept();
        return value === undefined ? DONE : { done: false, value };
      },
    };
  }

  /**
   * Replaces certificates while listening: `key` with `cert`, `sni`, or all of them; others stay. Following
   * handshakes use the new ones, accepted connections are unaffected. On Deno 2.9 clients may still resume
   * sessions of the old ones.
   *
   * @throws {TypeError} A certificate is invalid, and nothing has changed; or the listener does not use TLS.
   *
   * @example
   * ```ts
   * import process from "node:process";
   * import { lines, listen } from "@framewright/framewright";
   *
   * async function listenSecurely(read: () => { key: string; cert: string }) {
   *   const listener = await listen({ framer: lines(), tls: read() });
   *   process.on("SIGHUP", () => listener.setCertificate(read()));
   *   return listener;
   * }
   * ```
   */
  setCertificate(certificate: CertificateOptions): void {
    const action = "Cannot set certificate";
    const { tls } = this.#acceptor;
    if (tls === undefined) throw new TypeError(`${action}: the listener does not use TLS`);
    for (const name of Object.keys(certificate)) {
      if (["key", "cert", "sni"].includes(name)) continue;
      throw new TypeError(`${action}: invalid option ${name}: expected key, cert or sni`);
    }
    this.#acceptor.tls = checkTls(action, { ...tls, ...certificate }, true);
  }

  /** Stops listening. Accepted connections stay open. */
  close(): void {
    this.#ignoreAbort();
    this.#acceptor.close();
  }

  /** Keeps the process running while listening (the default). */
  ref(): void {
    this.#acceptor.ref?.();
  }

  /** Lets the process exit while listening. */
  unref(): void {
    this.#acceptor.unref?.();
  }

  /** Stops listening. */
  // deno-lint-ignore require-await
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async #accept(): Promise<Connection<In, Out> | undefined> {
    try {
      const transport = await this.#acceptor.accept();
      return transport === undefined ? undefined : new Connection(transport, this.#options);
    } catch (error) {
      throw connectionError("Cannot accept connection", error);
    }
  }
}
