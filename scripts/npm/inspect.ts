/**
 * Inspects the files of a package.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { posix } from "node:path";
import type { Manifest } from "./manifest.ts";

/**
 * Returns the problems of a package's files: a package.json that hides that of the root, an export that
 * does not exist, a declaration without a source, a broken link in the README.
 *
 * @param folder Path of the package.
 */
export async function inspect(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Set(
    entries.filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => posix.relative(folder, posix.join(parentPath, name))),
  );
  const problems: string[] = [];
  const { exports } = JSON.parse(await readFile(`${folder}/package.json`, "utf8")) as Manifest;
  for (const [name, conditions] of Object.entries(exports)) {
    for (const [condition, path] of Object.entries(conditions)) {
      if (!files.has(posix.normalize(path))) {
        problems.push(`${name}: ${path}, its ${condition}, does not exist`);
      }
    }
  }
  for (const file of files) {
    if (file.endsWith("/package.json")) problems.push(`${file} hides package.json`);
    if (file.endsWith(".d.ts") && !file.startsWith("bundle/")) {
      const source = await sourceOf(folder, file);
      if (source === undefined) problems.push(`${file} has no map`);
      else if (!files.has(source)) problems.push(`${file}: its source ${source} does not exist`);
    }
  }
  const readme = await readFile(`${folder}/README.md`, "utf8");
  for (const [, path] of readme.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)) {
    if (!files.has(posix.normalize(path!))) problems.push(`README.md: ${path} does not exist`);
  }
  return problems;
}

/** Returns the source of a declaration according to its map, relative to the root of the package. */
async function sourceOf(folder: string, declaration: string): Promise<string | undefined> {
  const text = await readFile(`${folder}/${declaration}`, "utf8");
  const map = /^\/\/# sourceMappingURL=(\S+)$/m.exec(text)?.[1];
  if (map === undefined) return undefined;
  const path = posix.join(posix.dirname(declaration), map);
  const { sources, sourceRoot = "" } = JSON.parse(await readFile(`${folder}/${path}`, "utf8"));
  return posix.join(posix.dirname(path), sourceRoot, sources[0]);
}
