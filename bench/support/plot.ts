/**
 * Plots as SVG, drawn by hand: a page that shows them needs nothing else. They bring their own ground
 * and follow the reader's choice of light or dark.
 *
 * @module
 */

import type { Machine } from "./report.ts";

/** How wide and high a plot is, and where in it the field of its figures lies. */
export const field = {
  width: 760,
  height: 440,
  left: 76,
  right: 736,
  top: 84,
  bottom: 352,
} as const;

/** A place on an axis that has its value written to it, or only a line. */
export interface Tick {
  readonly value: number;
  readonly label: string | undefined;
}

/** Where the values of an axis lie. */
export interface Scale {
  readonly ticks: readonly Tick[];
  place(value: number): number;
}

/** All there is around the figures. */
export interface Surroundings {
  readonly title: string;
  /** What the axes show, with the unit. */
  readonly x: string;
  readonly y: string;
  readonly across: Scale;
  readonly up: Scale;
  /** The names of the series, in the order of their colours. */
  readonly legend: readonly string[];
  /** The meaning of whole and dashed lines, if both are there. */
  readonly dashes?: readonly string[];
  readonly caption: string;
}

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #3d444d }
  .title { font-size: 16px; font-weight: 600; fill: #1f2328 }
  .caption { font-size: 11px; fill: #6b7480 }
  .ground { fill: #ffffff; stroke: #d6dbe1 }
  .grid { stroke: #e4e8ec } .axis { stroke: #9aa4af }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
  .dashed { stroke-dasharray: 2 6 } .sample { stroke: #6b7480 }
  ${coloured(["#2563c9", "#c2570c", "#2b8a4b", "#8a3ffc", "#6b7480"])}
  @media (prefers-color-scheme: dark) {
    text { fill: #c3cbd4 } .title { fill: #f0f3f6 } .caption { fill: #919ba6 }
    .ground { fill: #10151b; stroke: #303841 }
    .grid { stroke: #232a32 } .axis { stroke: #5b6672 } .sample { stroke: #919ba6 }
    ${coloured(["#6ea8ff", "#ff9b57", "#5fcb82", "#be95ff", "#919ba6"])}
  }`;

/** Draws a plot around its figures. */
export function plot(surroundings: Surroundings, figures: string): string {
  const { title, x, y, across, up, caption } = surroundings;
  const { width, height, left, right, top, bottom } = field;
  const middle = (left + right) / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" \
height="${height}" role="img" aria-label="${escape(title)}">
<style>${STYLE}
</style>
<rect class="ground" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
${write(title, left, 34, "title")}
${legendOf(surroundings)}
${up.ticks.map((tick) => rowOf(tick, up.place(tick.value))).join("\n")}
${across.ticks.map((tick) => columnOf(tick, across.place(tick.value))).join("\n")}
<path class="axis" fill="none" d="M${left} ${top}V${bottom}H${right}"/>
${figures}
${write(x, middle, bottom + 42, "", "middle")}
<text text-anchor="middle" transform="translate(22 ${(top + bottom) / 2}) rotate(-90)">${
    escape(y)
  }</text>
${write(caption, left, height - 16, "caption")}
</svg>
`;
}

/** A mark of a series: each has a shape of its own, for those who do not tell colours apart. */
export function marker(series: number, x: number, y: number): string {
  const shapes = [
    `<circle cx="${px(x)}" cy="${px(y)}" r="4.5"`,
    `<rect x="${px(x - 4)}" y="${px(y - 4)}" width="8" height="8"`,
    `<path d="M${px(x)} ${px(y - 5.5)}l5.5 9.5h-11z"`,
    `<path d="M${px(x)} ${px(y - 6)}l6 6l-6 6l-6 -6z"`,
  ];
  return `${shapes[series % shapes.length]} class="fill ${colour(series)}"/>`;
}

/** The class that gives a series its colour. */
export function colour(series: number): string {
  return `s${series % 5}`;
}

/** A length in the picture, as short as it can be told. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Text at a place. */
export function write(text: string, x: number, y: number, style = "", anchor = "start"): string {
  const attributes = `${style && ` class="${style}"`}${
    anchor === "start" ? "" : ` text-anchor="${anchor}"`
  }`;
  return `<text x="${px(x)}" y="${px(y)}"${attributes}>${escape(text)}</text>`;
}

/** What the figures of a plot were taken on, for its caption. */
export function captionOf({ date, processor, cores, runtimes }: Machine): string {
  const name = processor.replaceAll(/\((R|TM)\)/g, "");
  return `${date} · ${runtimes.join(", ")} · ${cores} cores of ${name}`;
}

/** Writes a plot where the documentation finds it: `docs/performance/NAME.svg`. */
export async function writePlot(name: string, svg: string): Promise<void> {
  const folder = new URL("../../docs/performance/", import.meta.url);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(new URL(`${name}.svg`, folder), svg);
}

/** The colours of the series, written out: not everything that shows SVG knows variables. */
function coloured(colours: readonly string[]): string {
  return colours
    .map((colour, series) =>
      `.line.s${series} { stroke: ${colour} } .fill.s${series} { fill: ${colour} }`
    )
    .join(" ");
}

function rowOf({ label }: Tick, y: number): string {
  const line = `<path class="grid" d="M${field.left} ${px(y)}H${field.right}"/>`;
  return label === undefined ? line : line + write(label, field.left - 10, y + 4.5, "", "end");
}

function columnOf({ label }: Tick, x: number): string {
  return label === undefined ? "" : write(label, x, field.bottom + 20, "", "middle");
}

function legendOf({ legend, dashes = [] }: Surroundings): string {
  let x = field.left;
  const y = 60;
  const parts = legend.map((name, series) => {
    const part = marker(series, x + 6, y - 4) + write(name, x + 18, y);
    x += 18 + name.length * 7.5 + 22;
    return part;
  });
  x += 12;
  for (const [index, name] of dashes.entries()) {
    const style = index === 0 ? "line sample" : "line sample dashed";
    parts.push(`<path class="${style}" d="M${px(x)} ${y - 4}h28"/>${write(name, x + 36, y)}`);
    x += 36 + name.length * 7.5 + 22;
  }
  return parts.join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
