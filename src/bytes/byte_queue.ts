import { Joint } from "./joint.ts";
import { NOTHING } from "./nothing.ts";
import { QueueReader } from "./queue_reader.ts";
import { plain, type Segment, segment, SMALL_CHUNK } from "./segment.ts";
import { view } from "./view.ts";

/** A kept frame's chunk of up to this length is copied out of memory that is lent; a longer one keeps it. */
const COPY_UP_TO = 16_384;

/**
 * The bytes that have arrived and belong to no frame yet. Framers look at them through `ByteReader`; the
 * decoder pushes chunks in and takes frames out.
 */
export class ByteQueue extends QueueReader {
  readonly #joint: Joint = new Joint();
  /** Where the frame that was taken last is in `taken`; it ends at -1 if it was released. */
  takenStart = 0;
  takenEnd = -1;

  /** Adds a chunk, which must not change from here on. */
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

  /** Number of bytes that a frame of `length` takes, with its header and what is dropped after it. */
  extent(length: number): number {
    return this.cursor - this.start + length + this.dropped;
  }

  /**
   * Takes the frame of `length` bytes at the cursor, and the bytes that are dropped after it.
   *
   * @returns How many bytes that took off the queue; -1 if not all of them are here, or another trailer
   * than the expected one.
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

  /** Takes a frame that is not where the last one was: by a copy, if it is in several pieces. */
  #gather(length: number): number {
    const extent = this.pass(length);
    if (extent < 0) return extent;
    this.segments.discard(this.offset);
    this.rebase();
    const { bytes, cursor } = this;
    const whole = cursor + length <= this.headEnd;
    const at = this.takenStart = whole ? cursor : this.#joint.take(length);
    this.takenEnd = at + length;
    this.taken = whole ? bytes : this.segments.copy(this.offset, length, this.#joint.bytes, at);
    return extent;
  }

  /** Skips such a frame, of which bytes may have been released; -1 if it has not arrived. */
  pass(length: number): number {
    this.widen();
    const { trailer } = this;
    const extent = this.extent(length);
    const at = this.offset + length + this.trailerAt;
    if (extent > this.pending || (trailer && !this.segments.matches(trailer, at))) return -1;
    this.start += extent;
    this.memo = undefined;
    return extent;
  }

  /** Returns the frame that was taken last, as a view whose bytes are never written to again. */
  keep(): Uint8Array {
    if (this.taken === this.lent) this.#keepChunk();
    if (this.taken === this.#joint.bytes) this.#joint.used = this.takenEnd;
    return view(this.taken, this.takenStart, this.takenEnd - this.takenStart);
  }

  /** The chunk that holds the frame that was taken last, where one alone does and nothing is added to it. */
  get chunk(): Segment | undefined {
    if (this.taken === this.lent) this.#keepChunk();
    const { head } = this.segments;
    return this.taken === head.bytes && !head.owned ? head : undefined;
  }

  /** Copies the rest of the chunk out of the memory that is lent; a long one keeps the memory instead. */
  #keepChunk(): void {
    const { takenStart: from, segments } = this;
    const { bytes, end } = segments.head;
    const short = end - from <= COPY_UP_TO;
    const chunk = short ? bytes.slice(from, end) : bytes.subarray(from, end);
    if (!short) this.lent = undefined;
    segments.replaceHead(segment(chunk, chunk.length, this.base + from));
    this.rebase();
    this.taken = chunk;
    this.takenStart = 0;
    this.takenEnd -= from;
  }

  /** Returns all that belongs to no frame yet, in one piece. The queue is empty afterwards. */
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
   * Releases the chunks that hold nothing but frames already taken, and memory that is more than enough
   * for a frame of `length` bytes.
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

  /** Releases bytes of a frame that is skipped, but for the first and the last `held` bytes. */
  release(held: number): void {
    this.segments.release(this.frameOffset + held, this.base + this.full - held);
  }

  /** Begins anew with a segment, before which there is nothing. */
  protected restart(first: Segment): void {
    this.segments.restart(first);
    this.base = first.offset;
    this.start = this.cursor = 0;
    this.bytes = this.taken = first.bytes;
    this.widen();
  }

  /** Positions count from the head's first byte, and the head is another one now. */
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
