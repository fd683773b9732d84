/**
 * What the npm package is: its entry points, and its package.json, the same for every builder.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };

/** An entry point of the package. */
export interface Entry {
  /** Sub-path that imports it: `.` or `./testing`. */
  readonly name: string;
  /** Its source, relative to the root: `./mod.ts`. */
  readonly path: string;
  /** Its module, without an extension: `mod`. */
  readonly module: string;
}

/** The entry points, in the order of deno.json. */
export const entries: readonly Entry[] = Object.entries(config.exports)
  .map(([name, path]) => ({ name, path, module: path.replace(/^\.\/(.*)\.ts$/, "$1") }));

/** Name of the package on JSR, which the sources and the README use. */
export const jsrName: string = config.name;

/** Repository of the sources. */
export const repository = "https://github.com/framewright/framewright";

/** The members of a package.json that are read again. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  /** What each sub-path leads to, by condition. */
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The package.json. */
export const manifest: Manifest & Readonly<Record<string, unknown>> = {
  name: "framewright",
  version: config.version,
  description: config.description,
  license: config.license,
  keywords: [
    "framing",
    "tcp",
    "socket",
    "streams",
    "length-prefixed",
    "delimiter",
    "netstring",
    "deno",
    "bun",
  ],
  homepage: `${repository}#readme`,
  repository: { type: "git", url: `git+${repository}.git` },
  bugs: { url: `${repository}/issues` },
  type: "module",
  sideEffects: false,
  // The versions that can require() an ES module.
  engines: { node: "^20.19.0 || >=22.12.0" },
  files: [
    "bundle",
    "esm",
    "src",
    ...entries.map(({ path }) => path.slice(2)),
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
  ],
  exports: Object.fromEntries(entries.map(({ name, module }) => [name, conditions(module)])),
};

/**
 * Bundlers take the single modules, also for a server: they set `module`, which no runtime does. The
 * runtimes load the few files of `bundle/`.
 */
function conditions(module: string): Record<string, string> {
  const [esm, bundle] = [`./esm/${module}`, `./bundle/${module}.js`];
  const runtimes = { deno: bundle, bun: bundle, node: bundle };
  return { types: `${esm}.d.ts`, module: `${esm}.js`, ...runtimes, default: `${esm}.js` };
}
