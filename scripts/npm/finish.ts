/**
 * Finishes a package that a builder has written, so that all builders write the same package.
 *
 * @module
 */

import { readdir, rm, writeFile } from "node:fs/promises";

/** Files that a builder may leave in the package and that do not belong there. */
const leftovers = new Set([".npmignore", "package-lock.json"]);

/**
 * Writes the package.json, and removes every other one: dnt writes `esm/package.json` with the type
 * alone, and bundlers then do not see `sideEffects` in that of the root.
 *
 * @param folder Path of the package.
 */
export async function finish(folder: string, manifest: object): Promise<void> {
  for (const file of await readdir(folder, { recursive: true })) {
    const name = file.split(/[/\\]/).at(-1)!;
    if (name === "package.json" || leftovers.has(name)) await rm(`${folder}/${file}`);
  }
  await writeFile(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
}
