import { FrameDecoder } from "../../mod.ts";
import { Count, type Tally } from "./tally.ts";
import { chunksOf, type Workload } from "./workloads.ts";

/** Visits the frames of a workload chunk by chunk. */
export function visiting(work: Workload): () => Tally {
  const chunks = chunksOf(work);
  const protocol = protocolOf(work);
  return () => {
    const count = new Count();
    const decoder = new FrameDecoder(protocol);
    for (const chunk of chunks) {
      decoder.push(chunk);
      decoder.visit(count.visit);
    }
    return count;
  };
}

/** Reads the frames of a workload chunk by chunk. */
export function reading(work: Workload): () => Tally {
  const chunks = chunksOf(work);
  const protocol = protocolOf(work);
  return () => {
    const count = new Count();
    const decoder = new FrameDecoder(protocol);
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let frame; (frame = decoder.read()) !== undefined;) count.add(frame);
    }
    return count;
  };
}

function protocolOf({ framer, expected: { frames, lengths } }: Workload) {
  return { framer, maxFrameLength: lengths / frames };
}
