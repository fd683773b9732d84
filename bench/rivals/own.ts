import { readFrames } from "../../mod.ts";
import { strings } from "../memory/strings.ts";
import { reading, visiting } from "../support/framed.ts";
import { Count } from "../support/tally.ts";
import { arriving, chunksOf, workloadNames } from "../support/workloads.ts";
import type { Implementation } from "./implementation.ts";
import { streamNames } from "./streams.ts";

const asBytes = streamNames.filter((name) => name !== "W4s");

/** This library, by each API that fits. */
export const own: readonly Implementation[] = [
  { name: "visit", streams: asBytes, prepare: visiting },
  { name: "read", streams: asBytes, prepare: reading },
  {
    name: "readFrames",
    streams: workloadNames,
    prepare(work) {
      const chunks = chunksOf(work);
      const protocol = { framer: work.framer, maxFrameLength: Infinity };
      return async () => {
        const count = new Count();
        for await (const frame of readFrames(arriving(chunks), protocol)) count.add(frame);
        return count;
      };
    },
  },
  // The streams for which other libraries return strings.
  stringsBy("read, strings", ["W4s", "W5", "W6", "W8-short"]),
  stringsBy("for … of, strings", ["W4s"]),
  stringsBy("readFrames, strings", ["W4s"]),
];

function stringsBy(name: string, streams: readonly string[]): Implementation {
  return { name, streams, prepare: (work) => strings(work)[name]! };
}
