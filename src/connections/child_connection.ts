import type { Protocol } from "../protocol.ts";
import type { Child, ExitStatus } from "../transports/process/child.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection_options.ts";
import { ProcessConnection } from "./process_connection.ts";

/**
 * A connection to the stdin and stdout of a child process, started by {@link spawn}.
 *
 * @typeParam In A received message; the frame's bytes if the protocol has no codec.
 * @typeParam Out A sent message; by default the same type.
 */
export interface ChildConnection<In = Uint8Array, Out = In> extends Connection<In, Out> {
  /** Process id of the child. */
  readonly pid: number;
  /**
   * Resolves with the exit code or the signal once the child has exited; never rejects. Output of the child
   * may still be unread.
   */
  readonly exited: Promise<ExitStatus>;
  /**
   * The child's stderr if the option `stderr` is `"piped"`. Read it: a child whose stderr is full stops.
   * `close` discards it, unless it is locked to a reader.
   */
  readonly stderr: ReadableStream<Uint8Array> | undefined;

  /**
   * Ends the child process without losing data: sends all messages and the end of its stdin, and discards
   * its output until it has exited. A child that runs for longer than `exitTimeout` receives SIGTERM, and
   * after another `killTimeout` SIGKILL. Output that a grandchild may still write is not awaited. A connection
   * that fails, for example by a timeout, ends the child in the same way.
   *
   * @throws {ConnectionError} Sent messages have been lost.
   */
  close(): Promise<void>;

  /** Kills the child process with SIGKILL. Pending calls reject with a `ConnectionError` `"aborted"`. */
  abort(reason?: unknown): void;
}

/** The implementation of {@link ChildConnection}. */
export class ChildProcessConnection<In, Out> extends ProcessConnection<In, Out>
  implements ChildConnection<In, Out> {
  readonly #child: Child;
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
  readonly stderr: ReadableStream<Uint8Array> | undefined;

  constructor(child: Child, protocol: Protocol<In, Out> & ConnectionOptions) {
    super(child.transport, protocol);
    this.#child = child;
    this.pid = child.pid;
    this.exited = child.exited;
    this.stderr = child.stderr;
  }

  override abort(reason?: unknown): void {
    super.abort(reason);
    if (!this.detached) this.#child.kill("SIGKILL");
  }

  protected override async processEnded(): Promise<void> {
    const { stderr } = this;
    const ended = new AbortController();
    if (stderr?.locked === false) {
      stderr.pipeTo(new WritableStream(), { signal: ended.signal }).catch(() => {});
    }
    await this.#child.stop();
    ended.abort();
  }
}
