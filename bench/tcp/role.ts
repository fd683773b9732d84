/**
 * What each program under test can do, whoever has written it, and how it is told to. A server prints
 * its port, then for each line it reads what it has used. A client prints `"ready"`, then for each line
 * with a number of milliseconds plays its role for so long, and prints the result. Both end with their
 * input.
 *
 * @module
 */

import process from "node:process";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** What a process is to do: given to it as JSON. */
export interface Role {
  /** `"echo"` sends each message back, `"sink"` counts them. The others are clients. */
  readonly name: "echo" | "sink" | "pingPong" | "flood" | "duplex";
  readonly hostname: string;
  /** Default 0: the system chooses one. */
  readonly port?: number;
  /** How many connections there are, or will be. */
  readonly connections: number;
  /** How long a message is. */
  readonly size: number;
  /** Which calls of the library are used; by hand there is no choice. */
  readonly face: string;
  /** How often an echo goes over each message, for a handler that computes; default 0. */
  readonly toil?: number;
  /** Others listen on the port, too. */
  readonly reusePort?: boolean;
  /** So many workers, each a thread of its own, serve on one port; default 0: the process itself does. */
  readonly workers?: number;
}

/** What a server has used. */
export interface Use {
  /** Bytes, now. */
  readonly memory: number;
  /** Processor time since it was started, in nanoseconds. */
  readonly processor: number;
}

/** What a client has done. */
export interface Result {
  /** Messages that came, all the way. */
  readonly messages: number;
  readonly nanoseconds: number;
  /** The client's processor time, in nanoseconds. */
  readonly processor: number;
  /** The median of a round trip, where there is one at a time, in nanoseconds. */
  readonly p50?: number;
}

/** Plays a client's role for so many milliseconds. */
export type Run = (milliseconds: number) => Promise<Omit<Result, "processor" | "nanoseconds">>;

/** A program under test. */
export interface Program {
  /** Listens, and serves for ever. Returns the port. */
  serve(role: Role): Promise<number>;
  /** Connects, and gets ready. */
  pingPong(role: Role): Promise<Run>;
  /** Sends one way, as much as the peer takes. */
  flood(role: Role): Promise<Run>;
  /** Sends as much as the peer takes, and receives all of it back. */
  duplex(role: Role): Promise<Run>;
}

/** Plays the role that the command line says. */
export async function play(program: Program): Promise<void> {
  if (!isMainThread) return parentPort!.postMessage(await program.serve(workerData));
  const role: Role = JSON.parse(process.argv.at(-1)!);
  if (role.name === "echo" || role.name === "sink") {
    tell(await (role.workers === undefined ? program.serve(role) : serveByWorkers(role)));
    for await (const _ of lines()) {
      tell({ memory: process.memoryUsage().rss, processor: processorTime() });
    }
  } else {
    const run = await program[role.name](role);
    tell("ready");
    for await (const line of lines()) {
      const before = processorTime();
      const started = performance.now();
      const result = await run(Number(line));
      const nanoseconds = (performance.now() - started) * 1e6;
      tell({ ...result, nanoseconds, processor: processorTime() - before });
    }
  }
  process.exit(0);
}

/** Serves by workers that run this program. Returns the port that they share. */
async function serveByWorkers({ workers = 0, ...role }: Role): Promise<number> {
  let { port = 0 } = role;
  for (let count = 0; count < workers; count++) {
    const worker = new Worker(process.argv[1]!, { workerData: { ...role, port } });
    port = await new Promise<number>((resolve, reject) => {
      worker.once("message", resolve).once("error", reject);
    });
  }
  return port;
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

async function* lines(): AsyncGenerator<string> {
  let rest = "";
  for await (const text of process.stdin.setEncoding("utf8")) {
    const whole = (rest + text).split("\n");
    rest = whole.pop()!;
    yield* whole;
  }
}

function tell(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
