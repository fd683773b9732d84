/**
 * One contestant of one claim on one workload, in a process of its own:
 *
 *     node bench/memory/contestant.ts decoding W1 visit
 *
 * @module
 */

import process from "node:process";
import { takePart, type Work } from "../support/work.ts";
import { type Workload, workload } from "../support/workloads.ts";
import { decoding } from "./decoding.ts";
import { encoding } from "./encoding.ts";
import { faces } from "./faces.ts";
import { strings } from "./strings.ts";

/** Each claim's contestants on a workload, by name. */
export const claims: Readonly<
  Record<string, (work: Workload) => Record<string, Work>>
> = {
  decoding,
  strings,
  encoding,
  faces,
};

/** Whom each contestant of ours is held against, by how their names begin: the best of them. */
export const references: Readonly<Record<string, string>> = {
  "visit": "positions by hand",
  "read": "views by hand",
  "for … of": "views by hand",
  "read, strings": "a chunk decoded once",
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
  const [claim, name, contestant] = process.argv.slice(2) as [
    string,
    string,
    string,
  ];
  await takePart(claims[claim]!(workload(name))[contestant]!);
}
