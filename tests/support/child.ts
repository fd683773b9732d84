/**
 * Processes of the runtime that the tests run on, which do on their own what a test must not do to
 * itself: be killed, have few file descriptors, live in another network, end by themselves.
 *
 * @module
 */

import { LineProcess } from "./line_process.ts";

/** What makes another command of a command: one that runs it elsewhere. */
export type Wrap = (command: readonly string[]) => readonly string[];

/**
 * Runs a script that lies here, and prints its results, JSON by JSON.
 *
 * @param script Its name, such as `peer`, and the role that it plays.
 * @param options What the role is told.
 * @param wrap Where it runs.
 */
export function child(
  script: `${string} ${string}`,
  options: object = {},
  wrap: Wrap = (command) => command,
): LineProcess {
  const [name, role] = script.split(" ") as [string, string];
  // Compiled files have another suffix.
  const suffix = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  const file = decodeURIComponent(new URL(`./${name}${suffix}`, import.meta.url).pathname);
  const command = [process.execPath, ...runtime(), file, role, JSON.stringify(options)];
  return new LineProcess(wrap(command), { DENO_NO_UPDATE_CHECK: "1", NODE_NO_WARNINGS: "1" });
}

/** Whether the tests run on the runtime of this name. */
export function runsOn(name: "deno" | "bun" | "node"): boolean {
  const { versions } = process as { readonly versions: Readonly<Record<string, string>> };
  const current = versions["deno"] ? "deno" : versions["bun"] ? "bun" : "node";
  return current === name;
}

/** The role and the options that such a script was started with. */
export function task<Options>(): [role: string, options: Options] {
  const [role, options] = process.argv.slice(2) as [string, string];
  return [role, JSON.parse(options)];
}

/** Tells the test. */
export function tell(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function runtime(): string[] {
  return runsOn("deno") ? ["run", "-A", "--no-check"] : [];
}
