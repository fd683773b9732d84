/**
 * Visits the frames of one stream, in a process of its own: by this library, or by a loop by hand.
 *
 *     node bench/growth/contestant.ts framed '{"framing":"LF", …}'
 *
 * @module
 */

import process from "node:process";
import { FrameDecoder } from "../../mod.ts";
import { lineIndexOf } from "../memory/by_hand.ts";
import { Count } from "../support/count.ts";
import { takePart } from "../support/work.ts";
import { chunksIn, framerOf, type Stream } from "./stream.ts";

const stream: Stream = JSON.parse(process.argv.at(-1)!);
const byHand = process.argv.at(-2) === "by hand";
const chunks = chunksIn(stream);
const protocol = { framer: framerOf(stream), maxFrameLength: Infinity };

await takePart(() => {
  const count = new Count();
  for (let repeat = 0; repeat < stream.repeats; repeat++) {
    if (byHand) {
      const push = lineIndexOf(count.visit);
      for (const chunk of chunks) push(chunk);
    } else {
      const decoder = new FrameDecoder(protocol);
      for (const chunk of chunks) {
        decoder.push(chunk);
        decoder.visit(count.visit);
      }
    }
  }
  return count;
});
