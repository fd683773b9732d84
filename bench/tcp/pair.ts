import { LineProcess } from "../../tests/support/line_process.ts";
import type { Result, Role, Use } from "./role.ts";

/** Returns the command that plays a role. */
export type CommandOf = (role: Role) => readonly string[];

/** Two processes that talk to each other, and where they run. */
export interface PairOptions {
  readonly server: Role;
  readonly client: Omit<Role, "port">;
  readonly serverProgram: CommandOf;
  readonly clientProgram: CommandOf;
  /** Whether both run on one core; otherwise each has its own. */
  readonly sameCore: boolean;
}

/** The result of one round. */
export interface Round extends Result {
  /** Resident memory of the server after the round, in bytes. */
  readonly memory: number;
  /** Processor time of the server, in nanoseconds. */
  readonly serverProcessor: number;
}

const environment: Readonly<Record<string, string>> = { DENO_NO_UPDATE_CHECK: "1" };
const cores = await coresToPin();

/** Whether processes are pinned to cores. */
export const pinned: boolean = cores !== undefined;

/** A server and its client, each in its own process. */
export class Pair {
  readonly #server: LineProcess;
  readonly #client: LineProcess;
  /** Resident memory of the server before the first connection, in bytes. */
  readonly memoryBefore: number;

  private constructor(server: LineProcess, client: LineProcess, { memory }: Use) {
    this.#server = server;
    this.#client = client;
    this.memoryBefore = memory;
  }

  /** Starts both, and connects them. */
  static async start(options: PairOptions): Promise<Pair> {
    const server = new LineProcess(pin(options.serverProgram(options.server), 0), environment);
    try {
      const port = await server.next() as number;
      const before = await useOf(server);
      const command = options.clientProgram({ ...options.client, port });
      const client = new LineProcess(pin(command, options.sameCore ? 0 : 1), environment);
      const pair = new Pair(server, client, before);
      await client.next();
      return pair;
    } catch (error) {
      server.kill();
      throw error;
    }
  }

  /** Lets the client play for a number of milliseconds. */
  async play(milliseconds: number): Promise<Round> {
    const before = await useOf(this.#server);
    this.#client.go(String(milliseconds));
    const result = await this.#client.next() as Result;
    const { memory, processor } = await useOf(this.#server);
    return { ...result, memory, serverProcessor: processor - before.processor };
  }

  /** Ends both. */
  async end(): Promise<void> {
    this.#client.kill();
    this.#server.kill();
    await Promise.allSettled([this.#client.ended, this.#server.ended]);
  }
}

function pin(command: readonly string[], core: 0 | 1): readonly string[] {
  return cores === undefined ? command : ["taskset", "-c", String(cores[core]), ...command];
}

async function useOf(server: LineProcess): Promise<Use> {
  server.go("use");
  return await server.next() as Use;
}

/** Returns two cores that this process may use, if it can pin processes to them. */
async function coresToPin(): Promise<readonly number[] | undefined> {
  try {
    const args = ["-cp", String(Deno.pid)];
    const { stdout } = await new Deno.Command("taskset", { args }).output();
    const list = new TextDecoder().decode(stdout).split(":")[1]!.trim();
    const all = list.split(",").flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
    return all.length < 2 ? undefined : all.slice(0, 2);
  } catch {
    return undefined;
  }
}
