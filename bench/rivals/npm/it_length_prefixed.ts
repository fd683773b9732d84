import { Count } from "../../support/count.ts";
import { chunksOf, type Workload } from "../../support/workloads.ts";
import type { Rival } from "../rival.ts";
import { load } from "./load.ts";

/** A list of chunks, as far as it matters here. */
interface List {
  readonly length: number;
  get(index: number): number;
  subarray(): Uint8Array;
  getUint32(offset: number): number;
}

interface LengthDecoder {
  (bytes: List): number;
  bytes: number;
}

interface Module {
  decode(
    source: Iterable<Uint8Array>,
    options: { readonly lengthDecoder?: LengthDecoder },
  ): Iterable<List>;
}

/** Length prefixes of libp2p, decoded without promises: frames are lists of pieces, or joined. */
export const itLengthPrefixed: readonly Rival[] = [
  {
    name: "it-length-prefixed, lists",
    streams: ["W3"],
    async prepare(work) {
      const { decode } = await load<Module>("it-length-prefixed");
      const chunks = chunksOf(work);
      const options = optionsOf(work);
      return () => {
        const tally = { frames: 0, lengths: 0, firsts: 0 };
        for (const frame of decode(chunks, options)) {
          tally.frames++;
          tally.lengths += frame.length;
          tally.firsts += frame.get(0);
        }
        return tally;
      };
    },
  },
  {
    name: "it-length-prefixed, bytes",
    streams: ["W1", "W2", "W3", "W7"],
    async prepare(work) {
      const { decode } = await load<Module>("it-length-prefixed");
      const chunks = chunksOf(work);
      const options = optionsOf(work);
      return () => {
        const count = new Count();
        for (const frame of decode(chunks, options)) count.add(frame.subarray());
        return count;
      };
    },
  },
];

function optionsOf({ name }: Workload): { readonly lengthDecoder?: LengthDecoder } {
  return name === "W7" ? {} : { lengthDecoder: uint32() };
}

function uint32(): LengthDecoder {
  const decoder: LengthDecoder = (bytes) => {
    // This error is how it is told that there are too few bytes.
    if (bytes.length < 4) throw new RangeError("Cannot read a length of fewer than 4 bytes");
    return bytes.getUint32(0);
  };
  decoder.bytes = 4;
  return decoder;
}
