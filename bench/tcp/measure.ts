import { quantile, summarize } from "../support/report.ts";
import type { Case, Entry, Programs } from "./cases.ts";
import { Pair, type Round } from "./pair.ts";

/** Medians of all rounds of one entry. */
export interface Outcome {
  readonly name: string;
  /** In the unit of its case. */
  readonly median: number;
  /** Interquartile range divided by the median. */
  readonly spread: number;
  /** Ratio of its rate to that of the first entry, by round. */
  readonly ratio: number;
  /** Processor time per message on each side, in nanoseconds. */
  readonly processor: { readonly server: number; readonly client: number };
  /** Ratio of its processor time, both sides together, to that of the first entry, by round. */
  readonly processorRatio: number;
  /** Median round trip in microseconds, for a single connection. */
  readonly p50: number;
  /** Resident memory of the server in MiB: before the first connection, and at most. */
  readonly memory: { readonly before: number; readonly most: number };
}

/** How a case is measured. */
export interface MeasureOptions {
  readonly rounds: number;
  /** Time that each entry plays in each round, in milliseconds. */
  readonly milliseconds: number;
  /** Time that each entry plays before the first round. */
  readonly warmUp: number;
}

const MIB = 1_048_576;

/** Measures one case: all entries run from the start, and take turns. */
export async function measure(
  subject: Case,
  programs: Programs,
  { rounds, milliseconds, warmUp }: MeasureOptions,
): Promise<Outcome[]> {
  const entries = subject.entries(programs);
  const pairs: Pair[] = [];
  const played: Round[][] = entries.map(() => []);
  try {
    for (const [index, entry] of entries.entries()) pairs.push(await start(subject, entry, index));
    for (const pair of pairs) await pair.play(warmUp);
    for (let round = 0; round < rounds; round++) {
      for (const [index, pair] of pairs.entries()) {
        played[index]!.push(await pair.play(milliseconds));
      }
    }
  } finally {
    await Promise.all(pairs.map((pair) => pair.end()));
  }
  return entries.map(({ name }, index) => {
    const { memoryBefore: before } = pairs[index]!;
    return { name, ...outcomeOf(subject, played[index]!, played[0]!, before) };
  });
}

function start(subject: Case, { server, client }: Entry, index: number): Promise<Pair> {
  const { size, connections, sameCore } = subject;
  // Each pair has its own address: ports of closed connections stay reserved for a minute.
  const hostname = Deno.build.os === "linux" ? `127.0.0.${index + 1}` : "127.0.0.1";
  const role = { hostname, size, connections };
  return Pair.start({
    server: { ...role, name: subject.server, api: server.api ?? "" },
    client: { ...role, name: subject.client, api: client.api ?? "" },
    serverProgram: server.program,
    clientProgram: client.program,
    sameCore,
  });
}

function outcomeOf(
  { size, unit }: Case,
  rounds: readonly Round[],
  first: readonly Round[],
  memoryBefore: number,
): Omit<Outcome, "name"> {
  const scale = { "MB/s": size / 1e6, "M messages/s": 1e-6 }[unit as string] ?? 1;
  const middle = (of: (round: Round, index: number) => number) => quantile(rounds.map(of), 0.5);
  return {
    ...summarize(rounds.map((round) => rate(round) * scale)),
    ratio: middle((round, index) => rate(round) / rate(first[index]!)),
    processor: {
      server: middle((round) => round.serverProcessor / round.messages),
      client: middle((round) => round.processor / round.messages),
    },
    processorRatio: middle((round, index) => effort(round) / effort(first[index]!)),
    p50: middle(({ p50 = 0 }) => p50 / 1000),
    memory: {
      before: memoryBefore / MIB,
      most: Math.max(...rounds.map(({ memory }) => memory)) / MIB,
    },
  };
}

function rate({ messages, nanoseconds }: Round): number {
  return messages / nanoseconds * 1e9;
}

function effort({ messages, processor, serverProcessor }: Round): number {
  return (processor + serverProcessor) / messages;
}
