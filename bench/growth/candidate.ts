/**
 * Visits the frames of one stream, in its own process:
 *
 *     node bench/growth/candidate.ts '{"framing":"LF", …}'
 *
 * @module
 */

import process from "node:process";
import { FrameDecoder } from "../../mod.ts";
import { Count } from "../support/tally.ts";
import { takePart } from "../support/work.ts";
import { chunksIn, framerOf, type Stream } from "./stream.ts";

const stream: Stream = JSON.parse(process.argv.at(-1)!);
const chunks = chunksIn(stream);
const protocol = { framer: framerOf(stream), maxFrameLength: Infinity };

await takePart(() => {
  const count = new Count();
  for (let repeat = 0; repeat < stream.repeats; repeat++) {
    const decoder = new FrameDecoder(protocol);
    for (const chunk of chunks) {
      decoder.push(chunk);
      decoder.visit(count.visit);
    }
  }
  return count;
});
