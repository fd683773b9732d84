import { indexOf, NO_WORDS, wordsOf } from "./index_of.ts";
import { view } from "./view.ts";

/** Chunks shorter than this are joined, so that a peer that sends few bytes at a time uses little memory. */
export const SMALL_CHUNK = 512;

/** A run of bytes in a queue. */
export interface Segment {
  readonly bytes: Uint8Array;
  /** The bytes as 32-bit words, once they have been searched; empty before. */
  words: Int32Array;
  /** Whether the queue may add bytes at its end. */
  readonly owned: boolean;
  /** Offset in the stream of its first byte. */
  readonly offset: number;
  end: number;
  /** State that a codec keeps for the chunk. */
  memo: unknown;
  next: Segment | undefined;
}

/** Creates a segment of the first `end` bytes of `bytes`. */
export function segment(bytes: Uint8Array, end: number, offset: number, owned = false): Segment {
  return {
    bytes,
    words: NO_WORDS,
    owned,
    offset,
    end,
    memo: undefined,
    next: undefined,
  };
}

/** Returns the position of a delimiter in the segment's bytes `[from, stop)`, or -1. */
export function indexIn(
  segment: Segment,
  delimiter: Uint8Array,
  from: number,
  stop: number,
): number {
  if (segment.words === NO_WORDS) segment.words = wordsOf(segment.bytes);
  return indexOf(segment.bytes, delimiter, from, stop, segment.words);
}

/** Adds bytes to a segment, which must have room for them. */
export function append(block: Segment, added: Uint8Array): void {
  const { bytes, end } = block;
  const { length } = added;
  // For a few bytes a loop is faster than `set`: 5 ns instead of 11 for 4 bytes (Deno 2.9).
  if (length > 32) bytes.set(added, end);
  else for (let index = 0; index < length; index++) bytes[end + index] = added[index]!;
  block.end = end + length;
}

/** Returns the chunk as a plain `Uint8Array`, since visitors receive the memory of a frame. */
export function plain(chunk: Uint8Array): Uint8Array {
  return chunk.constructor === Uint8Array ? chunk : view(chunk, 0, chunk.length);
}
