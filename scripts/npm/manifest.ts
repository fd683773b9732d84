/**
 * The entry points and the package.json of the npm package, for all builders.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };

/** An entry point of the package. */
export interface Entry {
  /** Subpath in an import: `.` or `./testing`. */
  readonly name: string;
  /** Path of its source, relative to the root: `./mod.ts`. */
  readonly path: string;
  /** Name of its module, without an extension: `mod`. */
  readonly module: string;
}

/** The entry points, in the order of deno.json. */
export const entries: readonly Entry[] = Object.entries(config.exports)
  .map(([name, path]) => ({ name, path, module: path.replace(/^\.\/(.*)\.ts$/, "$1") }));

/** Name of the package on JSR, as in the sources and the README. */
export const jsrName: string = config.name;

/**
 * The module that replaces another one in bundles for browsers, which have no sockets. By itself, nothing imports
 * it.
 */
export const browser = { replaced: "src/transports/current", by: "src/transports/none" } as const;

/** URL of the repository. */
export const repository = "https://github.com/framewright/framewright";

/** The part of a package.json that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  /** Path for each condition, by subpath. */
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
  browser: { [`./esm/${browser.replaced}.js`]: `./esm/${browser.by}.js` },
};

/**
 * Returns the exports of an entry point. Bundlers use the single modules, also for a server: they set
 * `module`, which no runtime does. Runtimes load the few files of `bundle/`.
 */
function conditions(module: string): Record<string, string> {
  const [esm, bundle] = [`./esm/${module}`, `./bundle/${module}.js`];
  const runtimes = { deno: bundle, bun: bundle, node: bundle };
  return { types: `${esm}.d.ts`, module: `${esm}.js`, ...runtimes, default: `${esm}.js` };
}
