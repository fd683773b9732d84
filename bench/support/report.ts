/**
 * Results for people, as tables, and for programs, as JSON.
 *
 * @module
 */

import type { Times } from "./race.ts";
import { commandOf, runtimes } from "./runtimes.ts";

/** One figure: the median of all rounds, and how far they lie apart. */
export interface Figure {
  readonly name: string;
  /** In the unit of its table. */
  readonly median: number;
  /** The distance between the first and the third quartile, as a part of the median. */
  readonly spread: number;
}

/** A figure of what was timed, for each of `count` things done in one run. */
export function figureOf({ name, rounds }: Times, count: number): Figure {
  const sorted = rounds.map((time) => time / count).sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  return {
    name,
    median,
    spread: (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / median,
  };
}

/** The value below which a part of the sorted ones lies, in between where there is none. */
export function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part;
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at % 1);
}

/** A table of figures. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Prints a table, numbers to the right. */
export function printTable({ title, head, rows }: Table): void {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  console.log(`\n${title}`);
  for (const row of all) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
    );
    console.log(cells.join("  ").trimEnd());
  }
}

/** A number with as many digits as mean something. */
export function digits(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** What the figures were taken on. */
export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly runtimes: readonly string[];
}

/** The machine this runs on. */
export async function machine(): Promise<Machine> {
  const versions = await Promise.all(runtimes.map(versionOf));
  const cpus = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: /model name\s*: (.*)/.exec(cpus)?.[1] ?? `${Deno.build.arch}`,
    cores: navigator.hardwareConcurrency,
    runtimes: versions,
  };
}

async function versionOf(runtime: string): Promise<string> {
  const [program] = await commandOf(runtime);
  const { stdout } = await new Deno.Command(program!, { args: ["--version"] })
    .output();
  const version = /\d+\.\d+\.\d+/.exec(new TextDecoder().decode(stdout))![0];
  return `${runtime.split("@")[0]} ${version}`;
}

/** Writes results where the documentation finds them: `docs/performance/NAME.json`. */
export async function writeJson(name: string, value: object): Promise<void> {
  const folder = new URL("../../docs/performance/", import.meta.url);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(
    new URL(`${name}.json`, folder),
    JSON.stringify(value, null, 2) + "\n",
  );
}
