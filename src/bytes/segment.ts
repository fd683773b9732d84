import { indexOf, NO_WORDS, wordsOf } from "./index_of.ts";
import { view } from "./view.ts";

/** Chunks shorter than this are joined, so that a peer that sends few bytes at a time costs little. */
export const SMALL_CHUNK = 512;

/** A run of bytes in a queue. */
export interface Segment {
  readonly bytes: Uint8Array;
  /** The bytes four by four, once they have been searched; none before. */
  words: Int32Array;
  /** Whether the queue may add bytes at its end. */
  readonly owned: boolean;
  /** Where in the stream it begins. */
  readonly offset: number;
  end: number;
  /** What a codec has found out about the chunk. */
  memo: unknown;
  next: Segment | undefined;
}

/** Makes a segment of the first `end` bytes of `bytes`. */
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

/** Finds where a delimiter stands whole in the segment's bytes `[from, stop)`; -1 if it does not. */
export function indexIn(
  segment: Segment,
  delimiter: Uint8Array,
  from: number,
  stop: number,
): number {
  if (segment.words === NO_WORDS) segment.words = wordsOf(segment.bytes);
  return indexOf(segment.bytes, delimiter, from, stop, segment.words);
}

/** Adds bytes to a segment that has room for them. */
export function append(block: Segment, added: Uint8Array): void {
  const { bytes, end } = block;
  const { length } = added;
  // `set` costs more than a loop for a few bytes: 30 ns for 16 of them, 12 in a loop, on V8.
  if (length > 32) bytes.set(added, end);
  else for (let index = 0; index < length; index++) bytes[end + index] = added[index]!;
  block.end = end + length;
}

/** Returns the chunk as a plain `Uint8Array`, since visitors see the bytes that hold a frame. */
export function plain(chunk: Uint8Array): Uint8Array {
  return chunk.constructor === Uint8Array ? chunk : view(chunk, 0, chunk.length);
}
