import { indexOf, NO_WORDS, wordsOf } from "./index_of.ts";
import { view } from "./view.ts";

/** A run of bytes in a queue: a chunk as it came, or a block (`owned`) in which small chunks are joined. */
export interface Segment {
  readonly bytes: Uint8Array;
  /** The bytes four by four, once they have been searched; none before. */
  words: Int32Array;
  readonly owned: boolean;
  /** Where in the stream it begins. */
  readonly offset: number;
  end: number;
  /** For what a codec finds out about a chunk. */
  memo: unknown;
  previous: Segment | undefined;
  next: Segment | undefined;
}

/** Makes a segment that begins with so many bytes of `bytes`. */
export function segment(bytes: Uint8Array, end: number, offset: number, owned = false): Segment {
  return {
    bytes,
    words: NO_WORDS,
    owned,
    offset,
    end,
    memo: undefined,
    previous: undefined,
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

/** Adds a chunk to a block, if there is room. */
export function append(block: Segment, chunk: Uint8Array): boolean {
  const { bytes, owned, end } = block;
  const { length } = chunk;
  if (!owned || bytes.length - end < length) return false;
  // `set` costs more than a loop for a few bytes: 16 take 30 ns so, and 12 in a loop, on V8.
  if (length > 32) bytes.set(chunk, end);
  else for (let index = 0; index < length; index++) bytes[end + index] = chunk[index]!;
  block.end += length;
  return true;
}

/** The chunk as a plain `Uint8Array`: a visitor of frames is given the bytes that hold them. */
export function plain(chunk: Uint8Array): Uint8Array {
  return chunk.constructor === Uint8Array ? chunk : view(chunk, 0, chunk.length);
}
