import { MAX_HEADER } from "./max_header.ts";
import { NOTHING } from "./nothing.ts";
import { SegmentList } from "./segment_list.ts";
import { view } from "./view.ts";

/**
 * A cursor in the bytes of a queue, and the bytes that a framer is shown from there.
 *
 * Positions are relative to the first byte of the head segment and continue through the segments after
 * it, so they stay small however long the stream is:
 *
 * ```text
 *   head.bytes                          head.next
 *   ┌──────────┬────────┬─────────────┐ ┌──────────────────────┐
 *   │ taken    │ header │ frame …     │ │ … frame │ next …     │
 *   └──────────┴────────┴─────────────┘ └──────────────────────┘
 *   0          start    cursor        headEnd                  end
 * ```
 */
export class ByteCursor {
  protected readonly segments: SegmentList = new SegmentList();
  /** The head's bytes. */
  protected bytes: Uint8Array = NOTHING;
  /** Offset in the stream of position 0. */
  protected base = 0;
  protected start = 0;
  protected cursor = 0;
  /** End of the head and of the queue, as far as they are shown. */
  protected headEnd = 0;
  protected end = 0;
  /** End of the queue, shown or not. */
  protected full = 0;
  /** Memory that will be overwritten: frames that are kept are copied out of it. */
  protected lent: Uint8Array | undefined;
  /** Number of bytes before the frame that stay in the queue: the complete parts of an unfinished message. */
  kept = 0;
  /** Optional trailer of the last frame or part, which may arrive after the kept bytes. */
  awaited: Uint8Array | undefined;
  /** Whether `rewind` must reset more than the cursor: marks that the framer left, or a limited view. */
  protected changed = false;
  /** Position of the last `peek`. */
  #peeked = 0;

  get length(): number {
    return this.end - this.cursor;
  }

  get offset(): number {
    return this.base + this.cursor;
  }

  peek(offset = 0): number | undefined {
    const position = this.#peeked = this.cursor + offset;
    if (position < this.headEnd) return this.bytes[position];
    return position < this.end ? this.segments.byteAt(this.base + position) : undefined;
  }

  readUint(size: 1 | 2 | 3 | 4 | 5 | 6, littleEndian = false): number | undefined {
    const from = this.cursor;
    const to = from + size;
    if (to > this.headEnd || size > 4 || littleEndian) return this.#readAny(size, littleEndian);
    this.cursor = to;
    // Unrolled, since V8 and JavaScriptCore do not do it (bench:counts, W1 visit: 277 instead of 284).
    const { bytes } = this;
    let value = bytes[from]!;
    if (size > 1) value = value * 256 + bytes[from + 1]!;
    if (size > 2) value = value * 256 + bytes[from + 2]!;
    if (size > 3) value = value * 256 + bytes[from + 3]!;
    return value;
  }

  #readAny(size: number, littleEndian: boolean): number | undefined {
    if (size > this.length) return undefined;
    let value = 0;
    for (let index = 0; index < size; index++) {
      value = value * 256 + this.peek(littleEndian ? size - 1 - index : index)!;
    }
    this.cursor += size;
    return value;
  }

  skip(count: number): void {
    this.cursor += count;
  }

  look(count: number): Uint8Array | undefined {
    if (count > this.length) return undefined;
    return this.cursor + count <= this.headEnd && this.bytes !== this.lent
      ? view(this.bytes, this.cursor, count)
      : this.segments.copy(this.offset, count, new Uint8Array(count));
  }

  // For the code that drives a framer.

  /** Number of bytes that belong to no frame yet, headers included. */
  get pending(): number {
    return this.full - this.start;
  }

  /** Number of those bytes that the framer is shown. */
  get shown(): number {
    return this.end - this.start;
  }

  /** Offset in the stream of the first of those bytes. */
  get frameOffset(): number {
    return this.base + this.start;
  }

  /** Number of those bytes before the one that the framer looked at last. */
  get looked(): number {
    return Math.max(this.#peeked, this.cursor - 1) - this.start;
  }

  /** Shows only the first `count` bytes. */
  narrow(count: number): void {
    this.changed = true;
    this.end = Math.min(this.full, this.start + count);
    this.headEnd = Math.min(this.segments.head.end, this.end);
  }

  /** Shows all bytes: before bytes are released, and before a frame is taken on the slow path. */
  widen(): void {
    this.end = this.full = this.segments.end - this.base;
    this.headEnd = this.segments.head.end;
    if (this.pending > MAX_HEADER) this.changed = true;
    if (this.awaited !== undefined) this.#dropAwaited(this.awaited);
  }

  /** Leaves out bytes after the kept ones: they stay, too, if there are any. */
  protected leave(count: number): void {
    if (this.kept > 0) this.kept += count;
    else this.start += count;
  }

  /** Drops the optional trailer of the last frame, or stops waiting for it. */
  #dropAwaited(trailer: Uint8Array): void {
    const { kept } = this;
    const arrived = trailer.subarray(0, this.pending - kept);
    const comes = this.segments.matches(arrived, this.frameOffset + kept);
    if (comes && arrived.length < trailer.length) return;
    this.awaited = undefined;
    if (comes) this.leave(trailer.length);
  }
}
