/**
 * The program whose instructions are counted, one process per workload. It repeats each operation until
 * the code is compiled, then a few more times between marks that Callgrind recognizes:
 *
 *     node counted.mjs W1
 *
 * @module
 */

import process from "node:process";
import { Script } from "node:vm";
import { FrameEncoder } from "../../mod.ts";
import { reading, visiting } from "../support/framed.ts";
import { expectTally, type Tally } from "../support/tally.ts";
import { framesOf, workload } from "../support/workloads.ts";
import { countedRuns, countedWorkloads, type Operation, operationsOf } from "./counted_work.ts";

/** Number of runs before counting, until everything is compiled. */
const WARM_UP = 200;
/** Number of writes before each drain, as in one turn of the event loop. */
const BATCH = 100;

const name = process.argv[2]!;
const work = workload(name, countedWorkloads[name]);
const frames = framesOf(work);
const protocol = { framer: work.framer };
const bytes = work.bytes.length;

const operations: Readonly<Record<Operation, () => Tally>> = {
  visit: visiting(work),
  read: reading(work),
  encode,
};
const host = globalThis as unknown as { counted: () => void };
const mark = new Script("counted()");

for (const operation of operationsOf(name)) {
  const run = host.counted = operations[operation];
  expectTally(operation, run(), work.expected);
  for (let count = 0; count < WARM_UP; count++) run();
  for (let count = 0; count < countedRuns; count++) mark.runInThisContext();
}
// Callgrind writes counts at the next mark.
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
  // Only the number of bytes is checked.
  return { ...work.expected, lengths: work.expected.lengths + length - bytes };
}
