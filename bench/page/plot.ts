/** Median time for one value on one runtime. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly runtime: string;
  readonly kind: string;
}

/** What a plot shows, on two logarithmic axes. */
export interface Plot {
  readonly name: string;
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** The values of the x axis, and how they are written. */
  readonly values: readonly number[];
  readonly labels: readonly string[];
  readonly points: readonly Point[];
}

interface Vega {
  parse(spec: object): object;
  readonly View: new (runtime: object) => { toSVG(): Promise<string> };
}

interface VegaLite {
  compile(spec: object): { readonly spec: object };
}

/** Draws a plot as SVG. */
export async function draw(plot: Plot, caption: string): Promise<string> {
  // Variables: with literal specifiers every type check would install these packages.
  const [vega, vegaLite]: readonly string[] = ["npm:vega@6.4.0", "npm:vega-lite@6.5.0"];
  const { parse, View }: Vega = await import(vega!);
  const { compile }: VegaLite = await import(vegaLite!);
  return `${await new View(parse(compile(specOf(plot, caption)).spec)).toSVG()}\n`;
}

function specOf({ title, xTitle, yTitle, values, labels, points }: Plot, caption: string): object {
  const labelExpr = `${JSON.stringify(labels)}[indexof(${JSON.stringify(values)}, datum.value)]`;
  const y = points.map(({ y }) => y);
  // At least one decade, so that small differences do not look large.
  const margin = Math.max(1.1, Math.sqrt(10 * Math.min(...y) / Math.max(...y)));
  const domain = [Math.min(...y) / margin, Math.max(...y) * margin];
  const dashes = { symbolType: "stroke", symbolStrokeColor: "black", symbolSize: 400 };
  return {
    width: 620,
    height: 300,
    padding: 16,
    background: "white",
    title: { text: title, subtitle: caption, anchor: "start" },
    data: { values: points },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: xTitle,
        scale: { type: "log", nice: false },
        axis: { values, labelExpr, labelOverlap: false },
      },
      y: {
        field: "y",
        type: "quantitative",
        title: yTitle,
        scale: { type: "log", domain, nice: false },
        axis: { format: "~g" },
      },
      color: { field: "runtime", title: null, sort: null },
    },
    layer: [
      {
        mark: "line",
        encoding: { strokeDash: { field: "kind", title: null, sort: null, legend: dashes } },
      },
      {
        mark: { type: "point", filled: true, opacity: 1 },
        encoding: { shape: { field: "runtime", title: null, sort: null } },
      },
    ],
    config: { axis: { gridOpacity: 0.5 }, legend: { symbolSize: 150 } },
  };
}
