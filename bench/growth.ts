/**
 * How time grows with the length of frames and chunks, and with the number of frames and connections:
 * in proportion, so that what one byte, one frame and one message take stays the same.
 *
 *     deno task bench:growth                      # all of it
 *     deno task bench:growth chunk-length node@26 # a part
 *
 * @module
 */

import { axes, type Axis } from "./growth/axes.ts";
import { linePlot, type PlotLine } from "./support/line_plot.ts";
import { captionOf, writePlot } from "./support/plot.ts";
import {
  digits,
  type Figure,
  machine,
  printTable,
  type Table,
  writeJson,
} from "./support/report.ts";
import { installPackages, runtimes } from "./support/runtimes.ts";

const [axisList, runtimeList] = Deno.args;
const chosen = runtimeList?.split(",") ?? runtimes;
const all = Deno.args.length === 0;
await installPackages();
const computer = await machine();
const caption = captionOf(computer);
const tables: Table[] = [];

for (const name of axisList?.split(",") ?? Object.keys(axes)) {
  const axis = axes[name]!;
  const lines: PlotLine[] = [];
  for (const kind of axis.kinds) {
    const columns: Record<string, readonly (Figure | undefined)[]> = {};
    for (const runtime of chosen) {
      const figures = await measure(axis, kind, runtime);
      columns[runtime] = figures;
      const points = axis.values.map((value, row) => [value, figures[row]?.median ?? NaN] as const);
      lines.push({ name: runtime.split("@")[0]!, kind, points });
    }
    const table = tableOf(axis, kind, columns);
    printTable(table);
    tables.push(table);
  }
  if (!all) continue;
  const plotted = lines.filter(({ kind }) => axis.kinds.indexOf(kind) < 2);
  const { title, x, unit } = axis;
  await writePlot(`growth-${name}`, linePlot({ title, x, y: unit, lines: plotted, caption }));
}
if (all) await writeJson("growth", { machine: computer, tables });

/** Figures of all values; where one cannot be had, it says why, and there is none. */
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
      console.log(`without ${axis.x.format(value)} ${axis.x.title} on ${runtime}: ${reason}`);
      figures.push(undefined);
    }
  }
  return figures;
}

/** A row a value; for each runtime the median, the spread, and the ratio to the least in the column. */
function tableOf(
  { title, x, unit, values, kinds }: Axis,
  kind: string,
  columns: Readonly<Record<string, readonly (Figure | undefined)[]>>,
): Table {
  const head = [x.title, ...Object.keys(columns).flatMap((runtime) => [runtime, "±", "×"])];
  const rows = values.map((value, row) => [
    x.format(value),
    ...Object.values(columns).flatMap((figures) => {
      const figure = figures[row];
      if (figure === undefined) return ["–", "", ""];
      const { median, spread } = figure;
      const least = Math.min(...figures.map((figure) => figure?.median ?? Infinity));
      return [numberText(median), `${Math.round(spread * 100)}%`, (median / least).toFixed(2)];
    }),
  ]);
  return { title: `${title}${kinds.length > 1 ? `; ${kind}` : ""}; ${unit}`, head, rows };
}

function numberText(value: number): string {
  return value < 1 ? value.toPrecision(2) : digits(value);
}
