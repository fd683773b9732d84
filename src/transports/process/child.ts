import { readableOf } from "../../async/readable_of.ts";
import { connectionError, TransportFailure } from "../connection_error.ts";
import type { Transport } from "../transport.ts";
import { type Readable, ReadableEnd, type Writable } from "../node/stream_ends.ts";
import { chunkBytes } from "../web/stream_reader.ts";
import { holdBack, Pipes } from "./pipes.ts";
import { type ExitLimits, stop } from "./stop.ts";

/** How a process ended. */
export interface ExitStatus {
  /** The exit code; `undefined` if a signal ended the process. */
  readonly code: number | undefined;
  /** The signal that ended the process, such as `"SIGKILL"`; `undefined` if it exited by itself. */
  readonly signal: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What to start. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** Environment variables in addition to those of this process; `undefined` removes one. */
  readonly env: Environment | undefined;
  readonly cwd: string | undefined;
  readonly stderr: "inherit" | "piped" | "ignore";
}

/** A child process that has been started. */
export interface Child {
  readonly pid: number;
  /** Its stdin and stdout. Aborting it stops the process. */
  readonly transport: Transport;
  readonly stderr: ReadableStream<Uint8Array> | undefined;
  readonly exited: Promise<ExitStatus>;
  /** Waits until the process has exited, and sends signals after its limits. Call it when its stdin has ended. */
  stop(): Promise<void>;
  /** Sends a signal, unless the process has exited. */
  kill(signal: Signal): void;
}

type Signal = "SIGTERM" | "SIGKILL";

// The members used of node:child_process.
interface ChildProcess {
  readonly pid?: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable | null;
  on(event: "spawn", listener: () => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "exit", listener: (code: number | null, signal: string | null) => void): this;
  ref(): void;
  unref(): void;
}
interface SpawnOptions {
  readonly env: Environment | undefined;
  readonly cwd: string | undefined;
  readonly stdio: readonly string[];
  readonly windowsHide: boolean;
}
interface ChildProcesses {
  spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess;
}
interface Runtime {
  readonly process?: {
    readonly env: Environment;
    kill(pid: number, signal: Signal): unknown;
    getBuiltinModule?(name: "node:child_process"): ChildProcesses | undefined;
  };
}

/** Starts a child process with `node:child_process`, which Deno and Bun have, too. */
export async function startChild(
  action: string,
  given: Command,
  limits: ExitLimits,
): Promise<Child> {
  const { process } = globalThis as Runtime;
  const processes = process?.getBuiltinModule?.("node:child_process");
  if (processes === undefined) {
    throw connectionError(
      action,
      new TransportFailure("unsupported", "this runtime has no child processes"),
    );
  }
  const { command, args, cwd, stderr } = given;
  const stdio = ["pipe", "pipe", stderr === "piped" ? "pipe" : stderr];
  try {
    // Deno may forbid reading the environment.
    const env = given.env && { ...process!.env, ...given.env };
    const options = { env, cwd, stdio, windowsHide: true };
    return await started(processes.spawn(command, args, options), limits);
  } catch (error) {
    throw connectionError(action, error);
  }
}

/** Some errors are thrown, others are events, and it depends on the runtime which ones are. */
function started(process: ChildProcess, limits: ExitLimits): Promise<Child> {
  return new Promise((resolve, reject) => {
    process.on("error", reject);
    const { pid, stderr } = process;
    if (pid === undefined) return;
    let running = true;
    const exited = new Promise<ExitStatus>((resolve) => {
      process.on("exit", (code, signal) => {
        running = false;
        resolve({ code: code ?? undefined, signal: signal ?? undefined });
      });
    });
    const kill = (signal: Signal) => {
      if (running) signalProcess(pid, signal);
    };
    let stopping: Promise<void> | undefined;
    const child = {
      pid,
      stderr: stderr === null ? undefined : streamOf(stderr),
      exited,
      stop: () => stopping ??= stop(exited, kill, limits),
      kill,
    };
    const transport = new ChildTransport(process, child);
    process.on("spawn", () => resolve({ ...child, transport }));
  });
}

/**
 * Sends a signal. The `kill` of Deno's child processes sends only one, and reports it as the cause of every
 * exit (Deno 2.9).
 */
function signalProcess(pid: number, signal: Signal): void {
  try {
    (globalThis as Runtime).process!.kill(pid, signal);
  } catch {
    // The process has exited, or belongs to another user now.
  }
}

/** The stdin and stdout of a child process. */
class ChildTransport extends Pipes {
  readonly #process: ChildProcess;
  readonly #child: Omit<Child, "transport">;

  constructor(process: ChildProcess, child: Omit<Child, "transport">) {
    super(process.stdout, process.stdin);
    this.#process = process;
    this.#child = child;
  }

  override abort(): void {
    this.close();
    void this.#child.stop();
  }

  override ref(): void {
    super.ref();
    this.#process.ref();
    this.#process.stderr?.ref?.();
  }

  override unref(): void {
    super.unref();
    this.#process.unref();
    this.#process.stderr?.unref?.();
  }

  /** Discards the output of a child that is still running: its writes must not fail while it exits. */
  protected override destroy(): void {
    const { input } = this;
    this.output.destroy();
    const discard = () => {
      while (input.read() !== null);
    };
    input.on("readable", discard);
    discard();
    void this.#child.exited.then(() => input.destroy());
  }
}

/** Returns a Node stream as a Web Stream. `Readable.toWeb` of Bun 1.4 throws if its reader is slow. */
function streamOf(readable: Readable): ReadableStream<Uint8Array> {
  holdBack(readable);
  const reader = new ReadableEnd(readable);
  const read = async () => {
    const { done, value } = await reader.read().catch((cause) => {
      throw connectionError("Cannot receive", cause);
    });
    return done ? undefined : chunkBytes(value);
  };
  return readableOf(read, () => void readable.destroy());
}
