/**
 * How time grows with the length of frames and chunks, and with the number of frames and connections.
 *
 *     deno task bench:growth                      # everything
 *     deno task bench:growth chunk-length node@26 # a part
 *
 * @module
 */

import { axes, type Axis } from "./growth/axes.ts";
import type { Plot, Point } from "./page/plot.ts";
import {
  digits,
  type Figure,
  percent,
  printTable,
  type Table,
  writeResults,
} from "./support/report.ts";
import { installPackages, runtimes } from "./support/runtimes.ts";

/** Figures of all values, by runtime; `undefined` where measuring failed. */
type Columns = Readonly<Record<string, readonly (Figure | undefined)[]>>;

const [axisList, runtimeList] = Deno.args;
await installPackages();
const tables: Table[] = [];
const plots: Plot[] = [];

for (const name of axisList?.split(",") ?? Object.keys(axes)) {
  const axis = axes[name]!;
  const points: Point[] = [];
  for (const kind of axis.kinds) {
    const columns: Record<string, readonly (Figure | undefined)[]> = {};
    for (const runtime of runtimeList?.split(",") ?? runtimes) {
      columns[runtime] = await measure(axis, kind, runtime);
      if (axis.kinds.indexOf(kind) > 1) continue;
      for (const [index, x] of axis.values.entries()) {
        const y = columns[runtime][index]?.median;
        if (y !== undefined) points.push({ x, y, runtime: runtime.split("@")[0]!, kind });
      }
    }
    const table = tableOf(axis, kind, columns);
    printTable(table);
    tables.push(table);
  }
  const { title, xTitle, unit, values } = axis;
  const labels = values.map(axis.format);
  plots.push({ name, title, xTitle, yTitle: unit, values, labels, points });
}
if (Deno.args.length === 0) await writeResults("growth", { tables, plots });

async function measure(
  axis: Axis,
  kind: string,
  runtime: string,
): Promise<readonly (Figure | undefined)[]> {
  const figures: (Figure | undefined)[] = [];
  for (const value of axis.values) {
    try {
      figures.push(await axis.measure(runtime, kind, value));
    } catch (error) {
      const reason = (error as Error).message.split("\n")[0]!;
      console.log(`skipped ${axis.xTitle} ${axis.format(value)} on ${runtime}: ${reason}`);
      figures.push(undefined);
    }
  }
  return figures;
}

/** Makes a table with a row per value: median, spread, and ratio to the least in the column. */
function tableOf(
  { title, xTitle, format, unit, values }: Axis,
  kind: string,
  columns: Columns,
): Table {
  const head = [xTitle, ...Object.keys(columns).flatMap((runtime) => [runtime, "±", "×"])];
  const rows = values.map((value, row) => [
    format(value),
    ...Object.values(columns).flatMap((figures) => {
      const figure = figures[row];
      if (figure === undefined) return ["–", "", ""];
      const least = Math.min(...figures.map((figure) => figure?.median ?? Infinity));
      const ratio = (figure.median / least).toFixed(2);
      return [digits(figure.median), percent(figure.spread), ratio];
    }),
  ]);
  return { title: `${title}; ${kind}; ${unit}`, head, rows };
}
