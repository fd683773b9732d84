import { quantile } from "../support/report.ts";
import type { Case, Entry, Programs } from "./cases.ts";
import { Pair, type Round } from "./pair.ts";

/** What one entry has come to: medians of all rounds. */
export interface Outcome {
  readonly name: string;
  /** In the unit of its case. */
  readonly median: number;
  /** The distance between the first and the third quartile, as a part of the median. */
  readonly spread: number;
  /** Its rate as a part of the first entry's, round by round. */
  readonly ratio: number;
  /** Nanoseconds of processor time a message on each side. */
  readonly processor: { readonly server: number; readonly client: number };
  /** The processor time of both as a part of the first entry's, round by round: less is better. */
  readonly processorRatio: number;
  /** Microseconds a round trip, where there is one at a time. */
  readonly p50?: number;
  /** The server's memory, MiB: before anybody was connected, and at most. */
  readonly memory: { readonly before: number; readonly most: number };
}

/** How long a contest takes. */
export interface ContestOptions {
  readonly rounds: number;
  /** How long each one plays in each round, in milliseconds. */
  readonly milliseconds: number;
  /** How long each one plays before. */
  readonly warmUp: number;
}

const MIB = 1_048_576;

/** Plays one case: all entries are there from the start, and take turns. */
export async function contest(
  subject: Case,
  programs: Programs,
  options: ContestOptions,
): Promise<Outcome[]> {
  const entries = subject.entries(programs);
  const pairs: Pair[] = [];
  const rounds: Round[][] = entries.map(() => []);
  try {
    for (const [index, entry] of entries.entries()) pairs.push(await start(subject, entry, index));
    for (const pair of pairs) await pair.play(options.warmUp);
    for (let round = 0; round < options.rounds; round++) {
      for (const [index, pair] of pairs.entries()) {
        rounds[index]!.push(await pair.play(options.milliseconds));
      }
    }
  } finally {
    await Promise.all(pairs.map((pair) => pair.end()));
  }
  return entries.map(({ name }, index) =>
    outcome(name, { subject, rounds: rounds[index]!, first: rounds[0]!, pair: pairs[index]! })
  );
}

function start(subject: Case, { server, client }: Entry, index: number): Promise<Pair> {
  const { size, connections, sameCore } = subject;
  // Each has ports of its own: those of connections that have ended rest for a minute.
  const hostname = Deno.build.os === "linux" ? `127.0.0.${index + 1}` : "127.0.0.1";
  const role = { hostname, size, connections };
  return Pair.start({
    server: { ...role, name: subject.server, face: server.face ?? "" },
    client: { ...role, name: subject.client, face: client.face ?? "" },
    playServer: server.play,
    playClient: client.play,
    sameCore,
  });
}

interface Played {
  readonly subject: Case;
  readonly rounds: readonly Round[];
  readonly first: readonly Round[];
  readonly pair: Pair;
}

function outcome(name: string, { subject, rounds, first, pair }: Played): Outcome {
  const scale = { "MB/s": subject.size / 1e6, "M messages/s": 1e-6 }[subject.unit as string] ?? 1;
  const rates = sorted(rounds.map((round) => rate(round) * scale));
  const median = quantile(rates, 0.5);
  const p50 = middle(rounds.map(({ p50 }) => (p50 ?? NaN) / 1000));
  return {
    name,
    median,
    spread: (quantile(rates, 0.75) - quantile(rates, 0.25)) / median,
    ratio: middle(rounds.map((round, index) => rate(round) / rate(first[index]!))),
    processor: {
      server: middle(rounds.map((round) => round.serverProcessor / round.messages)),
      client: middle(rounds.map((round) => round.processor / round.messages)),
    },
    processorRatio: middle(rounds.map((round, index) => effort(round) / effort(first[index]!))),
    ...subject.connections === 1 && subject.client === "pingPong" && { p50 },
    memory: {
      before: pair.memoryBefore / MIB,
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

function middle(values: number[]): number {
  return quantile(sorted(values), 0.5);
}

function sorted(values: number[]): number[] {
  return values.sort((a, b) => a - b);
}
