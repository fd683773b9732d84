/**
 * Bundles for Node with common bundlers: their condition `node` must not disable tree shaking.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import { bundledLength, imports } from "./check_sizes.ts";
import { home, on, root, run } from "./consumer.ts";
import { manifest } from "./manifest.ts";
import type { Check } from "./report.ts";

/** Bytes by which a bundle may exceed that of esbuild: rspack adds 300 to 400 for each module. */
const ALLOWANCE = 512;

const bundlers = ["rollup", "rolldown", "vite", "webpack", "rspack"];

/** Returns one check for each bundler: bundles of the core are about as small as those of esbuild. */
export async function bundlerChecks(): Promise<Check[]> {
  const core = imports.filter(({ core }) => core);
  await Deno.copyFile(`${root}scripts/npm/bundlers.ts`, `${home}/bundlers.ts`);
  const files = core.map(({ name }) => `${home}/bundles/${name}.js`);
  await Deno.mkdir(`${home}/bundles`, { recursive: true });
  for (const [index, { code }] of core.entries()) {
    await Deno.writeTextFile(files[index]!, `export ${code} from "${manifest.name}";\n`);
  }
  const expected = core.map((what) =>
    bundledLength(what, manifest.name, "browser").catch(() => what.limit)
  );
  return bundlers.map((bundler): Check => [bundler, async () => {
    const text = await on("node@24", "bundlers.ts", bundler, ...files);
    const bundles = JSON.parse(/^\["[^]*?$/m.exec(text)![0]) as string[];
    const lengths = await Promise.all(
      bundles.map((bundle, index) => minifiedLength(bundle, index, bundler)),
    );
    for (const [index, length] of lengths.entries()) {
      const limit = await expected[index]! + ALLOWANCE;
      if (length > limit) {
        throw new Error(
          `${core[index]!.name} has ${length} bytes, more than ${limit}: not tree-shaken`,
        );
      }
    }
    return `${bundler} ${lengths.join(" and ")}`;
  }]);
}

/** Returns the length of the code in bytes, minified by esbuild and compressed by gzip. */
async function minifiedLength(code: string, index: number, bundler: string): Promise<number> {
  const file = `${home}/bundles/${bundler}-${index}.js`;
  await Deno.writeTextFile(file, code);
  await run("node_modules/.bin/esbuild", file, "--minify", "--format=esm", `--outfile=${file}.min`);
  return gzipSync(await Deno.readFile(`${file}.min`), { level: 9 }).length;
}
