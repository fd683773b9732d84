import { ConnectionError } from "../errors.ts";
import { frameLimit, type Protocol } from "../protocol.ts";
import { currentSockets } from "../transports/current.ts";
import type { Sockets } from "../transports/transport.ts";
import { Connection } from "./connection.ts";
import { connectionError } from "./connection_error.ts";

/** Where {@link connect} connects to. */
export interface ConnectOptions {
  /** The host's name or IP address; default `"127.0.0.1"`. */
  readonly hostname?: string;
  /** The port, from 1 to 65,535. */
  readonly port: number;
  /** Gives up connecting. Once there is a connection it has no effect any more. */
  readonly signal?: AbortSignal;
}

/**
 * Connects to a server by TCP.
 *
 * @typeParam Message What is sent and received; frames where the protocol has no codec.
 * @param options Where to, and how the two will talk.
 * @throws {ConnectionError} There is no connection: `code` says why, `"aborted"` or `"timedOut"` for
 * the signal, whose reason is the `cause`.
 * @throws {RangeError} The port is none, or `maxFrameLength` no limit.
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
export async function connect<Message = Uint8Array>(
  options: ConnectOptions & Protocol<Message>,
): Promise<Connection<Message>> {
  const { hostname = "127.0.0.1", port, signal } = options;
  if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw new RangeError(`Cannot connect to port ${port}: ports are 1 to 65535`);
  }
  frameLimit(options);
  const action = `Cannot connect to ${hostname}:${port}`;
  const sockets = await socketsFor(action);
  try {
    return new Connection(await sockets.connect({ hostname, port }, signal), options);
  } catch (error) {
    if (signal?.aborted) throw abortError(action, signal.reason);
    throw connectionError(action, error);
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

/** A signal that is a timeout says so by its reason; any other means that this side gave up. */
function abortError(action: string, cause: unknown): ConnectionError {
  const code = cause instanceof Error && cause.name === "TimeoutError" ? "timedOut" : "aborted";
  return new ConnectionError(`${action}: ${code === "aborted" ? "aborted" : "no answer in time"}`, {
    code,
    cause,
  });
}
