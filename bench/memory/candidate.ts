/**
 * One candidate of one claim on one workload, in its own process:
 *
 *     node bench/memory/candidate.ts decoding W1 visit
 *
 * @module
 */

import process from "node:process";
import { takePart, type Work } from "../support/work.ts";
import { type Workload, workload } from "../support/workloads.ts";
import { apis } from "./apis.ts";
import { decoding } from "./decoding.ts";
import { encoding } from "./encoding.ts";
import { strings } from "./strings.ts";

/** The candidates of each claim on a workload, by name. */
export const claims: Readonly<Record<string, (work: Workload) => Record<string, Work>>> = {
  decoding,
  strings: (work) => work.name === "W4" ? strings(work) : {},
  encoding,
  APIs: apis,
};

/** What candidates of this library are compared with: the best whose name begins like this. */
export const references: Readonly<Record<string, string>> = {
  "visit": "positions by hand",
  "read": "views by hand",
  "for … of": "views by hand",
  "read, strings": "a chunk decoded once",
  "for … of, strings": "a chunk decoded once",
  "readFrames, strings": "a chunk decoded once",
  "FrameEncoder": "one growing buffer by hand",
  "readFrames, for await": "async iterator by hand",
  "Connection, for await": "async iterator by hand",
  "Connection, batches": "decoder by itself",
  "Connection, visit": "decoder by itself",
  "FrameDecoderStream": "TransformStream by hand, decoding",
  "FrameEncoderStream": "TransformStream by hand, encoding",
};

if (import.meta.main) {
  const [claim, name, candidate] = process.argv.slice(2) as [string, string, string];
  await takePart(claims[claim]!(workload(name))[candidate]!);
}
