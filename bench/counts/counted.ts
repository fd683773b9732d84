/**
 * What is counted, in a process of its own for each workload. It does its work until it is compiled,
 * then, between marks that Callgrind knows, a few times more:
 *
 *     node counted.mjs W1
 *
 * @module
 */

import process from "node:process";
import { Script } from "node:vm";
import { FrameEncoder } from "../../mod.ts";
import { framesOf } from "../memory/frames.ts";
import { reading, visiting } from "../support/framed.ts";
import { expectTally, type Tally, workload } from "../support/workloads.ts";
import { countedRuns, countedWorkloads, type Way, waysOf } from "./counted_work.ts";

/** So many runs before, until the compilers have nothing left to do. */
const WARM_UP = 200;
/** Writes before each drain, as a turn of the event loop has them. */
const BATCH = 100;

const name = process.argv[2]!;
const work = workload(name, countedWorkloads[name]);
const frames = framesOf(work);
const protocol = { framer: work.framer };
const bytes = work.bytes.length;

const ways: Readonly<Record<Way, () => Tally>> = {
  visit: visiting(work),
  read: reading(work),
  encode,
};
const host = globalThis as unknown as { counted: () => void };
const mark = new Script("counted()");

for (const way of waysOf(name)) {
  const run = host.counted = ways[way];
  expectTally(way, run(), work.expected);
  for (let count = 0; count < WARM_UP; count++) run();
  for (let count = 0; count < countedRuns; count++) mark.runInThisContext();
}
// What is counted is told when the next mark comes.
host.counted = () => {};
mark.runInThisContext();

function encode(): Tally {
  const encoder = new FrameEncoder(protocol);
  let written = 0;
  let length = 0;
  for (const frame of frames) {
    encoder.write(frame);
    if (++written % BATCH === 0) { for (const chunk of encoder.drain()) length += chunk.length; }
  }
  for (const chunk of encoder.drain()) length += chunk.length;
  // All bytes must have come out; what they mean is none of the encoder's business.
  return { ...work.expected, lengths: work.expected.lengths + length - bytes };
}
