import type { ByteReader } from "./byte_reader.ts";
import { indexOf } from "./index_of.ts";
import { view } from "./view.ts";

/** Chunks shorter than this are joined, so that a peer who drips costs memory and time for its bytes alone. */
const SMALL_CHUNK = 512;

/** A block is as long as its first bytes justify; those that follow it grow to this, or to what is pending. */
const FIRST_BLOCK = 512;
const USUAL_BLOCK = 4096;
const LARGEST_BLOCK = 65_536;

/** How many searches for one delimiter are remembered, each from a place of its own. */
const MOST_SEARCHES = 8;

/** How long a header may be that is still incomplete while its framer tells nothing about it. */
const HEADER_ROOM = 65_536;

/** A run of bytes: a chunk as it came, or a block (`owned`) in which small chunks are joined. */
interface Segment {
  readonly bytes: Uint8Array;
  readonly owned: boolean;
  /** Where in the stream it begins. */
  readonly offset: number;
  end: number;
  previous: Segment | undefined;
  next: Segment | undefined;
}

/** No match of the delimiter begins in the stream's bytes `[from, to)`. */
interface Search {
  delimiter: Uint8Array;
  from: number;
  to: number;
}

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
  #head: Segment = emptySegment(0);
  #tail: Segment = this.#head;
  #headEnd = 0;
  #start = 0;
  #cursor = 0;
  #end = 0;
  /** Where in the stream position 0 is. */
  #base = 0;

  /** The segment looked at last, since looking goes on where it stopped. */
  #near: Segment = this.#head;

  // What the framer said and did since `rewind`.
  #dropped = 0;
  #trailer: Uint8Array | undefined = undefined;
  #trailerEnd = 0;
  #scanned = false;
  #frontier = Infinity;

  readonly #searches: Search[] = [];

  memo: unknown = undefined;
  ended = false;

  /** The frame that was taken last is `taken[takenStart, takenEnd)`. */
  taken: Uint8Array = this.#head.bytes;
  takenStart = 0;
  takenEnd = 0;
  /** It took no byte off the queue, and the next one will not either. */
  standstill = false;

  // What a framer sees.

  get length(): number {
    return this.#end - this.#cursor;
  }

  peek(offset = 0): number | undefined {
    const position = this.#cursor + offset;
    return position < this.#headEnd
      ? this.#head.bytes[position]
      : position < this.#end
      ? this.#byteAt(position)
      : undefined;
  }

  readUint(size: 1 | 2 | 3 | 4 | 5 | 6, littleEndian = false): number | undefined {
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

  skip(count: number): void {
    this.#cursor += count;
  }

  find(delimiter: Uint8Array, within?: number): number | undefined {
    const cursor = this.#cursor;
    if (within === undefined) this.#scanned = true;
    else if (this.length < within + delimiter.length) this.#endsBehind(cursor);
    if (delimiter.length === 0) {
      if (this.ended) return this.length;
      this.#endsBehind(this.#end);
      return undefined;
    }
    const search = this.#searchFor(delimiter, this.#base + cursor);
    const from = search.to - this.#base;
    const stop = within === undefined
      ? this.#end
      : Math.min(this.#end, cursor + within + delimiter.length);
    const at = stop <= this.#headEnd
      ? indexOf(this.#head.bytes, delimiter, from, stop)
      : this.#indexOfAcross(delimiter, from, stop);
    if (at >= 0) {
      search.to = this.#base + at;
      return at - cursor;
    }
    const frontier = this.#frontierOf(delimiter, from, stop);
    search.to = this.#base + frontier;
    if (within === undefined) this.#endsBehind(frontier);
    return undefined;
  }

  look(count: number): Uint8Array | undefined {
    if (this.#cursor + count > this.#end) return undefined;
    return this.#cursor + count <= this.#headEnd
      ? view(this.#head.bytes, this.#cursor, count)
      : this.#copy(this.#cursor, count);
  }

  drop(trailer: number | Uint8Array): void {
    if (typeof trailer === "number") {
      this.#dropped += trailer;
    } else {
      if (this.#trailer !== undefined) throw new TypeError("Cannot demand two trailers");
      this.#trailer = trailer;
      this.#trailerEnd = this.#dropped += trailer.length;
    }
  }

  // What the driver of a framer sees.

  /** How many bytes belong to no frame yet, headers included. */
  get pending(): number {
    return this.#end - this.#start;
  }

  /** Where in the stream the first of them is. */
  get offset(): number {
    return this.#base + this.#start;
  }

  /** The end of the frame was looked for among its bytes, and not announced. */
  get scanned(): boolean {
    return this.#scanned;
  }

  /** How many bytes certainly belong to the frame of which the framer has just said "not yet". */
  get certain(): number {
    if (this.#frontier !== Infinity) return this.#frontier - this.#cursor - this.#dropped;
    return this.length - this.#dropped - (this.memo === undefined ? HEADER_ROOM : 0);
  }

  /** The trailer that the framer demands stands behind a frame of `length` bytes, all of which are here. */
  trailerFits(length: number): boolean {
    const trailer = this.#trailer;
    if (trailer === undefined) return true;
    const end = this.#cursor + length + this.#trailerEnd;
    return this.#matches(trailer, end - trailer.length, end);
  }

  /** Adds a chunk, which must not change from here on. */
  push(chunk: Uint8Array): void {
    const length = chunk.length;
    if (length === 0) return;
    let tail = this.#tail;
    if (length < SMALL_CHUNK && tail.owned && tail.bytes.length - tail.end >= length) {
      copyInto(tail.bytes, chunk, tail.end);
      tail.end += length;
    } else if (length >= SMALL_CHUNK || this.#start === this.#end) {
      tail = this.#link(plain(chunk), false, length);
    } else {
      const block = new Uint8Array(this.#blockLength());
      copyInto(block, chunk, 0);
      tail = this.#link(block, true, length);
    }
    this.#end += length;
    if (tail === this.#head) this.#headEnd = tail.end;
  }

  /** Before a framer is asked: forgets what it did when it was asked before. */
  rewind(): void {
    this.#cursor = this.#start;
    this.ended = false;
    this.#dropped = 0;
    this.#trailer = undefined;
    this.#scanned = false;
    this.#frontier = Infinity;
  }

  /** How many bytes a frame of `length` takes, with the header that was read and the trailer to drop. */
  extent(length: number): number {
    return this.#cursor - this.#start + length + this.#dropped;
  }

  /** Takes the frame of `length` bytes behind the cursor, all of which are here, and what is dropped. */
  take(length: number): void {
    this.standstill = this.extent(length) === 0;
    if (this.#cursor >= this.#headEnd) this.#discard(this.#cursor);
    const end = this.#cursor + length;
    const whole = end <= this.#headEnd;
    this.taken = whole ? this.#head.bytes : this.#copy(this.#cursor, length);
    this.takenStart = whole ? this.#cursor : 0;
    this.takenEnd = this.takenStart + length;
    this.#cursor = this.#start = end + this.#dropped;
    this.memo = undefined;
    if (this.#start >= this.#headEnd) this.#discard(this.#start);
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
    this.#base += this.#end;
    this.#head = this.#tail = this.#near = emptySegment(this.#base);
    this.#headEnd =
      this.#start =
      this.#cursor =
      this.#end =
        0;
    this.taken = this.#head.bytes;
    this.memo = undefined;
  }

  /** Lets go of the chunks that hold nothing but frames already taken. */
  trim(): void {
    this.#discard(this.#start);
    if (this.#start === this.#end && !this.#tail.owned) this.clear();
  }

  // Across segments.

  #link(bytes: Uint8Array, owned: boolean, end: number): Segment {
    const offset = this.#base + this.#end;
    const segment = segmentOf(bytes, owned, offset, end);
    if (this.#start === this.#end && this.#head === this.#tail) {
      this.#base = offset;
      this.#start = this.#cursor = this.#end = 0;
      this.#head = this.#near = segment;
    } else {
      segment.previous = this.#tail;
      this.#tail.next = segment;
    }
    return this.#tail = segment;
  }

  /**
   * A block grows with what has arrived, never with what was announced, and only behind a full block:
   * a peer who sends large chunks between small ones leaves the rest of each block unused.
   */
  #blockLength(): number {
    if (!this.#tail.owned) return FIRST_BLOCK;
    const wanted = Math.min(Math.max(this.pending, USUAL_BLOCK), LARGEST_BLOCK);
    return Math.min(this.#tail.bytes.length * 2, wanted);
  }

  /** Lets go of the segments that end at or before `position`, the last one excepted. */
  #discard(position: number): void {
    while (position >= this.#headEnd && this.#head.next !== undefined) {
      const shift = this.#headEnd;
      this.#head = this.#near = this.#head.next;
      this.#head.previous = undefined;
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
    if (offset < near.offset) {
      if (position < near.offset - offset) near = this.#head;
    } else if (this.#tail.offset - offset < offset - near.offset) {
      near = this.#tail;
    }
    while (offset < near.offset) near = near.previous!;
    while (offset >= near.offset + near.end) near = near.next!;
    this.#near = near;
    return near.offset - this.#base;
  }

  #byteAt(position: number): number {
    if (position < this.#headEnd) return this.#head.bytes[position]!;
    const base = this.#approach(position);
    return this.#near.bytes[position - base]!;
  }

  /** The frame goes on up to `position` at least. */
  #endsBehind(position: number): void {
    if (position < this.#frontier) this.#frontier = position;
  }

  /** What is known about where the delimiter stands from `offset` of the stream on. */
  #searchFor(delimiter: Uint8Array, offset: number): Search {
    const searches = this.#searches;
    const start = this.#base + this.#start;
    let useless: Search | undefined;
    let furthestBack: Search | undefined;
    let count = 0;
    for (let index = 0; index < searches.length; index++) {
      const search = searches[index]!;
      if (search.to < start) {
        useless = search;
      } else if (same(search.delimiter, delimiter)) {
        if (search.from <= offset && offset <= search.to) return search;
        if (furthestBack === undefined || search.from < furthestBack.from) furthestBack = search;
        count++;
      }
    }
    let spare = useless ?? (count < MOST_SEARCHES ? undefined : furthestBack);
    if (spare === undefined) searches.push(spare = { delimiter, from: offset, to: offset });
    spare.delimiter = delimiter;
    spare.from = spare.to = offset;
    return spare;
  }

  #indexOfAcross(delimiter: Uint8Array, from: number, stop: number): number {
    const size = delimiter.length;
    while (from + size <= stop) {
      const base = this.#approach(from);
      const segmentStop = Math.min(stop, base + this.#near.end);
      const at = indexOf(this.#near.bytes, delimiter, from - base, segmentStop - base);
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
    while (at < stop && !this.#matches(delimiter, at, stop)) at++;
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

  #copy(position: number, count: number): Uint8Array {
    const copy = new Uint8Array(count);
    let copied = 0;
    while (copied < count) {
      const from = position + copied - this.#approach(position + copied);
      const part = Math.min(this.#near.end - from, count - copied);
      copy.set(view(this.#near.bytes, from, part), copied);
      copied += part;
    }
    return copy;
  }
}

function segmentOf(bytes: Uint8Array, owned: boolean, offset: number, end: number): Segment {
  return { bytes, owned, offset, end, previous: undefined, next: undefined };
}

function emptySegment(offset: number): Segment {
  return segmentOf(new Uint8Array(0), false, offset, 0);
}

/** The chunk as a plain `Uint8Array`: a visitor of frames is given the bytes that hold them. */
function plain(chunk: Uint8Array): Uint8Array {
  return Object.getPrototypeOf(chunk) === Uint8Array.prototype
    ? chunk
    : view(chunk, 0, chunk.length);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((byte, index) => byte === b[index]));
}

/** `set` costs more than a loop for a few bytes: 16 bytes take 30 ns so, and 12 in a loop, on V8. */
function copyInto(target: Uint8Array, chunk: Uint8Array, offset: number): void {
  if (chunk.length > 32) return target.set(chunk, offset);
  for (let index = 0; index < chunk.length; index++) target[offset + index] = chunk[index]!;
}
