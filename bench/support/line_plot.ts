import { logScale } from "./log_scale.ts";
import { colour, field, marker, plot, px, type Scale } from "./plot.ts";

/** One line of a plot. */
export interface PlotLine {
  /** Lines of one name have one colour. */
  readonly name: string;
  /** Lines of the first kind are whole, those of another dashed. */
  readonly kind: string;
  /** Across and up; those that are no numbers are left out. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** What a plot of lines shows. */
export interface Plot {
  readonly title: string;
  /** What grows, and how its values are written. */
  readonly x: { readonly title: string; readonly format: (value: number) => string };
  /** The unit of the figures. */
  readonly y: string;
  readonly lines: readonly PlotLine[];
  readonly caption: string;
}

/** Draws lines on two axes on which each factor has the same length. */
export function linePlot({ title, x, y, lines, caption }: Plot): string {
  const points = lines.flatMap(({ points }) => points.filter(there));
  const inner = logScale(points.map(([x]) => x), { from: field.left, to: field.right });
  const values = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  const across: Scale = {
    place: inner.place,
    ticks: values.map((value) => ({ value, label: x.format(value) })),
  };
  const up = logScale(points.map(([, y]) => y), { from: field.bottom, to: field.top });
  const legend = [...new Set(lines.map(({ name }) => name))];
  const kinds = [...new Set(lines.map(({ kind }) => kind))];
  const drawn = lines.map(({ name, kind, points }) => {
    const series = legend.indexOf(name);
    const places = points.filter(there).map(([x, y]) => [across.place(x), up.place(y)] as const);
    const path = places.map(([x, y]) => `${px(x)} ${px(y)}`).join("L");
    const dashed = kinds.indexOf(kind) > 0;
    const marks = dashed ? [] : places.map(([x, y]) => marker(series, x, y));
    const style = `line ${colour(series)}${dashed ? " dashed" : ""}`;
    return `<path class="${style}" d="M${path}"/>\n${marks.join("\n")}`;
  });
  const dashes = kinds.length > 1 ? kinds : [];
  const around = { title, x: x.title, y, across, up, legend, dashes, caption };
  return plot(around, drawn.join("\n"));
}

function there([x, y]: readonly [number, number]): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}
