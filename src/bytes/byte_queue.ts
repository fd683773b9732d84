import { Joint } from "./joint.ts";
import { NOTHING } from "./nothing.ts";
import { QueueReader } from "./queue_reader.ts";
import { plain, type Segment, segment, SMALL_CHUNK } from "./segment.ts";
import { view } from "./view.ts";

/** Maximum length of a kept frame's chunk that is copied out of lent memory; a longer one keeps the memory. */
const MAX_COPIED = 16_384;

/**
 * The bytes that have arrived and belong to no frame yet. Framers look at them through `ByteReader`; the
 * decoder pushes chunks and takes frames.
 */
export class ByteQueue extends QueueReader {
  readonly #joint: Joint = new Joint();

  /** Adds a chunk, whose bytes must not change afterwards. */
  push(chunk: Uint8Array): void {
    const { segments } = this;
    const { length } = chunk;
    if (length === 0) return;
    if (this.start === this.full && (length >= SMALL_CHUNK || !segments.tail.owned)) {
      return this.restart(segment(plain(chunk), length, this.frameOffset));
    }
    segments.push(chunk);
    this.widen();
  }

  /** Returns the number of bytes that a frame of `length` occupies, including its header and trailer. */
  extent(length: number): number {
    return this.cursor - this.start + length + this.dropped;
  }

  /**
   * Takes the frame of `length` bytes at the cursor, and the bytes that are dropped after it.
   *
   * @returns Number of bytes taken off the queue; -1 if some have not arrived, if a trailer is not the expected
   * one, or if the framer has discarded bytes and must be asked again.
   */
  take(length: number): number {
    const start = this.cursor;
    const end = start + length;
    const next = end + this.dropped;
    if (next > this.headEnd || this.taken !== this.bytes) return this.#gather(length);
    const extent = next - this.start;
    this.takenStart = start;
    this.takenEnd = end;
    this.start = next;
    this.memo = undefined;
    return extent;
  }

  /** Takes a frame that is not in the memory of the last one; copies it if it spans segments. */
  #gather(length: number): number {
    const extent = this.pass(length);
    if (extent < 0) return extent;
    this.segments.discard(this.offset);
    this.rebase();
    this.hold(length);
    return extent;
  }

  /** Makes a frame at the cursor, all of which has arrived, the one taken last, without removing it. */
  hold(length: number): void {
    const { bytes, cursor } = this;
    const whole = cursor + length <= this.headEnd;
    const at = this.takenStart = whole ? cursor : this.#joint.take(length);
    this.takenEnd = at + length;
    this.taken = whole ? bytes : this.segments.copy(this.offset, length, this.#joint.bytes, at);
  }

  /** Passes over a frame, some of whose bytes may have been released; returns what `take` returns. */
  pass(length: number): number {
    const extent = this.arrived(length);
    if (extent < 0) return extent;
    this.start += extent;
    this.memo = undefined;
    this.awaited = this.optional;
    this.widen();
    return extent;
  }

  /** Returns what `take` would return. */
  arrived(length: number): number {
    this.widen();
    const extent = this.extent(length);
    const end = this.offset + length;
    const missing = this.discarded || extent > this.pending ||
      this.trailers?.some(({ bytes, at }) => !this.segments.matches(bytes, end + at));
    return missing ? -1 : extent;
  }

  /** Returns the frame taken last, as a view whose bytes are never overwritten. */
  keep(): Uint8Array {
    this.retain();
    return view(this.taken, this.takenStart, this.takenEnd - this.takenStart);
  }

  /** Ensures that the bytes of the frame taken last are never overwritten. */
  retain(): void {
    if (this.taken === this.lent) this.#keepChunk();
    if (this.taken === this.#joint.bytes) this.#joint.used = this.takenEnd;
  }

  /** The chunk of the frame taken last, if a single chunk holds it and no bytes are added to that chunk. */
  get chunk(): Segment | undefined {
    if (this.taken === this.lent) this.#keepChunk();
    const { head } = this.segments;
    return this.taken === head.bytes && !head.owned ? head : undefined;
  }

  /** Copies the rest of the chunk out of lent memory; a long chunk keeps the memory instead. */
  #keepChunk(): void {
    const { segments } = this;
    const from = Math.min(this.start, this.takenStart);
    const { bytes, end } = segments.head;
    const short = end - from <= MAX_COPIED;
    const chunk = short ? bytes.slice(from, end) : bytes.subarray(from, end);
    if (!short) this.lent = undefined;
    segments.replaceHead(segment(chunk, chunk.length, this.base + from));
    this.rebase();
    this.taken = chunk;
    this.takenStart -= from;
    this.takenEnd -= from;
  }

  /** Takes the bytes between the start of the frame and the cursor. The frame can then be taken in parts. */
  takeHeader(): Uint8Array {
    const { cursor } = this;
    const length = cursor - this.start;
    this.cursor = this.start;
    const header = this.look(length)!;
    this.start = this.cursor = cursor;
    return header;
  }

  /**
   * Takes bytes of the frame at the cursor, at most `count`: those that are in one piece. The trailer that the
   * framer has stated remains until `pass(0)` takes it.
   *
   * @returns Number of bytes taken; `keep` returns them.
   */
  takePart(count: number): number {
    this.segments.discard(this.offset);
    this.rebase();
    const { start, headEnd } = this;
    this.taken = this.bytes;
    this.takenStart = start;
    this.start = this.cursor = this.takenEnd = Math.min(headEnd, start + count);
    return this.takenEnd - start;
  }

  /** Returns all bytes that belong to no frame yet, in one piece, and empties the queue. */
  detach(): Uint8Array {
    this.rewind();
    this.widen();
    const rest = this.look(this.pending)!;
    this.clear();
    return rest;
  }

  /** Releases all bytes. */
  clear(): void {
    this.memo = this.lent = undefined;
    this.restart(segment(NOTHING, 0, this.base + this.full));
    this.takenEnd = 0;
    this.trim();
  }

  /**
   * Releases chunks whose frames have all been taken, and memory that is too long for a frame of `length`
   * bytes.
   */
  trim(length = 0): void {
    const { segments } = this;
    if (this.takenEnd < 0) return;
    this.takenEnd = -1;
    if (this.start >= this.headEnd) {
      if (this.start === this.full && !segments.tail.owned) {
        this.restart(segment(NOTHING, 0, this.frameOffset));
      }
      segments.discard(this.frameOffset);
      this.rebase();
    }
    this.taken = this.bytes;
    this.#joint.trim(length);
  }

  /** Releases bytes of a frame that is being skipped, except its first and last `held` bytes. */
  release(held: number): void {
    this.segments.release(this.frameOffset + held, this.base + this.full - held);
  }

  /** Starts over with a single segment. */
  protected restart(first: Segment): void {
    this.segments.restart(first);
    this.base = first.offset;
    this.start = this.cursor = 0;
    this.bytes = this.taken = first.bytes;
    this.widen();
  }

  /** Adjusts positions after the head has changed: they are relative to its first byte. */
  protected rebase(): void {
    const { bytes, offset } = this.segments.head;
    const shift = offset - this.base;
    this.base = offset;
    this.bytes = bytes;
    this.start -= shift;
    this.cursor -= shift;
    this.widen();
  }
}
