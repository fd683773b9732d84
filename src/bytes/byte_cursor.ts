import { MAX_HEADER } from "./max_header.ts";
import { NOTHING } from "./nothing.ts";
import { SegmentList } from "./segment_list.ts";
import { view } from "./view.ts";

/**
 * A place in the bytes of a queue, and what can be seen from there.
 *
 * Positions count from the first byte of the head segment, and run on through the segments after it, so
 * that they stay small however long the stream is:
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
  /** Where in the stream position 0 is. */
  protected base = 0;
  protected start = 0;
  protected cursor = 0;
  /** Where the head and the queue end, as far as they are shown. */
  protected headEnd = 0;
  protected end = 0;
  /** Where the queue ends. */
  protected full = 0;
  /** Memory that is written to again: what is kept of it is copied. */
  protected lent: Uint8Array | undefined = undefined;
  /** Whether a framer has said something, or is not shown all bytes: then it is not asked as is. */
  protected changed = false;
  /** The position that was peeked at last. */
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
    // No loop: V8 and JavaScriptCore unroll none.
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

  // What the driver of a framer sees.

  /** Number of bytes that belong to no frame yet, headers included. */
  get pending(): number {
    return this.full - this.start;
  }

  /** How many of them a framer is shown. */
  get shown(): number {
    return this.end - this.start;
  }

  /** Where in the stream the first of them is. */
  get frameOffset(): number {
    return this.base + this.start;
  }

  /** How many bytes lie in front of the one that the framer has looked at last. */
  get looked(): number {
    return Math.max(this.#peeked, this.cursor - 1) - this.start;
  }

  /** Shows no more than the first `count` bytes. */
  narrow(count: number): void {
    this.end = Math.min(this.full, this.start + count);
    this.headEnd = Math.min(this.segments.head.end, this.end);
  }

  /** Shows all bytes, before a frame is taken in another way than the one before, or bytes are released. */
  widen(): void {
    this.end = this.full = this.segments.end - this.base;
    this.headEnd = this.segments.head.end;
    if (this.pending > MAX_HEADER) this.changed = true;
  }
}
