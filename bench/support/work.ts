/**
 * The side of {@link race} that a contestant in JavaScript is on.
 *
 * @module
 */

import process from "node:process";
import type { Tally } from "./workloads.ts";

/** All of a contestant's work, once, from the start. */
export type Work = () => Tally | Promise<Tally>;

/** The part of mitata that is used here. */
interface Mitata {
  measure(
    run: () => unknown,
    options: Readonly<Record<string, number | boolean>>,
  ): Promise<{ readonly p50: number }>;
}

/** Says what the work finds, then does it for as long as it is told, until its input ends. */
export async function takePart(work: Work): Promise<void> {
  // It is found in bench/node_modules; what is checked without it must not look for it.
  const name: string = "mitata";
  const { measure }: Mitata = await import(name);
  const { frames, lengths, firsts } = await work();
  tell({ frames, lengths, firsts });
  let rest = "";
  for await (const text of process.stdin.setEncoding("utf8")) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const { p50 } = await measure(work, {
        min_cpu_time: Number(line) * 1e6,
        min_samples: 3,
        batch_samples: 1,
        warmup_samples: 0,
        // Bun 1.4.5 throws compiled code away when it is told to collect: what follows is compiled anew.
        gc: false,
      });
      tell(p50);
    }
  }
}

function tell(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
