import { LineProcess } from "../../tests/support/line_process.ts";
import type { Result, Role, Use } from "./role.ts";

/** The command that plays a role. */
export type Play = (role: Role) => readonly string[];

/** Two processes that talk to each other, and where they run. */
export interface PairOptions {
  readonly server: Role;
  readonly client: Omit<Role, "port">;
  readonly playServer: Play;
  readonly playClient: Play;
  /** Both on one core; else each on one of its own. */
  readonly sameCore: boolean;
}

/** What has happened in one round. */
export interface Round extends Result {
  /** The server's memory behind it, in bytes. */
  readonly memory: number;
  /** The server's processor time, in nanoseconds. */
  readonly serverProcessor: number;
}

/** What processes find in their environment. */
export const environment: Readonly<Record<string, string>> = { DENO_NO_UPDATE_CHECK: "1" };
const cores = await coresToPin();

/** Processes can be kept on one core each. */
export const pinned: boolean = cores !== undefined;

/** A server and its client, each in a process of its own. */
export class Pair {
  readonly #server: LineProcess;
  readonly #client: LineProcess;
  /** The server's memory before anybody was connected. */
  readonly memoryBefore: number;

  private constructor(server: LineProcess, client: LineProcess, { memory }: Use) {
    this.#server = server;
    this.#client = client;
    this.memoryBefore = memory;
  }

  /** Starts both, and connects them. */
  static async start(options: PairOptions): Promise<Pair> {
    const server = new LineProcess(pin(options.playServer(options.server), 0), environment);
    try {
      const port = await server.next() as number;
      const before = await useOf(server);
      const command = options.playClient({ ...options.client, port });
      const client = new LineProcess(pin(command, options.sameCore ? 0 : 1), environment);
      const pair = new Pair(server, client, before);
      await client.next();
      return pair;
    } catch (error) {
      server.kill();
      throw error;
    }
  }

  /** Has the client play for so long. */
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

/** Keeps a command on one of the cores there are, where that can be done. */
export function pin(command: readonly string[], core: number): readonly string[] {
  if (cores === undefined) return command;
  return ["taskset", "-c", String(cores[core % cores.length]), ...command];
}

async function useOf(server: LineProcess): Promise<Use> {
  server.go("use");
  return await server.next() as Use;
}

/** Two cores that this process may run on. */
async function coresToPin(): Promise<readonly number[] | undefined> {
  try {
    const { stdout } = await new Deno.Command("taskset", { args: ["-cp", String(Deno.pid)] })
      .output();
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
