import { FrameDecoder, readFrames, text } from "../../mod.ts";
import { StringCount } from "../support/tally.ts";
import type { Work } from "../support/work.ts";
import { arriving, chunksOf, type Workload } from "../support/workloads.ts";

/** Implementations that decode lines as strings, by name. */
export function strings(work: Workload): Record<string, Work> {
  const chunks = chunksOf(work);
  const protocol = { framer: work.framer, codec: text(), maxFrameLength: Infinity };
  return {
    "a chunk decoded once, by hand": () => {
      const found = new StringCount();
      const decoder = new TextDecoder();
      let rest = "";
      for (const chunk of chunks) {
        const text = rest + decoder.decode(chunk, { stream: true });
        let at = 0;
        for (let end; (end = text.indexOf("\n", at)) >= 0; at = end + 1) {
          const cr = end > at && text.charCodeAt(end - 1) === 13;
          found.add(text.slice(at, cr ? end - 1 : end));
        }
        rest = text.slice(at);
      }
      return found;
    },
    "a TextDecoder a line, by hand": () => {
      const found = new StringCount();
      const decoder = new TextDecoder();
      const lines = new FrameDecoder({ framer: work.framer });
      for (const chunk of chunks) {
        lines.push(chunk);
        lines.visit((bytes, start, end) => found.add(decoder.decode(bytes.subarray(start, end))));
      }
      return found;
    },
    "read, strings": () => {
      const found = new StringCount();
      const decoder = new FrameDecoder(protocol);
      for (const chunk of chunks) {
        decoder.push(chunk);
        for (let line; (line = decoder.read()) !== undefined;) found.add(line);
      }
      return found;
    },
    "for … of, strings": () => {
      const found = new StringCount();
      const decoder = new FrameDecoder(protocol);
      for (const chunk of chunks) {
        decoder.push(chunk);
        for (const line of decoder) found.add(line);
      }
      return found;
    },
    "readFrames, strings": async () => {
      const found = new StringCount();
      for await (const line of readFrames(arriving(chunks), protocol)) found.add(line);
      return found;
    },
  };
}
