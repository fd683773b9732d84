/**
 * Checks the sizes of esbuild's bundles of typical imports, from the package and from the sources.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import { home, on, root, run } from "./consumer.ts";
import { manifest } from "./manifest.ts";
import type { Check } from "./report.ts";

/** An import with a limit on its bundle, minified and compressed by gzip. */
export interface Import {
  readonly name: string;
  readonly code: string;
  /** Maximum length in bytes. */
  readonly limit: number;
  /** Maximum length in bytes with the sockets of Deno, Bun and Node; default: `limit`. */
  readonly limitWithSockets?: number;
  /** Whether the bundle must not contain connections, transports or streams. */
  readonly core: boolean;
}

/** The imports and their limits: in a browser, all of it has 40 KiB. The goal of the decoder is 5.5 KiB. */
export const imports: readonly Import[] = [
  { name: "decoder", code: "{ FrameDecoder, lines }", limit: 8_704, core: true },
  { name: "lines", code: "{ lines }", limit: 1_280, core: true },
  { name: "everything", code: "*", limit: 40_960, limitWithSockets: 47_104, core: false },
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
  const checks = places.flatMap(([place, from, platform]) =>
    imports.map((what): Check => [`${what.name} from the ${place}`, async () => {
      const length = await bundledLength(what, from, platform);
      const { limit, limitWithSockets = limit } = what;
      const max = place === "package" ? limit : limitWithSockets;
      const figure = `${what.name} from the ${place} ${length} of ${max}`;
      if (length > max) throw new Error(`${figure} bytes, compressed by gzip`);
      return figure;
    }])
  );
  return [...checks, ["no sockets in a bundle for browsers", noSockets]];
}

/** Connects in a bundle for browsers that has been made before. */
async function noSockets(): Promise<void> {
  const program = `import { connect, fixed } from "./bundles/everything-browser.js";
    await connect({ port: 1, framer: fixed(1) }).catch(({ code }) => console.log(code));`;
  const code = await on("node@24", "--input-type=module", "-e", program);
  if (code.trim() !== "unsupported") throw new Error(`connect() has failed with ${code}`);
}
