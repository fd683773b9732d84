import { Count } from "../../support/tally.ts";
import { chunksOf, type Workload } from "../../support/workloads.ts";
import type { Implementation } from "../implementation.ts";
import { load } from "./load.ts";

/** The part of a `Uint8ArrayList` that is used here. */
interface List {
  readonly length: number;
  get(index: number): number;
  subarray(): Uint8Array;
  getUint32(offset: number): number;
}

interface Module {
  decode(
    source: Iterable<Uint8Array>,
    options: { readonly lengthDecoder?: (bytes: List) => number },
  ): Iterable<List>;
}

/** Decodes synchronously: frames are lists of pieces, or joined. */
export const itLengthPrefixed: readonly Implementation[] = [
  {
    name: "it-length-prefixed, lists",
    streams: ["W3"],
    prepare: (work) =>
      decoding(work, (frames) => {
        const tally = { frames: 0, lengths: 0, firsts: 0 };
        for (const frame of frames) {
          tally.frames++;
          tally.lengths += frame.length;
          tally.firsts += frame.get(0);
        }
        return tally;
      }),
  },
  {
    name: "it-length-prefixed, bytes",
    streams: ["W1", "W2", "W3", "W7"],
    prepare: (work) =>
      decoding(work, (frames) => {
        const count = new Count();
        for (const frame of frames) count.add(frame.subarray());
        return count;
      }),
  },
];

async function decoding<T>(work: Workload, take: (frames: Iterable<List>) => T): Promise<() => T> {
  const { decode } = await load<Module>("it-length-prefixed");
  const chunks = chunksOf(work);
  const options = work.name === "W7" ? {} : { lengthDecoder: Object.assign(uint32, { bytes: 4 }) };
  return () => take(decode(chunks, options));
}

function uint32(bytes: List): number {
  // The library expects this error when more bytes are needed.
  if (bytes.length < 4) throw new RangeError("Cannot read a length of fewer than 4 bytes");
  return bytes.getUint32(0);
}
