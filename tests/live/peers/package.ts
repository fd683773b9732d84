/**
 * What the scripts share: they run a role, with the npm package that their test has installed.
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

/** Loads the package, a package that it depends on, or a file of it, as in `"./index.js"`. */
export function load(name: string): Untyped {
  return createRequire(`${process.env["LIVE_PACKAGE"]}/package.json`)(name);
}

/** Runs the role that this script was started with. */
export async function run(roles: Record<string, (options: Untyped) => unknown>): Promise<void> {
  // Ends this process if its test has not.
  timer(() => process.exit(3), scaled(60_000)).unref();
  const [role, options] = task<Untyped>();
  await roles[role]!(options);
}
