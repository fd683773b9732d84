/**
 * Checks that the leftovers of dnt are removed from a package, without dnt, which may be unreachable.
 *
 * @module
 */

import { finish } from "./finish.ts";
import { bundledLength, imports } from "./check_sizes.ts";
import { home } from "./consumer.ts";
import { inspect } from "./inspect.ts";
import { manifest } from "./manifest.ts";
import type { Check } from "./report.ts";

/** Writes the files that dnt 0.43 adds to a package. */
async function writeLeftovers(folder: string): Promise<void> {
  const leftover = { module: "./esm/mod.js", ...manifest, _generatedBy: "dnt@0.43.2" };
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify(leftover, undefined, 2));
  await Deno.writeTextFile(`${folder}/esm/package.json`, '{\n  "type": "module"\n}\n');
  await Deno.writeTextFile(`${folder}/.npmignore`, "/src/\nyarn.lock\npnpm-lock.yaml\n");
}

/** Returns checks of a copy of the package with leftovers: they are reported, and removed by `finish`. */
export async function leftoverChecks(): Promise<Check[]> {
  const [source, folder] = [manifest.name, "as-dnt-leaves-it"].map((name) =>
    `${home}/node_modules/${name}`
  ) as [string, string];
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await copy(source, folder);
  await writeLeftovers(folder);
  return [
    ["leftovers are reported", async () => {
      const problems = await inspect(folder);
      if (!problems.includes("esm/package.json hides package.json")) {
        throw new Error(`Only reported: ${problems}`);
      }
    }],
    ["leftovers are removed", async () => {
      await finish(folder, manifest);
      const problems = await inspect(folder);
      if (problems.length > 0) throw new Error(problems.join("\n"));
    }],
    ...imports.map((what): Check => [`${what.name} has a bundle of the same length`, async () => {
      const lengths = [
        await bundledLength({ ...what, core: false }, "as-dnt-leaves-it", "browser"),
        await bundledLength({ ...what, core: false }, manifest.name, "browser"),
      ];
      if (lengths[0] !== lengths[1]) {
        throw new Error(`Different lengths: ${lengths.join(" and ")} bytes`);
      }
    }]),
  ];
}

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copy(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
