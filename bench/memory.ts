/**
 * What framing costs in memory, one thread, on each runtime: this library against loops written by hand
 * for one framing.
 *
 *     deno task bench                          # all of it
 *     deno task bench decoding W1,W4 node@26   # a part
 *
 * @module
 */

import { claims, references } from "./memory/contestant.ts";
import { race } from "./support/race.ts";
import {
  digits,
  type Figure,
  figureOf,
  machine,
  printTable,
  type Table,
  writeJson,
} from "./support/report.ts";
import { commandOf, installPackages, runtimes } from "./support/runtimes.ts";
import { workload, workloadNames } from "./support/workloads.ts";

const [claimList, workloadList, runtimeList] = Deno.args;
const tables: Table[] = [];
await installPackages();

for (const claim of claimList?.split(",") ?? Object.keys(claims)) {
  for (const name of workloadList?.split(",") ?? workloadNames) {
    const work = workload(name);
    const names = Object.keys(claims[claim]!(work));
    if (names.length === 0) continue;
    const columns: Record<string, readonly Figure[]> = {};
    for (const runtime of runtimeList?.split(",") ?? runtimes) {
      const file = decodeURIComponent(new URL("memory/contestant.ts", import.meta.url).pathname);
      const command = [...await commandOf(runtime), file, claim, name];
      const racers = names.map((name) => ({ name, command: [...command, name] }));
      const times = await race(racers, work.expected);
      columns[runtime] = times.map((time) => figureOf(time, work.expected.frames));
    }
    const title = `${claim}, ${name}: ${work.what}; ns a frame`;
    const table = tableOf(title, names, columns);
    printTable(table);
    tables.push(table);
  }
}
if (Deno.args.length === 0) await writeJson("memory", { machine: await machine(), tables });

/** A row a contestant; for each runtime the median, the spread, and the ratio to its reference. */
function tableOf(
  title: string,
  names: readonly string[],
  columns: Readonly<Record<string, readonly Figure[]>>,
): Table {
  const head = ["", ...Object.keys(columns).flatMap((runtime) => [runtime, "±", "×"])];
  const rows = names.map((name, row) => [
    name,
    ...Object.values(columns).flatMap((figures) => {
      const { median, spread } = figures[row]!;
      return [digits(median), `${Math.round(spread * 100)}%`, ratioOf(figures[row]!, figures)];
    }),
  ]);
  return { title, head, rows };
}

function ratioOf({ name, median }: Figure, figures: readonly Figure[]): string {
  const reference = references[name];
  if (reference === undefined) return "";
  const held = figures.filter(({ name }) => name.startsWith(reference));
  return (median / Math.min(...held.map(({ median }) => median))).toFixed(2);
}
