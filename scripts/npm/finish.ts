/**
 * Finishes a package after its build, so that it is the same from all builders.
 *
 * @module
 */

import { readdir, rm, writeFile } from "node:fs/promises";

/** Files that a builder may leave in the package. */
const leftovers = new Set([".npmignore", "package-lock.json"]);

/**
 * Writes the package.json, and removes leftovers and every other package.json: dnt writes one into `esm/`
 * that contains only the type, and bundlers then ignore `sideEffects` in that of the root.
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
