import type { ByteReader } from "./byte_reader.ts";
import { indexOf } from "./index_of.ts";
import { view } from "./view.ts";

/** Chunks shorter than this are joined, so that a peer who drips costs memory and time for its bytes alone. */
const SMALL_CHUNK = 512;
const SMALLEST_BLOCK = 4096;
const LARGEST_BLOCK = 65_536;

/** How many delimiters' searches are remembered at once. */
const MOST_SEARCHES = 8;

/** How long a header may be that is still incomplete while its framer tells nothing about it. */
const HEADER_ROOM = 65_536;

/** A run of bytes: a chunk as it came, or a block (`owned`) in which small chunks are joined. */
interface Segment {
  readonly bytes: Uint8Array;
  readonly owned: boolean;
  end: number;
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
  #head: Segment = emptySegment();
  #tail: Segment = this.#head;
  #headEnd = 0;
  #start = 0;
  #cursor = 0;
  #end = 0;
  /** Where in the stream position 0 is. */
  #base = 0;

  // The segment looked at last and where its first byte is, since looking goes on where it stopped.
  #near: Segment = this.#head;
  #nearBase = 0;

  // What the framer said and did since `rewind`.
  #dropped = 0;
  #trailer: Uint8Array | undefined = undefined;
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
    if (to > this.#headEnd) return this.#readUintAcross(size, littleEndian);
    this.#cursor = to;
    const bytes = this.#head.bytes;
    if (size === 4 && !littleEndian) {
      return bytes[from]! * 0x1000000 +
        ((bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!);
    }
    let value = 0;
    if (littleEndian) { for (let at = to - 1; at >= from; at--) value = value * 256 + bytes[at]!; }
    else for (let at = from; at < to; at++) value = value * 256 + bytes[at]!;
    return value;
  }

  skip(count: number): void {
    this.#cursor += count;
  }

  find(delimiter: Uint8Array, within?: number): number | undefined {
    const cursor = this.#cursor;
    if (within === undefined) this.#scanned = true;
    if (delimiter.length === 0) {
      this.#frontier = Math.min(this.#frontier, this.length);
      return this.ended ? this.length : undefined;
    }
    const search = this.#searchFor(delimiter);
    const offset = this.#base + cursor;
    let from = cursor;
    if (search.from <= offset && offset <= search.to) from = search.to - this.#base;
    else search.from = offset;
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
    if (within === undefined) this.#frontier = Math.min(this.#frontier, frontier - cursor);
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
      this.#dropped += trailer.length;
      this.#trailer = trailer;
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
    if (this.#frontier !== Infinity) return this.#frontier - this.#dropped;
    return this.length - this.#dropped - (this.memo === undefined ? HEADER_ROOM : 0);
  }

  /** The trailer that the framer demands stands behind a frame of `length` bytes, all of which are here. */
  trailerFits(length: number): boolean {
    const trailer = this.#trailer;
    if (trailer === undefined) return true;
    const at = this.#cursor + length + this.#dropped - trailer.length;
    return this.#matches(trailer, at, at + trailer.length);
  }

  /** Adds a chunk, which must not change from here on. */
  push(chunk: Uint8Array): void {
    const length = chunk.length;
    if (length === 0) return;
    let tail = this.#tail;
    if (length >= SMALL_CHUNK) {
      tail = this.#link({ bytes: chunk, owned: false, end: length, next: undefined });
    } else if (tail.owned && tail.bytes.length - tail.end >= length) {
      copyInto(tail.bytes, chunk, tail.end);
      tail.end += length;
    } else if (this.#start === this.#end) {
      tail = this.#link({ bytes: chunk, owned: false, end: length, next: undefined });
    } else {
      // A block grows with what has arrived, never with what was announced.
      const size = Math.min(Math.max(this.pending, SMALLEST_BLOCK), LARGEST_BLOCK);
      const block = new Uint8Array(size);
      copyInto(block, chunk, 0);
      tail = this.#link({ bytes: block, owned: true, end: length, next: undefined });
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
    if (end <= this.#headEnd) {
      this.taken = this.#head.bytes;
      this.takenStart = this.#cursor;
      this.takenEnd = end;
    } else {
      this.taken = this.#copy(this.#cursor, length);
      this.takenStart = 0;
      this.takenEnd = length;
    }
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
    this.#head = this.#tail = this.#near = emptySegment();
    this.#headEnd =
      this.#start =
      this.#cursor =
      this.#end =
      this.#nearBase =
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

  #link(segment: Segment): Segment {
    if (this.#start === this.#end && this.#head === this.#tail) {
      this.#base += this.#end;
      this.#start =
        this.#cursor =
        this.#end =
        this.#nearBase =
          0;
      this.#head = this.#near = segment;
    } else {
      this.#tail.next = segment;
    }
    return this.#tail = segment;
  }

  /** Lets go of the segments that end at or before `position`, the last one excepted. */
  #discard(position: number): void {
    while (position >= this.#headEnd && this.#head.next !== undefined) {
      const shift = this.#headEnd;
      this.#head = this.#head.next;
      this.#headEnd = this.#head.end;
      this.#start = Math.max(this.#start - shift, 0);
      this.#cursor -= shift;
      this.#end -= shift;
      this.#base += shift;
      position -= shift;
      this.#near = this.#head;
      this.#nearBase = 0;
    }
  }

  /** Makes `#near` the segment that holds `position`. */
  #approach(position: number): void {
    if (position < this.#nearBase) {
      this.#near = this.#head;
      this.#nearBase = 0;
    }
    while (position >= this.#nearBase + this.#near.end) {
      this.#nearBase += this.#near.end;
      this.#near = this.#near.next!;
    }
  }

  #byteAt(position: number): number {
    this.#approach(position);
    return this.#near.bytes[position - this.#nearBase]!;
  }

  #readUintAcross(size: number, littleEndian: boolean): number | undefined {
    const from = this.#cursor;
    if (from + size > this.#end) return undefined;
    let value = 0;
    for (let index = 0; index < size; index++) {
      value = value * 256 + this.#byteAt(from + (littleEndian ? size - 1 - index : index));
    }
    this.#cursor = from + size;
    return value;
  }

  #searchFor(delimiter: Uint8Array): Search {
    const searches = this.#searches;
    for (let index = 0; index < searches.length; index++) {
      if (same(searches[index]!.delimiter, delimiter)) return searches[index]!;
    }
    if (searches.length === MOST_SEARCHES) searches.shift();
    const search = { delimiter, from: -1, to: -1 };
    searches.push(search);
    return search;
  }

  #indexOfAcross(delimiter: Uint8Array, from: number, stop: number): number {
    const size = delimiter.length;
    while (from + size <= stop) {
      this.#approach(from);
      const base = this.#nearBase;
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
      this.#approach(position + copied);
      const from = position + copied - this.#nearBase;
      const part = Math.min(this.#near.end - from, count - copied);
      copy.set(view(this.#near.bytes, from, part), copied);
      copied += part;
    }
    return copy;
  }
}

function emptySegment(): Segment {
  return { bytes: new Uint8Array(0), owned: false, end: 0, next: undefined };
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** `set` costs more than a loop for a few bytes: 16 bytes take 30 ns so, and 12 in a loop, on V8. */
function copyInto(target: Uint8Array, chunk: Uint8Array, offset: number): void {
  if (chunk.length > 32) return target.set(chunk, offset);
  for (let index = 0; index < chunk.length; index++) target[offset + index] = chunk[index]!;
}
