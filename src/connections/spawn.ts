import { frameLimit, type Protocol, protocolOf } from "../protocol.ts";
import { startChild } from "../transports/process/child.ts";
import { type ChildConnection, ChildProcessConnection } from "./child_connection.ts";
import { type ConnectionOptions, limitsOf } from "./connection_options.ts";
import { commandOf, type CommandOptions } from "./options/command.ts";
import { duration } from "./options/duration.ts";

/** The options of {@link spawn}. */
export interface SpawnOptions extends CommandOptions, ConnectionOptions {
  /**
   * How long `close` waits for the process to exit, in milliseconds, after the end of its stdin and before
   * SIGTERM; default 5,000. `Infinity` sends no signal.
   */
  readonly exitTimeout?: number;
  /**
   * How long `close` waits for the process to exit, in milliseconds, after SIGTERM and before SIGKILL;
   * default 5,000.
   */
  readonly killTimeout?: number;
}

const EXIT_TIMEOUT = 5_000;

/**
 * Starts a child process and connects to its stdin and stdout, as clients of language servers and of MCP
 * servers do.
 *
 * Refuses options of Node, Deno and Bun that have a different name here, so that spreading such options
 * cannot silently start another process.
 *
 * @typeParam In A received message; the frame's bytes if the protocol has no codec.
 * @typeParam Out A sent message; by default the same type.
 * @param options The command and the protocol.
 * @throws {ConnectionError} The process cannot be started: `"notFound"` if the program or the working
 * directory does not exist, `"permissionDenied"` if the program may not be executed, `"tooManyFiles"`
 * without a free file descriptor, `"unsupported"` if the runtime has no processes.
 * @throws {TypeError} An option is missing or invalid.
 * @throws {RangeError} A number is out of range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { lines, spawn, text } from "@framewright/framewright";
 *
 * await using child = await spawn({ command: "cat", framer: lines(), codec: text() });
 * await child.send("hello");
 * assert.equal(await child.receive(), "hello");
 * await child.close();
 * assert.equal((await child.exited).code, 0);
 * ```
 */
export async function spawn<In = Uint8Array, Out = In>(
  options: SpawnOptions & Protocol<In, Out>,
): Promise<ChildConnection<In, Out>> {
  limitsOf(options);
  frameLimit(protocolOf(options));
  const command = commandOf(options);
  const { exitTimeout = EXIT_TIMEOUT, killTimeout = EXIT_TIMEOUT } = options;
  const limits = {
    exitTimeout: duration("exitTimeout", exitTimeout),
    killTimeout: duration("killTimeout", killTimeout),
  };
  const action = `Cannot start ${JSON.stringify(command.command)}`;
  return new ChildProcessConnection(await startChild(action, command, limits), options);
}
