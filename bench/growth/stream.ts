/**
 * Streams of any length in little memory: chunks with equal content are shared.
 *
 * @module
 */

import { type Framer, lengthPrefixed, lines, uint32 } from "../../mod.ts";
import type { Tally } from "../support/tally.ts";
import { bigEndian } from "../support/workloads.ts";

/** How frames are delimited: by an LF after them, or by their length before them. */
export type Framing = "LF" | "uint32";

/** A stream of equal frames, and how it is cut into chunks. */
export interface Stream {
  readonly framing: Framing;
  readonly frameLength: number;
  readonly frames: number;
  readonly chunkLength: number;
  /** Number of such streams, one after another. */
  readonly repeats: number;
}

/** The content of all frames. */
const FILLER = 0x78;

/** Returns the framer of a stream. */
export function framerOf({ framing }: Stream): Framer {
  return framing === "LF" ? lines() : lengthPrefixed(uint32);
}

/** Returns the length of a stream, with headers and trailers. */
export function bytesIn(stream: Stream): number {
  const { header, trailer } = partsOf(stream);
  return (header.length + stream.frameLength + trailer.length) * stream.frames;
}

/** Returns the tally of all repeats of a stream. */
export function expectedIn({ frames, frameLength, repeats }: Stream): Tally {
  const count = frames * repeats;
  return { frames: count, lengths: count * frameLength, firsts: count * FILLER };
}

/** Returns the chunks of a stream. */
export function chunksIn(stream: Stream): readonly Uint8Array[] {
  const { frameLength, chunkLength, frames } = stream;
  const { header, trailer } = partsOf(stream);
  const total = bytesIn(stream);
  const stride = total / frames;
  const shared = new Map<number, Uint8Array>();
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < total; at += chunkLength) {
    const phase = at % stride;
    const length = Math.min(chunkLength, total - at);
    const isFiller = phase >= header.length && phase + length <= header.length + frameLength;
    const key = isFiller ? -1 : phase;
    let chunk = shared.get(key);
    if (chunk?.length !== length) shared.set(key, chunk = cut(phase, length));
    chunks.push(chunk);
  }
  return chunks;

  /** Makes a chunk that begins at a position in a frame. */
  function cut(phase: number, length: number): Uint8Array {
    const chunk = new Uint8Array(length).fill(FILLER);
    const put = (bytes: readonly number[], from: number) => {
      for (const [index, byte] of bytes.entries()) {
        if (from + index >= 0 && from + index < length) chunk[from + index] = byte;
      }
    };
    for (let frame = -phase; frame < length; frame += stride) {
      put(header, frame);
      put(trailer, frame + header.length + frameLength);
    }
    return chunk;
  }
}

function partsOf({ framing, frameLength }: Stream) {
  return framing === "LF"
    ? { header: [], trailer: [0x0a] }
    : { header: bigEndian(frameLength), trailer: [] };
}
