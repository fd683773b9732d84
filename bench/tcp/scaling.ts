/**
 * What a second server on the same port adds, a process or a worker of one process. Each message costs
 * its handler some computing, so that servers and not clients are what is short; the clients share a core
 * with the second server.
 *
 * @module
 */

import { LineProcess } from "../../tests/support/line_process.ts";
import { digits, quantile, type Table } from "../support/report.ts";
import type { Programs } from "./cases.ts";
import { environment, pin, type Play } from "./pair.ts";
import type { Result, Role } from "./role.ts";

const CONNECTIONS = 64;
const ROUNDS = 5;
const MILLISECONDS = 400;
/** So often the handler goes over the 64 bytes of a message: tens of microseconds. */
const TOIL = 400;

/** Messages a second by one server, and by two of a kind; the gain: 2 would be all there is. */
export interface Scaling {
  readonly name: string;
  readonly kind: Kind;
  readonly one: number;
  readonly two: number;
  readonly gain: number;
  /** Why there is nothing to tell. */
  readonly missing?: string;
}

const kinds = ["processes", "workers"] as const;
type Kind = typeof kinds[number];

/** Lets one and two servers echo by turns, by hand and by this library. */
export async function scaling({ raw, framed, peer = raw }: Programs): Promise<Scaling[]> {
  const results: Scaling[] = [];
  for (const kind of kinds) {
    for (const [name, play] of Object.entries({ raw, "for await": framed })) {
      const hostname = Deno.build.os === "linux" ? `127.0.0.${21 + results.length}` : "127.0.0.1";
      results.push(await scale(name, kind, { server: play, client: peer, hostname }));
    }
  }
  return results;
}

interface Sides {
  readonly server: Play;
  readonly client: Play;
  readonly hostname: string;
}

async function scale(
  name: string,
  kind: Kind,
  { server, client, hostname }: Sides,
): Promise<Scaling> {
  const processes: LineProcess[] = [];
  const start = async (play: Play, role: Omit<Role, "size" | "connections">, core?: number) => {
    const command = play({ connections: CONNECTIONS, size: 64, ...role });
    const process = new LineProcess(
      core === undefined ? command : pin(command, core),
      environment,
    );
    processes.push(process);
    return { process, said: await process.next() as number };
  };
  try {
    const echo = {
      name: "echo",
      hostname,
      face: "for await",
      toil: TOIL,
      reusePort: true,
    } as const;
    const ask = { name: "pingPong", hostname, face: "for await" } as const;
    const { said: port } = await start(server, echo, 0);
    const one = (await start(client, { ...ask, port }, 1)).process;
    // Two ports: the connections of the first client must all be with one server.
    const { said: shared } = kind === "workers"
      ? await start(server, { ...echo, workers: 2 })
      : await start(server, echo, 0);
    if (kind === "processes") await start(server, { ...echo, port: shared }, 1);
    const two = (await start(client, { ...ask, port: shared }, 1)).process;
    for (const process of [one, two]) await rate(process);
    const rates: { one: number; two: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      rates.push({ one: await rate(one), two: await rate(two) });
    }
    return {
      name,
      kind,
      one: middle(rates.map(({ one }) => one)),
      two: middle(rates.map(({ two }) => two)),
      gain: middle(rates.map(({ one, two }) => two / one)),
    };
  } catch (error) {
    const missing = (error as Error).message.split("\n")[0]!;
    return { name, kind, one: NaN, two: NaN, gain: NaN, missing };
  } finally {
    for (const process of processes) process.kill();
    await Promise.allSettled(processes.map(({ ended }) => ended));
  }
}

/** What a runtime has come to, as a table. */
export function scalingTable(runtime: string, results: readonly Scaling[]): Table {
  return {
    title: `${runtime}: echo by ${CONNECTIONS} connections, with computing, messages/s`,
    head: ["", "one server", "two", "gain"],
    rows: results.map(({ name, kind, one, two, gain, missing }) =>
      missing === undefined
        ? [`${name}, ${kind}`, digits(one), digits(two), gain.toFixed(2)]
        : [`${name}, ${kind}: ${missing}`, "", "", ""]
    ),
  };
}

async function rate(client: LineProcess): Promise<number> {
  client.go(String(MILLISECONDS));
  const { messages, nanoseconds } = await client.next() as Result;
  return messages / nanoseconds * 1e9;
}

function middle(values: number[]): number {
  return quantile(values.sort((a, b) => a - b), 0.5);
}
