import type { Framer } from "../framers/framer.ts";
import { frameLimit, type Protocol, protocolOf } from "../protocol.ts";
import { stdioTransport } from "../transports/process/stdio.ts";
import type { Connection } from "./connection.ts";
import { type ConnectionOptions, limitsOf } from "./connection_options.ts";
import { ProcessConnection } from "./process_connection.ts";

/**
 * Returns a connection over this process's own stdin and stdout: pipes, files, sockets or a terminal. The
 * end of stdin is the end of the stream. A stdout that nobody reads anymore is a reset.
 *
 * `close` sends everything, and does not wait for the end of stdin, which it closes. The peer sees the end
 * of stdout when the process exits, since a closed stdout would be replaced by the next file that is
 * opened. Everything else that is written to stdout, for example by `console.log`, breaks the protocol:
 * write logs to stderr. `process.exit()` discards what is pending: call `flush` or `close` before.
 *
 * @typeParam In A received message; the frame's bytes if the protocol has no codec.
 * @typeParam Out A sent message; by default the same type.
 * @param protocol The protocol, with the options of the connection.
 * @throws {ConnectionError} The runtime has no stdin and stdout (`"unsupported"`), or cannot open them.
 * @throws {TypeError | RangeError} The protocol or an option is invalid.
 *
 * @example
 * ```ts
 * import { json, lines, stdio } from "@framewright/framewright";
 *
 * type Call = { id: number; method: string };
 * type Result = { id: number; result: string };
 * export async function main(): Promise<void> {
 *   await using connection = stdio<Call, Result>({ framer: lines(), codec: json() });
 *   for await (const { id, method } of connection) {
 *     await connection.send({ id, result: `${method} is done` });
 *   }
 * }
 * ```
 */
export function stdio<In = Uint8Array, Out = In>(
  protocol: Framer | Protocol<In, Out> & ConnectionOptions,
): Connection<In, Out> {
  const options: Protocol<In, Out> & ConnectionOptions = protocolOf(protocol);
  // An invalid option must not open stdin, which keeps the process running.
  limitsOf(options);
  frameLimit(options);
  return new ProcessConnection(stdioTransport("Cannot open stdin and stdout"), options);
}
