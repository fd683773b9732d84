/**
 * Loads the installed package on the runtimes that it supports.
 *
 * @module
 */

import { home, on, published, run } from "./consumer.ts";
import type { Check } from "./report.ts";

/** The oldest versions that package.json accepts, and the newest of each major version. */
const nodes = ["20.19.0", "20", "22.12.0", "22", "24", "26"];

const names = JSON.stringify([...published.values()]);

/** `import` and `require` must load the same module from `bundle/`. */
const script = `
  const names = ${names};
  const { pathToFileURL } = require("node:url");
  Promise.all(names.map(async (name) => {
    const path = require.resolve(name);
    if (!/[\\\\/]bundle[\\\\/]/.test(path)) throw new Error(name + " resolves to " + path);
    const [required, imported] = [require(name), await import(name)];
    for (const key of Object.keys(imported)) {
      if (required[key] !== imported[key]) throw new Error(key + " differs between import and require");
    }
  })).then(() => console.log("loaded"));`;

/** The other runtimes must import it from `bundle/`, too. */
const module = `
  for (const name of ${names}) {
    const path = import.meta.resolve(name);
    if (!path.includes("/bundle/")) throw new Error(name + " resolves to " + path);
    await import(name);
  }
  console.log("loaded");`;

function expectLoaded(text: string): void {
  if (!text.includes("loaded")) throw new Error(text);
}

/** Returns one check for each runtime. */
export async function loadingChecks(): Promise<Check[]> {
  await Deno.writeTextFile(`${home}/load.cjs`, script);
  await Deno.writeTextFile(`${home}/load.mjs`, module);
  return [
    ...nodes.map((version): Check => [`import and require() on Node ${version}`, async () => {
      expectLoaded(await on(`node@${version}`, "load.cjs"));
      expectLoaded(await on(`node@${version}`, "load.mjs"));
    }]),
    ["import on Bun", async () => expectLoaded(await on("bun@1.4.5", "load.mjs"))],
    ["import on Deno", async () => {
      expectLoaded(await run(Deno.execPath(), "run", "-A", "load.mjs"));
    }],
  ];
}
