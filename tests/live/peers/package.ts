/**
 * Runs the role of a script, and gives it the npm package that its test has installed.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import { setTimeout as timer } from "node:timers";
import { task } from "../../support/child.ts";
import { scaled } from "../../support/limits.ts";

/** Exports of a package, whose types are not installed. */
// deno-lint-ignore no-explicit-any
export type Untyped = any;

/** Loads a file of the package, by default its main one. */
export function load(file = ""): Untyped {
  return createRequire(import.meta.url)(`${process.env["LIVE_PACKAGE"]}/${file}`);
}

/** Runs the role that this script was started with. */
export async function run(roles: Record<string, (options: Untyped) => unknown>): Promise<void> {
  // Ends this process if its test has not.
  timer(() => process.exit(3), scaled(60_000)).unref();
  const [role, options] = task<Untyped>();
  await roles[role]!(options);
}
