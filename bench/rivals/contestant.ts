/**
 * One contestant in JavaScript on one stream, in a process of its own:
 *
 *     node bench/rivals/contestant.ts W4 byline
 *
 * @module
 */

import process from "node:process";
import { takePart } from "../support/work.ts";
import { npm } from "./npm/npm.ts";
import { own } from "./own.ts";
import type { Rival } from "./rival.ts";
import { stream } from "./streams.ts";

/** Everybody in JavaScript, this library first. */
export const javaScript: readonly Rival[] = [...own, ...npm];

if (import.meta.main) {
  const [name, who] = process.argv.slice(2);
  const rival = javaScript.find(({ name }) => name === who);
  if (rival === undefined) throw new Error(`There is no contestant ${who}`);
  await takePart(await rival.prepare(stream(name!)));
}
