/**
 * Bundles each of the given files for Node with one bundler, and prints the bundles as JSON. Node runs a
 * copy of this file in the consumer's folder, where the bundlers are installed:
 *
 *     node bundlers.ts rollup decoder.js lines.js
 *
 * @module
 */

import { readFile } from "node:fs/promises";

/** Result of the bundlers that follow rollup's API. */
interface Output {
  readonly output: readonly { readonly code: string }[];
}

/** Imports a bundler, which has no types here because it is not installed in the repository. */
// deno-lint-ignore no-explicit-any
function load(name: string): Promise<any> {
  return import(name);
}

/** Functions that bundle one file and return the code. */
const bundlers: Readonly<Record<string, (entry: string) => Promise<string>>> = {
  async rollup(entry) {
    const { rollup } = await load("rollup");
    const { nodeResolve } = await load("@rollup/plugin-node-resolve");
    const plugins = [nodeResolve({ exportConditions: ["node"] })];
    const bundle = await rollup({ input: entry, plugins, logLevel: "silent" });
    return code(await bundle.generate({ format: "esm", inlineDynamicImports: true }));
  },
  async rolldown(entry) {
    const { rolldown } = await load("rolldown");
    const bundle = await rolldown({ input: entry, platform: "node", logLevel: "silent" });
    return code(await bundle.generate({ format: "esm", codeSplitting: false }));
  },
  async vite(entry) {
    const { build } = await load("vite");
    return code(
      await build({
        configFile: false,
        logLevel: "silent",
        build: { ssr: entry, write: false, minify: false },
        ssr: { noExternal: true, target: "node" },
      }),
    );
  },
  webpack: async (entry) => await pack((await load("webpack")).default, entry, "webpack"),
  rspack: async (entry) => await pack((await load("@rspack/core")).rspack, entry, "rspack"),
};

function code({ output }: Output): string {
  return output[0]!.code;
}

// deno-lint-ignore no-explicit-any
async function pack(bundler: any, entry: string, name: string): Promise<string> {
  const path = `${import.meta.dirname}/bundles/${name}`;
  await new Promise<void>((resolve, reject) =>
    bundler(
      {
        mode: "production",
        target: "node20",
        entry,
        devtool: false,
        experiments: { outputModule: true },
        output: { path, filename: "bundle.mjs", library: { type: "module" } },
        optimization: { minimize: false },
      },
      (error: Error | null, stats: { hasErrors(): boolean; toString(): string }) =>
        error || stats.hasErrors() ? reject(error ?? new Error(stats.toString())) : resolve(),
    )
  );
  return await readFile(`${path}/bundle.mjs`, "utf8");
}

const [bundler, ...entries] = process.argv.slice(2);
const bundles: string[] = [];
for (const entry of entries) bundles.push(await bundlers[bundler!]!(entry));
console.log(JSON.stringify(bundles));
