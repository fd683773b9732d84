/**
 * Streams of any length that take little memory: what is equal in them is there once.
 *
 * @module
 */

import { type Framer, lengthPrefixed, lines, uint32 } from "../../mod.ts";
import { bigEndian, type Tally } from "../support/workloads.ts";

/** How frames are bounded: by the LF behind them, or by their length in front of them. */
export type Framing = "LF" | "uint32";

/** A stream of equal frames, and how it is cut. */
export interface Stream {
  readonly framing: Framing;
  readonly frameLength: number;
  readonly frames: number;
  readonly chunkLength: number;
  /** How many such streams there are, one after the other. */
  readonly repeats: number;
}

/** What all frames are filled with. */
const FILLER = 0x78;
const LF = 0x0a;

/** The framer for a stream. */
export function framerOf({ framing }: Stream): Framer {
  return framing === "LF" ? lines() : lengthPrefixed(uint32);
}

/** How many bytes a stream has, headers and trailers included. */
export function bytesIn(stream: Stream): number {
  return strideOf(stream) * stream.frames;
}

function strideOf(stream: Stream): number {
  const { header, trailer } = partsOf(stream);
  return header.length + stream.frameLength + trailer.length;
}

/** What is in all repeats of a stream. */
export function expectedIn({ frames, frameLength, repeats }: Stream): Tally {
  const count = frames * repeats;
  return { frames: count, lengths: count * frameLength, firsts: count * FILLER };
}

/** The chunks of a stream. Those that hold the same bytes are the same chunk. */
export function chunksIn(stream: Stream): readonly Uint8Array[] {
  const { frameLength, chunkLength } = stream;
  const { header, trailer } = partsOf(stream);
  const stride = strideOf(stream);
  const total = bytesIn(stream);
  const known = new Map<number, Uint8Array>();
  const chunks: Uint8Array[] = [];
  for (let at = 0; at + chunkLength <= total; at += chunkLength) {
    const phase = at % stride;
    const within = phase >= header.length && phase + chunkLength <= header.length + frameLength;
    const key = within ? -1 : phase;
    let chunk = known.get(key);
    if (chunk === undefined) known.set(key, chunk = cut(phase, chunkLength));
    chunks.push(chunk);
  }
  const rest = total % chunkLength;
  if (rest > 0) chunks.push(cut((total - rest) % stride, rest));
  return chunks;

  function cut(phase: number, length: number): Uint8Array {
    const chunk = new Uint8Array(length).fill(FILLER);
    for (let frame = -phase; frame < length; frame += stride) {
      put(header, frame);
      put(trailer, frame + header.length + frameLength);
    }
    return chunk;

    function put(bytes: readonly number[], from: number): void {
      for (const [index, byte] of bytes.entries()) {
        if (from + index >= 0 && from + index < length) chunk[from + index] = byte;
      }
    }
  }
}

interface Parts {
  readonly header: readonly number[];
  readonly trailer: readonly number[];
}

function partsOf({ framing, frameLength: length }: Stream): Parts {
  if (framing === "LF") return { header: [], trailer: [LF] };
  return {
    header: bigEndian(length),
    trailer: [],
  };
}
