import type { ByteReader, FindOptions } from "./byte_reader.ts";
import { MAX_HEADER } from "./max_header.ts";
import { NOTHING } from "./nothing.ts";
import { Searches } from "./searches.ts";
import { append, indexIn, plain, type Segment, segment } from "./segment.ts";
import { view } from "./view.ts";

/** Chunks shorter than this are joined, so that a peer who drips costs memory and time for its bytes alone. */
const SMALL_CHUNK = 512;

/**
 * The first block is as long as a chunk that is joined may be; those that follow it grow to this, or to
 * what is pending.
 */
const USUAL_BLOCK = 4096;
const LARGEST_BLOCK = 65_536;

/** Fresh memory for a frame of this length costs more than the copy into it: the system gives it by pages. */
const LONG_FRAME = 65_536;

/** Memory for shorter ones is cut from pieces of up to this length: one by one it is dear from 64 bytes on. */
const LARGEST_PIECE = 16_384;

/**
 * The bytes that have arrived and belong to no frame yet. Framers look at them through
 * {@link ByteReader}; who drives the framer pushes chunks in and takes frames out.
 *
 * All positions count from the first byte of the head segment, and run on through the segments behind
 * it, so that they stay small however long the stream is:
 *
 * ```text
 *   head.bytes                          head.next
 *   ┌──────────┬────────┬─────────────┐ ┌──────────────────────┐
 *   │ taken    │ header │ frame …     │ │ … frame │ next …     │
 *   └──────────┴────────┴─────────────┘ └──────────────────────┘
 *   0          #start   #cursor       #headEnd                 #end
 * ```
 */
export class ByteQueue implements ByteReader {
  #head: Segment = segment(NOTHING, 0, 0);
  #tail: Segment = this.#head;
  /** The head's bytes and where they end. */
  #bytes: Uint8Array = this.#head.bytes;
  #headEnd = 0;
  #start = 0;
  #cursor = 0;
  #end = 0;
  /** Where in the stream position 0 is. */
  #base = 0;

  /** The segment looked at last, since looking goes on where it stopped. */
  #near: Segment = this.#head;

  // What the framer said since `rewind`, if it said anything.
  #said = false;
  #dropped = 0;
  #trailer: Uint8Array | undefined = undefined;
  #trailerAt = 0;
  /** Where the first search began that belongs to the same answer; -1 before it. */
  #searchedFrom = -1;
  /** Where the frame ends at the earliest, and how far that is from there. */
  #frontier: number | undefined = undefined;
  #implied = 0;
  /** What `atLeast` stated, and where the cursor was then. */
  #stated: number | undefined = undefined;
  #statedAt = 0;

  readonly #searches: Searches = new Searches();

  memo: unknown = undefined;
  ended = false;
  /** The end of the frame was looked for among its bytes, and not announced. */
  scanned = false;

  /** The frame that was taken last is `taken[takenStart, takenEnd)`. */
  taken: Uint8Array = this.#bytes;
  takenStart = 0;
  takenEnd = 0;
  /** Where frames are joined that straddle segments; from `#joined` on it is free. */
  #joint: Uint8Array = NOTHING;
  #joined = 0;
  /** The memory that chunks land in which are read straight into it: written to again unless a view on it was kept. */
  landing: Uint8Array = NOTHING;

  // What a framer sees.

  get length(): number {
    return this.#end - this.#cursor;
  }

  get offset(): number {
    return this.#base + this.#cursor;
  }

