import { frameLimit, type Protocol } from "../protocol.ts";
import { DONE } from "../flow/takes.ts";
import type { Acceptor, Address, SocketOptions, TlsOptions } from "../transports/transport.ts";
import { socketsFor } from "./connect.ts";
import { Connection } from "./connection.ts";
import { connectionError } from "../transports/connection_error.ts";
import { type ConnectionOptions, limitsOf } from "./connection_options.ts";
import { duration } from "./duration.ts";
import { endpointOf, nameOf } from "./endpoint.ts";
import { tlsAcceptor } from "../transports/tls_acceptor.ts";
import { checkTls } from "./tls_options.ts";

/** Where {@link listen} listens, and how. */
export interface ListenOptions extends SocketOptions, ConnectionOptions {
  /** The name or IP address listened on; default `"127.0.0.1"`, `"0.0.0.0"` for all of IPv4. */
  readonly hostname?: string;
  /** The port, up to 65,535; default 0: the system chooses one. */
  readonly port?: number;
  /** The path of a Unix domain socket, in place of a host and a port. */
  readonly path?: string;
  /**
   * Shares the port with others who say so too: the system spreads connections; default `false`. Needs
   * Node 22.12, and on Deno 2.9 `--unstable-net`; else the error is `"unsupported"`.
   */
  readonly reusePort?: boolean;
  /** Speaks TLS from the first byte on; `key` and `cert` are needed. */
  readonly tls?: TlsOptions;
  /** Drops a connection whose TLS handshake takes longer, in milliseconds; default 10,000. */
  readonly handshakeTimeout?: number;
  /** Is told of a connection that came to nothing, such as one whose TLS handshake has failed. */
  readonly onHandshakeError?: (error: unknown) => void;
  /** Stops listening when it says so. */
  readonly signal?: AbortSignal;
}

const HANDSHAKE_TIMEOUT = 10_000;

/**
 * Listens for connections by TCP, by TLS or through a Unix domain socket.
 *
 * @typeParam Message What is sent and received; frames where the protocol has no codec.
 * @param options Where, and how each two will talk.
 * @throws {ConnectionError} It cannot listen there: `code` says why.
 * @throws {TypeError} TLS is wanted, and the key or a certificate is missing or none.
 * @throws {RangeError} The port is none, or a limit is none.
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
  const { tls, signal } = options;
  const endpoint = endpointOf("listen on", options, { least: 0, usual: 0 });
  const timeout = duration("handshakeTimeout", options.handshakeTimeout ?? HANDSHAKE_TIMEOUT);
  frameLimit(options);
  limitsOf(options);
  const action = `Cannot listen on ${nameOf(endpoint)}`;
  if (tls !== undefined) checkTls(action, tls, true);
  const sockets = await socketsFor(action);
  try {
    signal?.throwIfAborted();
    const door = await sockets.listen(endpoint);
    const { onHandshakeError: refused = () => {} } = options;
    const secured = tls === undefined ? door : tlsAcceptor(door, { tls, timeout, refused });
    return new Listener(secured, options);
  } catch (error) {
    throw connectionError(action, error);
  }
}

/** The connections that come in, one after the other. Made by {@link listen}. */
export class Listener<In = Uint8Array, Out = In>
  implements AsyncIterable<Connection<In, Out>>, AsyncDisposable {
  readonly #door: Acceptor;
  readonly #options: Protocol<In, Out> & ConnectionOptions & Stoppable;
  #accepting: Promise<unknown> = Promise.resolve();

  /** Makes a listener of a door. */
  constructor(door: Acceptor, options: Protocol<In, Out> & ConnectionOptions & Stoppable) {
    this.#door = door;
    this.#options = options;
    options.signal?.addEventListener("abort", this.#stop);
    if (options.signal?.aborted) this.close();
  }

  /** The address listened on, with the port that the system chose. */
  get address(): Address {
    return this.#door.address;
  }

  /**
   * Waits for the next connection. Calls that wait at the same time are served in their order.
   *
   * @returns The connection; `undefined` when the listener is closed.
   * @throws {ConnectionError} The system could not accept one.
   */
  accept(): Promise<Connection<In, Out> | undefined> {
    const accepted = this.#accepting.then(() => this.#accept());
    this.#accepting = accepted.catch(() => {});
    return accepted;
  }

  /** Iterates over the connections that come in, until the listener is closed. */
  [Symbol.asyncIterator](): AsyncIterator<Connection<In, Out>, undefined> {
    return {
      next: async () => {
        const value = await this.accept();
        return value === undefined ? DONE : { done: false, value };
      },
    };
  }

  /** Stops listening. Connections that were accepted live on. */
  close(): void {
    this.#options.signal?.removeEventListener("abort", this.#stop);
    this.#door.close();
  }

  /** Keeps the process running, as it does unless {@link Listener.unref} was called. */
  ref(): void {
    this.#door.ref?.();
  }

  /** Lets the process end though it listens. */
  unref(): void {
    this.#door.unref?.();
  }

  /** Stops listening. */
  // deno-lint-ignore require-await
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async #accept(): Promise<Connection<In, Out> | undefined> {
    try {
      const transport = await this.#door.accept();
      return transport === undefined ? undefined : new Connection(transport, this.#options);
    } catch (error) {
      throw connectionError("Cannot accept connection", error);
    }
  }

  readonly #stop = (): void => this.close();
}

/** What may be told to stop. */
export interface Stoppable {
  /** Says so. */
  readonly signal?: AbortSignal;
}
