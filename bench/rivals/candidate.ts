/**
 * One implementation in JavaScript on one stream, in its own process:
 *
 *     node bench/rivals/candidate.ts W4 byline
 *
 * @module
 */

import process from "node:process";
import { takePart } from "../support/work.ts";
import type { Implementation } from "./implementation.ts";
import { npm } from "./npm/npm.ts";
import { own } from "./own.ts";
import { stream } from "./streams.ts";

/** All implementations in JavaScript, this library first. */
export const implementations: readonly Implementation[] = [...own, ...npm];

if (import.meta.main) {
  const [name, chosen] = process.argv.slice(2);
  const implementation = implementations.find(({ name }) => name === chosen);
  if (implementation === undefined) throw new Error(`Unknown implementation ${chosen}`);
  await takePart(await implementation.prepare(stream(name!)));
}
