/**
 * The programs of `examples/`, on the runtime of the tests.
 *
 * @module
 */

import { copyFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import process from "node:process";
import { quiet, runsOn } from "./child.ts";
import { Program } from "./programs.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** The folder of the examples. */
export const examples: string = decodeURIComponent(
  new URL("../../examples/", import.meta.url).pathname,
);

/** The names of all examples. */
export const exampleNames: readonly string[] = readdirSync(examples)
  .filter((file) => file.endsWith(".ts"))
  .sort();

const folder = runsOn("deno") ? examples : packageFolder();
const run = runsOn("deno") ? ["run", "-A", "--no-check"] : [];

/** Returns the command that runs an example. */
export function exampleCommand(file: string, ...args: readonly string[]): string[] {
  return [process.execPath, ...run, folder + file, ...args];
}

/**
 * Starts an example.
 *
 * @param env Environment variables in addition to those of this process.
 */
export function startExample(
  file: string,
  args: readonly (string | number)[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const variables = Object.entries({ ...quiet, ...env }).map(([name, value]) => `${name}=${value}`);
  // In a session of its own: `timeout` would pass on a signal twice.
  return new Program("setsid", "env", ...variables, ...exampleCommand(file, ...args.map(String)));
}

/** Waits for the exit of an example. Returns its exit code and the rest of its output. */
export async function ended(example: Program): Promise<[code: number | null, output: string]> {
  const output = new TextDecoder().decode(await example.rest());
  return [await example.ended, output];
}

/** Returns the port that an example prints as the one on which it listens. */
export async function portOf(example: Program): Promise<number> {
  const line = await example.line();
  const [, port] = /^listening on port (\d+)$/.exec(line) ?? [];
  if (port === undefined) throw new Error(`The example has printed ${line}`);
  return Number(port);
}

/**
 * Returns a folder with the examples, in which they can import the package by its name: only deno.json maps it to
 * the sources, and the other runtimes find it if they are part of a package of this name.
 */
function packageFolder(): string {
  const folder = temporaryFolder();
  const files = ["mod.ts", "protocols.ts", "testing.ts"];
  for (const file of files) symlinkSync(`${examples}../${file}`, `${folder}/${file}`);
  const exports = { ".": "./mod.ts", "./protocols": "./protocols.ts", "./testing": "./testing.ts" };
  const description = { name: "@framewright/framewright", type: "module", exports };
  writeFileSync(`${folder}/package.json`, JSON.stringify(description));
  for (const file of exampleNames) copyFileSync(examples + file, `${folder}/${file}`);
  return `${folder}/`;
}
