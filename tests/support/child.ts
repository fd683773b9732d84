/**
 * Child processes on the runtime of the tests, for what a test must not do to its own process: be killed,
 * run out of file descriptors, enter another network, exit.
 *
 * @module
 */

import { LineProcess } from "./line_process.ts";

/** Wraps a command so that it runs in another environment. */
export type Wrap = (command: readonly string[]) => readonly string[];

/**
 * Runs a script of this folder, which prints its results as lines of JSON.
 *
 * @param script Name of the script and its role, such as `peer echo`.
 * @param options Options of the role.
 * @param wrap Wraps the command.
 */
export function child(
  script: `${string} ${string}`,
  options: object = {},
  wrap: Wrap = (command) => command,
): LineProcess {
  return new LineProcess(wrap(scriptCommand(script, options)), quiet);
}

/** Environment variables that keep the runtimes from printing hints. */
export const quiet = { DENO_NO_UPDATE_CHECK: "1", NODE_NO_WARNINGS: "1" } as const;

/** Returns the command that runs a script of this folder, as {@link child} does. */
export function scriptCommand(
  script: `${string} ${string}`,
  options: object = {},
): [program: string, ...args: string[]] {
  const [name, role] = script.split(" ") as [string, string];
  // Compiled scripts have another suffix.
  const suffix = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  const file = decodeURIComponent(new URL(`./${name}${suffix}`, import.meta.url).pathname);
  return [process.execPath, ...runtime(), file, role, JSON.stringify(options)];
}

/** Whether the tests run on the runtime of this name. */
export function runsOn(name: "deno" | "bun" | "node"): boolean {
  const { versions } = process as { readonly versions: Readonly<Record<string, string>> };
  const current = versions["deno"] ? "deno" : versions["bun"] ? "bun" : "node";
  return current === name;
}

/** Returns the role and the options that this script was started with. */
export function task<Options>(): [role: string, options: Options] {
  const [role, options] = process.argv.slice(2) as [string, string];
  return [role, JSON.parse(options)];
}

/** Prints a result, for the test to read. */
export function tell(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function runtime(): string[] {
  return runsOn("deno") ? ["run", "-A", "--no-check"] : [];
}
