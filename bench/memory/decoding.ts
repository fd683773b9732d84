import { FrameDecoder } from "../../mod.ts";
import { reading, visiting } from "../support/framed.ts";
import { Count } from "../support/tally.ts";
import type { Work } from "../support/work.ts";
import { chunksOf, type Workload } from "../support/workloads.ts";
import {
  blockIndexOf,
  blockLoop,
  lineIndexOf,
  lineLoop,
  type Loop,
  uint32Loop,
  varintLoop,
  type Visit,
} from "./by_hand.ts";

type MakeLoop = (visit: Visit) => Loop;

const loops: Readonly<Record<string, Readonly<Record<string, MakeLoop>>>> = {
  W1: { "": uint32Loop },
  W2: { "": uint32Loop },
  W3: { "": uint32Loop },
  W4: { ", loop": lineLoop, ", indexOf": lineIndexOf },
  W5: { ", loop": lineLoop, ", indexOf": lineIndexOf },
  W6: { ", loop": blockLoop, ", indexOf": blockIndexOf },
  W7: { "": varintLoop },
  W8: { ", loop": lineLoop, ", indexOf": lineIndexOf },
};

/** Implementations that decode frames from chunks, by name. */
export function decoding(work: Workload): Record<string, Work> {
  const chunks = chunksOf(work);
  const { frames, lengths } = work.expected;
  const protocol = { framer: work.framer, maxFrameLength: lengths / frames };
  const implementations: Record<string, Work> = {};
  for (const [how, loop] of Object.entries(loops[work.name]!)) {
    implementations[`positions by hand${how}`] = () => {
      const count = new Count();
      const push = loop(count.visit);
      for (const chunk of chunks) push(chunk);
      return count;
    };
    implementations[`views by hand${how}`] = () => {
      const count = new Count();
      let current: Uint8Array;
      // Frames that straddle chunks are in a buffer that will be reused.
      const push = loop((bytes, start, end) =>
        count.add(bytes === current ? bytes.subarray(start, end) : bytes.slice(start, end))
      );
      for (const chunk of chunks) {
        current = chunk;
        push(chunk);
      }
      return count;
    };
  }
  implementations["visit"] = visiting(work);
  implementations["read"] = reading(work);
  implementations["for … of"] = () => {
    const count = new Count();
    const decoder = new FrameDecoder(protocol);
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (const frame of decoder) count.add(frame);
    }
    return count;
  };
  return implementations;
}
