/**
 * Results: tables on the terminal, and JSON in `.bench/` for `deno task bench:page`.
 *
 * @module
 */

import type { Times } from "./race.ts";
import { commandOf, runtimes } from "./runtimes.ts";

/** The median of all rounds, and their spread. */
export interface Figure {
  readonly name: string;
  /** In the unit of its table. */
  readonly median: number;
  /** Interquartile range divided by the median. */
  readonly spread: number;
}

/** A table of figures. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Where figures were measured. */
export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly runtimes: readonly string[];
}

/** The folder of the results; Git ignores it. */
export const resultsFolder: URL = new URL("../../.bench/", import.meta.url);

/** Returns the figure of what was timed, for each of `count` units of work in one run. */
export function figureOf({ name, rounds }: Times, count: number): Figure {
  return { name, ...summarize(rounds.map((time) => time / count)) };
}

/** Returns the median and the spread of values. */
export function summarize(values: readonly number[]): { median: number; spread: number } {
  const median = quantile(values, 0.5);
  return { median, spread: (quantile(values, 0.75) - quantile(values, 0.25)) / median };
}

/** Returns a quantile of values, interpolated linearly. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at % 1);
}

/** Prints a table, numbers aligned to the right. */
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

/** Formats a number with three significant digits, or as an integer from 1,000. */
export function digits(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  if (value < 1) return value.toPrecision(2);
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/** Formats a fraction as a percentage. */
export function percent(fraction: number): string {
  return `${Math.round(fraction * 100)}%`;
}

/** Writes results, with the machine they were measured on, to `.bench/NAME.json`. */
export async function writeResults(name: string, results: object): Promise<void> {
  await Deno.mkdir(resultsFolder, { recursive: true });
  const text = JSON.stringify({ machine: await machine(), ...results }, null, 2);
  await Deno.writeTextFile(new URL(`${name}.json`, resultsFolder), `${text}\n`);
}

async function machine(): Promise<Machine> {
  const cpus = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: /model name\s*: (.*)/.exec(cpus)?.[1] ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    runtimes: await Promise.all(runtimes.map(versionOf)),
  };
}

async function versionOf(runtime: string): Promise<string> {
  const [program] = await commandOf(runtime);
  const { stdout } = await new Deno.Command(program!, { args: ["--version"] }).output();
  const version = /\d+\.\d+\.\d+/.exec(new TextDecoder().decode(stdout))![0];
  return `${runtime.split("@")[0]} ${version}`;
}
