import { FrameDecoder, readFrames, text } from "../../mod.ts";
import { arriving } from "../memory/arriving.ts";
import { Count } from "../support/count.ts";
import { reading, visiting } from "../support/framed.ts";
import { chunksOf, type Workload, workloadNames } from "../support/workloads.ts";
import type { Rival } from "./rival.ts";
import { streamNames } from "./streams.ts";
import { StringCount } from "../support/string_count.ts";

const asBytes = streamNames.filter((name) => name !== "W4s");
/** Where there are rivals that hand out strings. */
const asStrings = ["W4s", "W5", "W6", "W8-short"];

/** This library, by each of its faces that fits. */
export const own: readonly Rival[] = [
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
  {
    name: "read, strings",
    streams: asStrings,
    prepare: (work) =>
      stringsBy(work, (decoder, count) => {
        for (let line; (line = decoder.read()) !== undefined;) count.add(line);
      }),
  },
  {
    name: "for … of, strings",
    streams: ["W4s"],
    prepare: (work) =>
      stringsBy(work, (decoder, count) => {
        for (const line of decoder) count.add(line);
      }),
  },
  {
    name: "readFrames, strings",
    streams: ["W4s"],
    prepare(work) {
      const chunks = chunksOf(work);
      const protocol = { framer: work.framer, codec: text() };
      return async () => {
        const count = new StringCount();
        for await (const line of readFrames(arriving(chunks), protocol)) count.add(line);
        return count;
      };
    },
  },
];

/** Takes all strings at hand behind each chunk. */
function stringsBy(
  work: Workload,
  take: (decoder: FrameDecoder<string>, count: StringCount) => void,
): () => StringCount {
  const chunks = chunksOf(work);
  const protocol = { framer: work.framer, codec: text(), maxFrameLength: Infinity };
  return () => {
    const count = new StringCount();
    const decoder = new FrameDecoder(protocol);
    for (const chunk of chunks) {
      decoder.push(chunk);
      take(decoder, count);
    }
    return count;
  };
}
