import { digits, type Figure, percent, type Table } from "../support/report.ts";
import type { Workload } from "../support/workloads.ts";

/** A figure on one side: a runtime, or `native`. */
export interface SideFigure extends Figure {
  readonly side: string;
}

/** Makes a table of implementations in JavaScript: for each runtime the figure and its ratios. */
export function javaScriptTable({ name, what }: Workload, figures: readonly SideFigure[]): Table {
  const inJavaScript = figures.filter(({ side }) => side !== "native");
  const sides = [...new Set(inJavaScript.map(({ side }) => side))];
  const names = [...new Set(inJavaScript.map(({ name }) => name))];
  const head = ["", ...sides.flatMap((side) => [side, "±", "× visit", "× read"])];
  const rows = names.map((name) => [
    name,
    ...sides.flatMap((side) => {
      const figure = inJavaScript.find((figure) => figure.name === name && figure.side === side);
      if (figure === undefined) return ["–", "", "", ""];
      const read = name.endsWith("strings") ? "read, strings" : "read";
      const ratios = ["visit", read].map((name) => ratio(figure, figures, { side, name }));
      return [digits(figure.median), percent(figure.spread), ...ratios];
    }),
  ]);
  return { title: `${name}: ${what}; ns per frame`, head, rows };
}

/** Makes a table of programs in other languages: the figure, and its ratio to `visit` by runtime. */
export function nativeTable({ name, what }: Workload, figures: readonly SideFigure[]): Table {
  const sides = [...new Set(figures.map(({ side }) => side))].filter((side) => side !== "native");
  const head = ["", "ns", "±", ...sides.map((side) => `× visit, ${side}`)];
  const rows = figures.filter(({ side }) => side === "native").map((figure) => [
    figure.name,
    digits(figure.median),
    percent(figure.spread),
    ...sides.map((side) => ratio(figure, figures, { side, name: "visit" })),
  ]);
  return { title: `${name}: ${what}, in other languages; ns per frame`, head, rows };
}

function ratio(
  { median }: Figure,
  figures: readonly SideFigure[],
  reference: { readonly side: string; readonly name: string },
): string {
  const { side, name } = reference;
  const compared = figures.find((figure) => figure.side === side && figure.name === name);
  return compared === undefined ? "" : (median / compared.median).toFixed(2);
}
