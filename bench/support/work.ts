import process from "node:process";
import type { Tally } from "./tally.ts";

/** The whole work of a candidate, once. */
export type Work = () => Tally | Promise<Tally>;

/** The part of mitata that is used here. */
interface Mitata {
  measure(
    run: () => unknown,
    options: Readonly<Record<string, number | boolean>>,
  ): Promise<{ readonly p50: number }>;
}

/** Takes part in a race (`race.ts`) as a candidate written in JavaScript. */
export async function takePart(work: Work): Promise<void> {
  // A variable: type checks must not depend on packages of bench/node_modules.
  const name: string = "mitata";
  const { measure }: Mitata = await import(name);
  const { frames, lengths, firsts } = await work();
  print({ frames, lengths, firsts });
  for await (const line of inputLines()) {
    const { p50 } = await measure(work, {
      min_cpu_time: Number(line) * 1e6,
      min_samples: 3,
      batch_samples: 1,
      warmup_samples: 0,
      // Bun 1.4.5 discards compiled code in an explicit collection.
      gc: false,
    });
    print(p50);
  }
}

/** The lines of the standard input. */
export async function* inputLines(): AsyncGenerator<string> {
  let rest = "";
  for await (const text of process.stdin.setEncoding("utf8")) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** Prints a value as a line of JSON. */
export function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