  peek(offset = 0): number | undefined {
    const position = this.#cursor + offset;
    if (position < this.#headEnd) return this.#bytes[position];
    return position < this.#end ? this.#byteAt(position) : undefined;
  }

  readUint(size: 1 | 2 | 3 | 4 | 5 | 6, littleEndian = false): number | undefined {
    const from = this.#cursor;
    const to = from + size;
    if (to > this.#headEnd) return this.#readUintAcross(size, littleEndian);
    this.#cursor = to;
    // No loop, and no call of another function: JavaScriptCore unrolls none, and follows few.
    const bytes = this.#bytes;
    const step = littleEndian ? -1 : 1;
    let at = littleEndian ? to - 1 : from;
    let value = bytes[at]!;
    if (size > 1) value = value * 256 + bytes[at += step]!;
    if (size > 2) value = value * 256 + bytes[at += step]!;
    if (size > 3) value = value * 256 + bytes[at += step]!;
    if (size > 4) value = value * 256 + bytes[at += step]!;
    if (size > 5) value = value * 256 + bytes[at += step]!;
    return value;
  }

  skip(count: number): void {
    this.#cursor += count;
  }

  find(delimiter: Uint8Array, options?: FindOptions): number | undefined {
    const cursor = this.#cursor;
    const begin = cursor + (options?.from ?? 0);
    const within = options?.within;
    this.#said = true;
    if (within === undefined) {
      this.scanned = true;
      if (this.#searchedFrom < 0 || cursor < this.#searchedFrom) this.#searchedFrom = cursor;
    } else if (this.length < within + delimiter.length) {
      this.#endsBehind(cursor, cursor);
    }
    if (delimiter.length === 0) {
      if (this.ended) return this.length;
      this.#endsBehind(this.#end, this.#searchedFrom);
      return undefined;
    }
    const search = this.#searches.resume(delimiter, this.#base + begin, this.#base + this.#start);
    const from = search.to - this.#base;
    const stop = within === undefined
      ? this.#end
      : Math.min(this.#end, cursor + within + delimiter.length);
    const at = stop <= this.#headEnd
      ? indexIn(this.#head, delimiter, from, stop)
      : this.#indexOfAcross(delimiter, from, stop);
    if (at >= 0) {
      search.to = this.#base + at;
      return at - cursor;
    }
    const frontier = this.#frontierOf(delimiter, from, stop);
    search.to = this.#base + frontier;
    if (within === undefined) this.#endsBehind(frontier, this.#searchedFrom);
    const partial = options?.partial && frontier < this.#end &&
      (within === undefined || frontier - cursor <= within);
    return partial ? frontier - cursor : undefined;
  }

  look(count: number): Uint8Array | undefined {
    const end = this.#cursor + count;
    if (end > this.#end) return undefined;
    return end <= this.#headEnd
      ? this.#kept(this.#bytes, this.#cursor, count)
      : this.#copy(this.#cursor, count, new Uint8Array(count));
  }

  drop(count: number): void {
    if (!(Number.isSafeInteger(count) && count >= 0)) {
      throw new RangeError(`Cannot drop ${count} bytes: expected a non-negative integer`);
    }
    this.#said = true;
    this.#dropped += count;
  }

  expect(trailer: Uint8Array): void {
    if (this.#trailer !== undefined) {
      throw new TypeError("Cannot expect a trailer: one is expected already");
    }
    this.#said = true;
    this.#trailer = trailer;
    this.#trailerAt = this.#dropped;
    this.#dropped += trailer.length;
  }

  atLeast(count: number): void {
    this.#said = true;
    this.#stated = count;
    this.#statedAt = this.#cursor;
  }

  get earliestEnd(): number {
    const end = this.#stated === undefined ? this.#frontier : this.#statedAt + this.#stated;
    return end === undefined ? this.#unexplained : end - this.#cursor;
  }

  // What the driver of a framer sees.

  /** How many bytes belong to no frame yet, headers included. */
  get pending(): number {
    return this.#end - this.#start;
  }

  /** Where in the stream the first of them is. */
  get frameOffset(): number {
    return this.#base + this.#start;
  }

  /** How many bytes certainly belong to the frame of which the framer has just said "not yet". */
  get certain(): number {
    if (this.#stated !== undefined) return this.#stated;
    if (this.#frontier === undefined) return this.#unexplained;
    return Math.min(this.#frontier - this.#cursor, this.#implied);
  }

  /** How many bytes have arrived that cannot be a header, if the framer says nothing about them. */
  get #unexplained(): number {
    return Math.max(this.length - (this.memo === undefined ? MAX_HEADER : 0), 0);
  }

  /** Adds a chunk, which must not change from here on. */
  push(chunk: Uint8Array): void {
    const { length } = chunk;
    if (length === 0) return;
    if (length >= SMALL_CHUNK || !append(this.#tail, chunk)) this.#link(chunk);
    this.#end += length;
    this.#headEnd = this.#head.end;
  }

  /**
   * Before a framer is asked: forgets what it said when it was asked before.
   *
   * @param ended Whether to tell it that the peer has sent its last byte; default `false`.
   */
  rewind(ended?: boolean): void {
    this.#cursor = this.#start;
    if (this.#said) this.#forget();
    if (ended) this.ended = this.#said = true;
  }

  /** How many bytes a frame of `length` takes, with the header that was read and the trailer to drop. */
  extent(length: number): number {
    return this.#cursor - this.#start + length + this.#dropped;
  }

  /**
   * Takes the frame of `length` bytes behind the cursor, and what is dropped.
   *
   * @returns How many bytes that took off the queue; -1 if not all of them are here, or another trailer
   * than the one demanded.
   */
  take(length: number): number {
    const start = this.#cursor;
    const end = start + length;
    const next = end + this.#dropped;
    if (next > this.#headEnd || this.#trailer !== undefined || this.taken !== this.#bytes) {
      return this.#gather(length);
    }
    const extent = next - this.#start;
    this.takenStart = start;
    this.takenEnd = end;
    this.#start = next;
    this.memo = undefined;
    return extent;
  }

  /** The frame that was taken last, as a view whose bytes are never written to again. */
  keep(): Uint8Array {
    if (this.taken === this.#joint) this.#joined = this.takenEnd;
    return this.#kept(this.taken, this.takenStart, this.takenEnd - this.takenStart);
  }

  /** The chunk that holds the frame that was taken last, where one alone does and nothing is added to it. */
  get chunk(): Segment | undefined {
    return this.taken === this.#bytes && !this.#head.owned ? this.#head : undefined;
  }

  /** All that belongs to no frame yet, in one piece. The queue is empty afterwards. */
  detach(): Uint8Array {
    this.rewind();
    const rest = this.look(this.pending)!;
    this.clear();
    return rest;
  }

  /** Lets go of all bytes. */
  clear(): void {
    this.#restart(segment(NOTHING, 0, this.#base + this.#end));
    this.taken = this.#bytes;
    this.memo = undefined;
    this.#joint = this.landing = NOTHING;
    this.#joined = 0;
  }

  /** Moves what is pending to the front of the memory where chunks are to land from here on. */
  moveTo(landing: Uint8Array): void {
    const { pending, frameOffset: offset } = this;
    this.#restart(segment(this.#copy(this.#start, pending, landing), pending, offset, true));
    this.#end = pending;
    this.landing = landing;
  }

  /** Where the next chunk may land: behind what has; at the very end, where that is not what came last. */
  get landed(): number {
    return this.#tail.bytes === this.landing ? this.#tail.end : this.landing.length;
  }

  /** Adds a chunk that has landed there. */
  land(length: number): void {
    this.#tail.end += length;
    this.#end += length;
    this.#headEnd = this.#head.end;
  }

  /** Lets go of the chunks that hold nothing but frames already taken. */
  trim(): void {
    this.#discard(this.#start);
    if (this.#start === this.#end && !this.#tail.owned) this.clear();
  }

  /** A view that may stay. */
  #kept(bytes: Uint8Array, start: number, length: number): Uint8Array {
    if (bytes === this.landing) this.landing = NOTHING;
    return view(bytes, start, length);
  }

  #forget(): void {
    this.#said = this.scanned = this.ended = false;
    this.#dropped = 0;
    this.#searchedFrom = -1;
    this.#trailer = this.#frontier = this.#stated = undefined;
  }

  // Across segments.

  /** Adds a segment that holds the chunk. */
  #link(chunk: Uint8Array): void {
    const offset = this.#base + this.#end;
    const { length } = chunk;
    const empty = this.#start === this.#end;
    let next;
    if (empty || length >= SMALL_CHUNK) {
      next = segment(plain(chunk), length, offset);
    } else {
      next = segment(new Uint8Array(this.#blockLength()), 0, offset, true);
      append(next, chunk);
    }
    if (empty && this.#head === this.#tail) {
      this.#restart(next);
    } else {
      next.previous = this.#tail;
      this.#tail = this.#tail.next = next;
    }
  }

  /** Begins anew with a segment, before which there is nothing. */
  #restart(segment: Segment): void {
    this.#head = this.#tail = this.#near = segment;
    this.#bytes = segment.bytes;
    this.#headEnd = segment.end;
    this.#base = segment.offset;
    this.#start = this.#cursor = this.#end = 0;
  }

  /**
   * A block grows with what has arrived, never with what was announced, and only behind a full block:
   * a peer who sends large chunks between small ones leaves the rest of each block unused.
   */
  #blockLength(): number {
    const grown = this.#tail.owned ? this.#tail.bytes.length * 2 : SMALL_CHUNK;
    return Math.min(grown, Math.max(this.pending, USUAL_BLOCK), LARGEST_BLOCK);
  }

  /** Lets go of the segments that end at or before `position`, the last one excepted. */
  #discard(position: number): void {
    for (let next; position >= this.#headEnd && (next = this.#head.next) !== undefined;) {
      const shift = this.#headEnd;
      // A collector of the young spares what is young behind a segment that has grown old, even in vain.
      this.#head.next = next.previous = undefined;
      this.#head = this.#near = next;
      this.#bytes = this.#head.bytes;
      this.#headEnd = this.#head.end;
      this.#start = Math.max(this.#start - shift, 0);
      this.#cursor -= shift;
      this.#end -= shift;
      this.#base += shift;
      position -= shift;
    }
  }

  /**
   * Makes `#near` the segment that holds `position`, from the one of three that is closest: a framer
   * looks at the header and at the newest bytes by turns, and there may be many segments in between.
   *
   * @returns The segment's position.
   */
  #approach(position: number): number {
    const offset = this.#base + position;
    let near = this.#near;
    if (position < near.offset - offset) near = this.#head;
    if (this.#tail.offset - offset < offset - near.offset) near = this.#tail;
    while (offset < near.offset) near = near.previous!;
    while (offset >= near.offset + near.end) near = near.next!;
    this.#near = near;
    return near.offset - this.#base;
  }

  #byteAt(position: number): number {
    const base = this.#approach(position);
    return this.#near.bytes[position - base]!;
  }

  #readUintAcross(size: number, littleEndian: boolean): number | undefined {
    const from = this.#cursor;
    const to = from + size;
    if (to > this.#end) return undefined;
    this.#cursor = to;
    let value = 0;
    for (let index = 0; index < size; index++) {
      value = value * 256 + this.#byteAt(littleEndian ? to - 1 - index : from + index);
    }
    return value;
  }

  /**
   * The frame, which begins at `start` or at the cursor, goes on up to `position` at least. A framer may
   * have read a header, and puts the cursor back when it says "not yet": so the header is no part of
   * what is certain, wherever the cursor is then. Of several searches in vain any may end the frame.
   */
  #endsBehind(position: number, start: number): void {
    const length = position - start;
    this.#implied = this.#frontier === undefined ? length : Math.min(this.#implied, length);
    this.#frontier = Math.min(this.#frontier ?? position, position);
    this.#searchedFrom = -1;
  }

  #indexOfAcross(delimiter: Uint8Array, from: number, stop: number): number {
    const size = delimiter.length;
    while (from + size <= stop) {
      const base = this.#approach(from);
      const segmentStop = Math.min(stop, base + this.#near.end);
      const at = indexIn(this.#near, delimiter, from - base, segmentStop - base);
      if (at >= 0) return base + at;
      // What begins in this segment and ends in a later one.
      from = Math.max(from, segmentStop - size + 1);
      for (; from < segmentStop && from + size <= stop; from++) {
        if (this.#matches(delimiter, from, stop)) return from;
      }
    }
    return -1;
  }

  /** Where the first match could begin of which only a part has arrived; `stop` when there is none. */
  #frontierOf(delimiter: Uint8Array, from: number, stop: number): number {
    let at = Math.max(from, stop - delimiter.length + 1);
    while (!this.#matches(delimiter, at, stop)) at++;
    return at;
  }

  /** The delimiter, or as much of it as fits before `stop`, stands at `at`. */
  #matches(delimiter: Uint8Array, at: number, stop: number): boolean {
    const count = Math.min(delimiter.length, stop - at);
    for (let index = 0; index < count; index++) {
      if (this.#byteAt(at + index) !== delimiter[index]) return false;
    }
    return true;
  }

  /** Takes a frame that is not where the last one was: by a copy, if it is in several pieces. */
  #gather(length: number): number {
    const extent = this.extent(length);
    const trailer = this.#trailer;
    const trailerAt = this.#cursor + length + this.#trailerAt;
    if (extent > this.pending) return -1;
    if (trailer !== undefined && !this.#matches(trailer, trailerAt, this.#end)) return -1;
    this.#discard(this.#cursor);
    const whole = this.#cursor + length <= this.#headEnd;
    if (whole) this.taken = this.#bytes;
    this.takenStart = whole ? this.#cursor : this.#join(length);
    this.takenEnd = this.takenStart + length;
    this.#start = this.#cursor + length + this.#dropped;
    this.memo = undefined;
    return extent;
  }

  /**
   * Copies the frame of `length` bytes behind the cursor into one piece, and tells where in that it
   * begins. Short ones are cut from one piece of memory, a long one's is used again if nobody keeps it.
   */
  #join(length: number): number {
    const { length: size } = this.#joint;
    if (length > size - this.#joined || size > Math.max(length * 4, LARGEST_PIECE)) {
      this.#joint = new Uint8Array(Math.max(length, Math.min(size * 2, LARGEST_PIECE)));
      this.#joined = 0;
    }
    const at = this.#joined;
    this.taken = this.#copy(this.#cursor, length, this.#joint, at);
    if (length < LONG_FRAME) this.#joined += length;
    return at;
  }

  #copy(position: number, count: number, target: Uint8Array, at = 0): Uint8Array {
    let copied = 0;
    while (copied < count) {
      const from = position + copied - this.#approach(position + copied);
      const part = Math.min(this.#near.end - from, count - copied);
      target.set(view(this.#near.bytes, from, part), at + copied);
      copied += part;
    }
    return target;
  }
}
