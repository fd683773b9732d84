/**
 * Counts the instructions per frame, which unlike time do not vary between runs. Fails if a count is
 * more than a tenth above `bench/counts/expected.json`.
 *
 *     deno task bench:counts            # in the gate
 *     deno task bench:counts --update   # records the current counts
 *
 * @module
 */

import { countAll, countedRuntime, obstacle } from "./counts/callgrind.ts";
import { digits, printTable } from "./support/report.ts";

/** The content of `expected.json`. */
interface Recorded {
  readonly runtime: string;
  readonly unit: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** Allowed ratio to the recorded count; another libc makes a difference. */
const TOLERANCE = 1.1;

const root = new URL("../", import.meta.url);
const record = new URL("counts/expected.json", import.meta.url);

const reason = await obstacle();
if (reason !== undefined) {
  console.log(`counts: skipped, ${reason}`);
  // In CI a check that did not run must not look like one that passed.
  Deno.exit(Deno.env.has("CI") ? 1 : 0);
}

const counted = await countAll(root);
const names = Object.keys(counted).sort();
if (Deno.args.includes("--update")) {
  const counts = Object.fromEntries(names.map((name) => [name, Math.round(counted[name]!)]));
  const recorded: Recorded = { runtime: countedRuntime, unit: "instructions per frame", counts };
  await Deno.writeTextFile(record, `${JSON.stringify(recorded, null, 2)}\n`);
}

const { runtime, counts }: Recorded = JSON.parse(await Deno.readTextFile(record));
if (runtime !== countedRuntime) {
  throw new Error(`The counts are for ${runtime}, not for ${countedRuntime}: run with --update`);
}

const rows = names.map((name) => {
  const ratio = counted[name]! / (counts[name] ?? 0);
  const verdict = ratio > TOLERANCE ? "too much" : ratio < 1 / TOLERANCE ? "--update" : "";
  return { name, ratio, verdict };
});
printTable({
  title: `instructions per frame, ${runtime}`,
  head: ["", "expected", "counted", "×", ""],
  rows: rows.map(({ name, ratio, verdict }) => [
    name,
    counts[name] === undefined ? "none" : digits(counts[name]),
    digits(counted[name]!),
    ratio.toFixed(3),
    verdict,
  ]),
});
const failed = rows.filter(({ verdict }) => verdict === "too much").length;
if (rows.some(({ verdict }) => verdict === "--update")) {
  console.log("Some counts are lower than recorded: run with --update to keep the gain");
}
console.log(`counts: ${rows.length - failed} passed, ${failed} failed`);
if (failed > 0) Deno.exit(1);
