import { digits, type Figure, type Table } from "../support/report.ts";
import type { Workload } from "../support/workloads.ts";

/** A figure of somebody on a side: a runtime, or `native`. */
export interface Named extends Figure {
  readonly side: string;
}

/** A row for each contestant in JavaScript; for each runtime its figure, and how often `read` fits in. */
export function javaScriptTable({ name, what }: Workload, figures: readonly Named[]): Table {
  const here = figures.filter(({ side }) => side !== "native");
  const sides = [...new Set(here.map(({ side }) => side))];
  const names = [...new Set(here.map(({ name }) => name))];
  const head = ["", ...sides.flatMap((side) => [side, "±", "× visit", "× read"])];
  const rows = names.map((name) => [
    name,
    ...sides.flatMap((side) => {
      const figure = here.find((figure) => figure.name === name && figure.side === side);
      if (figure === undefined) return ["–", "", "", ""];
      const read = name.endsWith("strings") ? "read, strings" : "read";
      return [
        digits(figure.median),
        percent(figure.spread),
        ratio(figure, here, side, "visit"),
        ratio(figure, here, side, read),
      ];
    }),
  ]);
  return { title: `${name}: ${what}; ns a frame`, head, rows };
}

/** A row for each contestant in other languages; its figure, and how often each runtime's `visit` fits in. */
export function nativeTable({ name, what }: Workload, figures: readonly Named[]): Table {
  const sides = [...new Set(figures.map(({ side }) => side))].filter((side) => side !== "native");
  const reference = name === "W4s" ? "read, strings" : "visit";
  const head = ["", "ns", "±", ...sides.map((side) => `× ${reference}, ${side}`)];
  const rows = figures.filter(({ side }) => side === "native").map((figure) => [
    figure.name,
    digits(figure.median),
    percent(figure.spread),
    ...sides.map((side) => ratio(figure, figures, side, reference)),
  ]);
  return { title: `${name}: ${what}, in other languages; ns a frame`, head, rows };
}

function percent(part: number): string {
  return `${Math.round(part * 100)}%`;
}

function ratio(
  { median }: Figure,
  figures: readonly Named[],
  side: string,
  reference: string,
): string {
  const held = figures.find((figure) => figure.side === side && figure.name === reference);
  return held === undefined ? "" : (median / held.median).toFixed(2);
}
