import { ConnectionError } from "../errors.ts";
import { frameLimit, type Protocol, protocolOf } from "../protocol.ts";
import { addressLabel } from "../transports/address.ts";
import { connectionError, failureOf } from "../transports/connection_error.ts";
import { currentSockets } from "../transports/current.ts";
import { TimedAbort } from "../transports/timed_abort.ts";
import type {
  Endpoint,
  SocketOptions,
  Sockets,
  TlsOptions,
  Transport,
} from "../transports/transport.ts";
import { abortable } from "../async/abortable.ts";
import { onAbort } from "../async/on_abort.ts";
import { Connection } from "./connection.ts";
import { type ConnectionOptions, limitsOf } from "./connection_options.ts";
import { duration } from "./options/duration.ts";
import { endpointOf } from "./options/endpoint.ts";
import { checkSignal } from "../bytes/invalid_option.ts";
import { checkTls } from "./options/tls_options.ts";

/** The options of {@link connect}. */
export interface ConnectOptions extends SocketOptions, ConnectionOptions {
  /** Host name or IP address; default `"127.0.0.1"`. Excludes `path`. */
  readonly hostname?: string;
  /** Port from 1 to 65,535; required without `path`. */
  readonly port?: number;
  /** Path of a Unix domain socket, instead of a host and a port. */
  readonly path?: string;
  /** Whether and how to use TLS; `true` for default options. */
  readonly tls?: boolean | TlsOptions;
  /**
   * Connection timeout in milliseconds, including name lookup and TLS handshake; default 30,000, since the
   * timeouts of operating systems are minutes.
   */
  readonly connectTimeout?: number;
  /** Aborts connecting. It has no effect on the connection. */
  readonly signal?: AbortSignal;
}

const CONNECT_TIMEOUT = 30_000;

/**
 * Connects to a server over TCP, over TLS or through a Unix domain socket.
 *
 * Refuses options of Node, Deno and Bun that have a different name here, so that spreading such options
 * cannot silently connect to another host or without TLS.
 *
 * @typeParam In A received message; the frame's bytes if the protocol has no codec.
 * @typeParam Out A sent message; by default the same type.
 * @param options The address and the protocol.
 * @throws {ConnectionError} Connecting failed, see `code`: `"timedOut"` after `connectTimeout` or by a signal
 * with a timeout, `"aborted"` by another signal, whose reason is the `cause`.
 * @throws {TypeError} An option is missing or invalid.
 * @throws {RangeError} A number is out of range.
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
  const { highWaterMark } = limitsOf(options);
  frameLimit(protocolOf(options));
  const endpoint = endpointOf("Cannot connect to", options, highWaterMark);
  const { connectTimeout = CONNECT_TIMEOUT, signal } = options;
  const time = duration("connectTimeout", connectTimeout);
  checkSignal(signal);
  const action = `Cannot connect to ${addressLabel(endpoint)}`;
  const tls = clientTls(action, options.tls);
  const sockets = socketsFor(action);
  const limit = new TimedAbort(action, "connectTimeout", time);
  const abort = () => limit.abort(signal!.reason);
  if (signal?.aborted) abort();
  const ignoreAbort = onAbort(signal, abort);
  try {
    const transport = await open(sockets, endpoint, tls, limit.signal);
    return new Connection(transport, options);
  } catch (error) {
    if (limit.signal.aborted) throw limit.expired ?? abortError(action, limit.signal.reason);
    throw connectionError(action, failureOf(error));
  } finally {
    limit.end();
    ignoreAbort();
  }
}

/**
 * Returns the sockets of this runtime.
 *
 * @throws {ConnectionError} It has no sockets.
 */
export function socketsFor(action: string): Sockets {
  const sockets = currentSockets();
  if (sockets !== undefined) return sockets;
  throw new ConnectionError(
    `${action}: there are no sockets in browsers and Workers, or in programs that were bundled for them; ` +
      "create a Connection over a pair of Web Streams",
    { code: "unsupported" },
  );
}

function clientTls(action: string, tls: boolean | TlsOptions = false): TlsOptions | undefined {
  if (tls === false) return undefined;
  return tls === true ? {} : checkTls(action, tls);
}

/** Connects, and starts TLS if `tls` is given. Closes the transport after a failure. */
async function open(
  sockets: Sockets,
  endpoint: Endpoint,
  tls: TlsOptions | undefined,
  signal: AbortSignal,
): Promise<Transport> {
  const connecting = sockets.connect(endpoint, signal);
  connecting.catch(() => {});
  const plain = await abortable(connecting, signal).catch((error) => {
    connecting.then((late) => late.close(), () => {});
    throw error;
  });
  if (tls === undefined) return plain;
  try {
    return await abortable(plain.startTls!(tls, signal), signal);
  } catch (error) {
    plain.close();
    throw error;
  }
}

function abortError(action: string, cause: unknown): ConnectionError {
  return cause instanceof Error && cause.name === "TimeoutError"
    ? new ConnectionError(`${action}: the signal's timeout expired`, { code: "timedOut", cause })
    : new ConnectionError(`${action}: aborted`, { code: "aborted", cause });
}
