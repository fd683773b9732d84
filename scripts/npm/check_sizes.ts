/**
 * Checks the sizes of esbuild's bundles of typical imports, from the package and from the sources.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import { home, root, run } from "./consumer.ts";
import { manifest } from "./manifest.ts";
import type { Check } from "./report.ts";

/** An import with a limit on its bundle, minified and compressed by gzip. */
export interface Import {
  readonly name: string;
  readonly code: string;
  /** Maximum length in bytes. */
  readonly limit: number;
  /** Whether the bundle must not contain connections, transports or streams. */
  readonly core: boolean;
}

/** The imports and their limits, slightly above the current sizes. Goals: 5.5, 1.25 and 40 KiB. */
export const imports: readonly Import[] = [
  { name: "decoder", code: "{ FrameDecoder, lines }", limit: 8_704, core: true },
  { name: "lines", code: "{ lines }", limit: 1_280, core: true },
  { name: "everything", code: "*", limit: 47_104, core: false },
];

/** Folders outside the core. */
const outsideCore = /\bsrc\/(?:connections|flow|requests|streams|taps|transports)\//;

/** Bytes that esbuild may leave of an unused module: a constant that is computed. */
const MAX_LEFTOVER = 32;

/** The part of esbuild's metafile that is used. */
interface Metafile {
  readonly outputs: Readonly<
    Record<string, { readonly inputs: Readonly<Record<string, { bytesInOutput: number }>> }>
  >;
}

/** Bundles one import, and returns the length of the bundle in bytes, compressed by gzip. */
export async function bundledLength(
  { name, code, core }: Import,
  from: string,
  platform: "browser" | "node",
): Promise<number> {
  const file = `bundles/${name}-${platform}${from === manifest.name ? "" : "-other"}`;
  await Deno.mkdir(`${home}/bundles`, { recursive: true });
  await Deno.writeTextFile(`${home}/${file}.ts`, `export ${code} from "${from}";\n`);
  await run(
    "node_modules/.bin/esbuild",
    `${file}.ts`,
    "--bundle",
    "--minify",
    "--format=esm",
    `--platform=${platform}`,
    "--log-level=warning",
    `--outfile=${file}.js`,
    `--metafile=${file}.json`,
  );
  const text = await Deno.readTextFile(`${home}/${file}.js`);
  if (/\bimport\b[^;]*["']node:/.test(text)) throw new Error("The bundle imports a module of Node");
  const { outputs } = JSON.parse(await Deno.readTextFile(`${home}/${file}.json`)) as Metafile;
  const extra = Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([path, { bytesInOutput }]) => outsideCore.test(path) && bytesInOutput > MAX_LEFTOVER);
  if (core && extra.length > 0) {
    const paths = extra.map(([path, { bytesInOutput }]) => `${path} (${bytesInOutput} bytes)`);
    throw new Error(`The bundle contains ${paths.join(", ")}`);
  }
  return gzipSync(text, { level: 9 }).length;
}

/** Returns one check for each import from the package, for browsers and Node, and from the sources. */
export function sizeChecks(): Check[] {
  const places = [
    ["package", manifest.name, "browser"],
    ["package, condition node", manifest.name, "node"],
    ["sources", `${root}mod.ts`, "browser"],
  ] as const;
  return places.flatMap(([place, from, platform]) =>
    imports.map((what): Check => [`${what.name} from the ${place}`, async () => {
      const length = await bundledLength(what, from, platform);
      const figure = `${what.name} from the ${place} ${length} of ${what.limit}`;
      if (length > what.limit) throw new Error(`${figure} bytes, compressed by gzip`);
      return figure;
    }])
  );
}
