import { ConnectionError } from "../errors.ts";
import { frameLimit, type Protocol } from "../protocol.ts";
import { currentSockets } from "../transports/current.ts";
import type {
  Endpoint,
  SocketOptions,
  Sockets,
  TlsOptions,
  Transport,
} from "../transports/transport.ts";
import { abortable } from "./abortable.ts";
import { Connection } from "./connection.ts";
import { connectionError } from "../transports/connection_error.ts";
import { type ConnectionOptions, limitsOf } from "./connection_options.ts";
import { duration } from "./duration.ts";
import { endpointOf, nameOf } from "./endpoint.ts";
import { checkTls } from "./tls_options.ts";

/** Where {@link connect} connects to, and how. */
export interface ConnectOptions extends SocketOptions, ConnectionOptions {
  /** The host's name or IP address; default `"127.0.0.1"`. */
  readonly hostname?: string;
  /** The port, from 1 to 65,535. */
  readonly port?: number;
  /** The path of a Unix domain socket, in place of a host and a port. */
  readonly path?: string;
  /** Speaks TLS from the first byte on; `true`: with the defaults. */
  readonly tls?: boolean | TlsOptions;
  /**
   * Gives up connecting after so many milliseconds, name lookup and TLS handshake included; default
   * 30,000.
   */
  readonly connectTimeout?: number;
  /** Gives up connecting. Once there is a connection it has no effect any more. */
  readonly signal?: AbortSignal;
}

const CONNECT_TIMEOUT = 30_000;

/**
 * Connects to a server by TCP, by TLS or through a Unix domain socket.
 *
 * @typeParam Message What is sent and received; frames where the protocol has no codec.
 * @param options Where to, and how the two will talk.
 * @throws {ConnectionError} There is no connection: `code` says why, `"aborted"` for the signal, whose
 * reason is the `cause`, `"timedOut"` when that was a timeout or `connectTimeout` is over.
 * @throws {TypeError} There is neither a port nor a path, or a key or certificate is none.
 * @throws {RangeError} The port is none, or a limit is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, ConnectionError, lines } from "@framewright/framewright";
 *
 * await assert.rejects(
 *   connect({ hostname: "127.0.0.1", port: 1, framer: lines() }),
 *   (error) => error instanceof ConnectionError && error.code === "refused",
 * );
 * ```
 */
export async function connect<In = Uint8Array, Out = In>(
  options: ConnectOptions & Protocol<In, Out>,
): Promise<Connection<In, Out>> {
  const endpoint = endpointOf("connect to", options, { least: 1 });
  const limit = duration("connectTimeout", options.connectTimeout ?? CONNECT_TIMEOUT);
  frameLimit(options);
  limitsOf(options);
  const action = `Cannot connect to ${nameOf(endpoint)}`;
  if (typeof options.tls === "object") checkTls(action, options.tls);
  const sockets = await socketsFor(action);
  const { signal } = options;
  const given = new AbortController();
  const give = () => given.abort(signal!.reason);
  if (signal?.aborted) give();
  signal?.addEventListener("abort", give);
  const timer = limit === Infinity
    ? undefined
    : setTimeout(() => given.abort(new Expired(limit)), limit);
  try {
    const transport = await open(sockets, endpoint, options.tls ?? false, given.signal);
    return new Connection(transport, options);
  } catch (error) {
    throw given.signal.aborted
      ? givenUp(action, given.signal.reason)
      : connectionError(action, error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", give);
  }
}

/** Connects, and starts TLS if that is wanted. Nothing is left open when it fails. */
async function open(
  sockets: Sockets,
  endpoint: Endpoint,
  tls: boolean | TlsOptions,
  signal: AbortSignal,
): Promise<Transport> {
  const connecting = sockets.connect(endpoint, signal);
  connecting.catch(() => {});
  const plain = await abortable(connecting, signal).catch((error) => {
    connecting.then((late) => late.close(), () => {});
    throw error;
  });
  if (tls === false) return plain;
  try {
    return await abortable(plain.startTls!(tls === true ? {} : tls, signal), signal);
  } catch (error) {
    plain.close();
    throw error;
  }
}

/**
 * The sockets of this runtime.
 *
 * @throws {ConnectionError} It has none.
 */
export async function socketsFor(action: string): Promise<Sockets> {
  const sockets = await currentSockets();
  if (sockets !== undefined) return sockets;
  throw new ConnectionError(
    `${action}: this runtime has no sockets of its own; make a Connection of a pair of Web Streams`,
    { code: "unsupported" },
  );
}

/** `connectTimeout` is over. */
class Expired {
  readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }
}

/** A signal that is a timeout says so by its reason; any other means that this side gave up. */
function givenUp(action: string, cause: unknown): ConnectionError {
  if (cause instanceof Expired) {
    return new ConnectionError(
      `${action}: not connected within the connectTimeout of ${cause.limit} ms`,
      { code: "timedOut", timeout: "connectTimeout" },
    );
  }
  const code = cause instanceof Error && cause.name === "TimeoutError" ? "timedOut" : "aborted";
  return new ConnectionError(`${action}: ${code === "aborted" ? "aborted" : "no answer in time"}`, {
    code,
    cause,
  });
}
