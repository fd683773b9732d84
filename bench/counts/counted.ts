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
import { FrameDecoder, FrameEncoder } from "../../mod.ts";
import { Count } from "../memory/tally.ts";
import { chunksOf, type Tally, workload } from "../support/workloads.ts";
import { countedRuns, countedWorkloads, type Way, waysOf } from "./counted_work.ts";

/** So many runs before, until the compilers have nothing left to do. */
const WARM_UP = 100;
/** Writes before each drain, as a turn of the event loop has them. */
const BATCH = 100;

const name = process.argv[2]!;
const work = workload(name, countedWorkloads[name]);
const chunks = chunksOf(work);
const protocol = { framer: work.framer, maxFrameLength: Infinity };
const frames = [...framesOf()];
const bytes = work.bytes.length;

const ways: Readonly<Record<Way, () => Tally>> = { visit, read, encode };
const host = globalThis as unknown as { counted: () => void };
const mark = new Script("counted()");

for (const way of waysOf(name)) {
  const run = host.counted = ways[way];
  check(way, run());
  for (let count = 0; count < WARM_UP; count++) run();
  for (let count = 0; count < countedRuns; count++) mark.runInThisContext();
}
// What is counted is told when the next mark comes.
host.counted = () => {};
mark.runInThisContext();

function visit(): Tally {
  const count = new Count();
  const decoder = new FrameDecoder(protocol);
  for (const chunk of chunks) {
    decoder.push(chunk);
    decoder.visit(count.visit);
  }
  return count;
}

function read(): Tally {
  const count = new Count();
  const decoder = new FrameDecoder(protocol);
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let frame; (frame = decoder.read()) !== undefined;) count.add(frame);
  }
  return count;
}

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

function* framesOf(): Iterable<Uint8Array> {
  const decoder = new FrameDecoder(protocol);
  for (const chunk of chunks) {
    decoder.push(chunk);
    yield* decoder;
  }
}

function check(way: Way, found: Tally): void {
  for (const key of ["frames", "lengths", "firsts"] as const) {
    if (found[key] === work.expected[key]) continue;
    throw new Error(`${way} has found ${found[key]} ${key}, not ${work.expected[key]}`);
  }
}
