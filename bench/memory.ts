/**
 * The cost of framing in memory, in one thread, on each runtime: this library against loops written by
 * hand for one framing.
 *
 *     deno task bench                          # everything
 *     deno task bench decoding W1,W4 node@26   # a part
 *
 * @module
 */

import { claims, references } from "./memory/candidate.ts";
import { race } from "./support/race.ts";
import {
  digits,
  type Figure,
  figureOf,
  percent,
  printTable,
  type Table,
  writeResults,
} from "./support/report.ts";
import { commandOf, installPackages, pathOf, runtimes } from "./support/runtimes.ts";
import { workload, workloadNames } from "./support/workloads.ts";

/** Figures of the candidates, by runtime. */
type Columns = Readonly<Record<string, readonly Figure[]>>;

/** The workloads of the first table of the page. */
const SUMMARIZED = ["W1", "W3", "W4", "W6", "W7"];

const [claimList, workloadList, runtimeList] = Deno.args;
const chosen = runtimeList?.split(",") ?? runtimes;
const tables: Table[] = [];
const summaryRows: string[][] = [];
const candidate = pathOf("memory/candidate.ts", import.meta.url);
await installPackages();

for (const claim of claimList?.split(",") ?? Object.keys(claims)) {
  for (const name of workloadList?.split(",") ?? workloadNames) {
    const work = workload(name);
    const names = Object.keys(claims[claim]!(work));
    if (names.length === 0) continue;
    const columns: Record<string, readonly Figure[]> = {};
    for (const runtime of chosen) {
      const command = [...await commandOf(runtime), candidate, claim, name];
      const candidates = names.map((name) => ({ name, command: [...command, name] }));
      const times = await race(candidates, work.expected);
      columns[runtime] = times.map((time) => figureOf(time, work.expected.frames));
    }
    const table = tableOf(`${claim}, ${name}: ${work.what}; ns per frame`, names, columns);
    printTable(table);
    tables.push(table);
    if (claim === "decoding" && SUMMARIZED.includes(name)) {
      summaryRows.push([work.what, ...Object.values(columns).flatMap(summaryOf)]);
    }
  }
}
const summary = {
  title: "Nanoseconds per frame: `visit`, the best loop written by hand, and their ratio",
  head: ["", ...chosen.flatMap((runtime) => [`${runtime}: visit`, "by hand", "ratio"])],
  rows: summaryRows,
};
if (Deno.args.length === 0) await writeResults("memory", { summary, tables });

/** Makes a table with a row per candidate; for each runtime its median, spread and ratio. */
function tableOf(title: string, names: readonly string[], columns: Columns): Table {
  const head = ["", ...Object.keys(columns).flatMap((runtime) => [runtime, "±", "×"])];
  const rows = names.map((name, row) => [
    name,
    ...Object.values(columns).flatMap((figures) => {
      const { median, spread } = figures[row]!;
      const reference = referenceOf(name, figures);
      const ratio = reference === undefined ? "" : (median / reference).toFixed(2);
      return [digits(median), percent(spread), ratio];
    }),
  ]);
  return { title, head, rows };
}

function summaryOf(figures: readonly Figure[]): string[] {
  const { median } = figures.find(({ name }) => name === "visit")!;
  const reference = referenceOf("visit", figures)!;
  return [digits(median), digits(reference), (median / reference).toFixed(2)];
}

/** Returns the median that a candidate is compared with. */
function referenceOf(name: string, figures: readonly Figure[]): number | undefined {
  const prefix = references[name];
  if (prefix === undefined) return undefined;
  const compared = figures.filter(({ name }) => name.startsWith(prefix));
  return Math.min(...compared.map(({ median }) => median));
}
