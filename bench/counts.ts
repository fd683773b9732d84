/**
 * Holds what a frame costs against what it has cost: not in time, which differs from run to run, but in
 * instructions, which do not. Fails where a frame takes a tenth more than is recorded in
 * `bench/counts/expected.json`.
 *
 *     deno task bench:counts            # in the gate
 *     deno task bench:counts --update   # records what is counted now
 *
 * @module
 */

import { countAll, countedRuntime, obstacle } from "./counts/callgrind.ts";
import { digits, printTable } from "./support/report.ts";

/** What is in `expected.json`. */
interface Recorded {
  readonly runtime: string;
  readonly unit: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** So much more than recorded may be counted: room for another libc. */
const TOLERANCE = 1.1;

const root = new URL("../", import.meta.url);
const record = new URL("counts/expected.json", import.meta.url);

const reason = await obstacle();
if (reason !== undefined) {
  console.log(`counts: left out, ${reason}`);
  // A guard that is not there must not look like one that is content.
  Deno.exit(Deno.env.has("CI") ? 1 : 0);
}

const counted = await countAll(root);
const names = Object.keys(counted).sort();
if (Deno.args.includes("--update")) {
  const counts = Object.fromEntries(names.map((name) => [name, Math.round(counted[name]!)]));
  const recorded: Recorded = { runtime: countedRuntime, unit: "instructions a frame", counts };
  await Deno.writeTextFile(record, `${JSON.stringify(recorded, null, 2)}\n`);
}

const { runtime, counts }: Recorded = JSON.parse(await Deno.readTextFile(record));
if (runtime !== countedRuntime) {
  throw new Error(`The counts are those of ${runtime}, not of ${countedRuntime}: --update them`);
}

const rows = names.map((name) => {
  const ratio = counted[name]! / (counts[name] ?? 0);
  const verdict = ratio > TOLERANCE ? "too much" : ratio < 1 / TOLERANCE ? "--update" : "";
  return { name, ratio, verdict };
});
printTable({
  title: `instructions a frame, ${runtime}`,
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
  console.log("Less than recorded: --update makes the guard keep it so");
}
console.log(`counts: ${rows.length - failed} passed, ${failed} failed`);
if (failed > 0) Deno.exit(1);
