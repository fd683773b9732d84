import { ByteCursor } from "./byte_cursor.ts";
import type { ByteReader, FindOptions } from "./byte_reader.ts";
import { MAX_HEADER } from "./max_header.ts";
import { NOTHING } from "./nothing.ts";
import { find, isShort, Searches } from "./searches.ts";
import { indexIn } from "./segment.ts";

/** What a framer sees of a queue, and says about it. */
export class QueueReader extends ByteCursor implements ByteReader {
  memo: unknown = undefined;
  ended = false;
  /** Whether the end of the frame was searched for among its bytes, and not announced. */
  scanned = false;

  readonly #searches: Searches = new Searches();
  /** The bytes that hold the frame that was taken last. */
  taken: Uint8Array = NOTHING;
  /** Number of bytes left out after the frame, and those that must stand `trailerAt` bytes after it. */
  protected dropped = 0;
  protected trailer: Uint8Array | undefined = undefined;
  protected trailerAt = 0;
  /** Where the search for the end of the frame began; -1 before it, and after it has failed. */
  #searched = -1;
  /** Where the frame ends at the earliest as far as was searched, and how long it is then. */
  #frontier: number | undefined = undefined;
  #implied = 0;
  /** What {@link QueueReader.atLeast} has said, and where. */
  #stated: number | undefined = undefined;
  #statedAt = 0;
  /** With the first `#known` bytes of the frame at `#knownAt` the framer said "not yet". */
  #known = -1;
  #knownAt = -1;
  /** How many more there can be until the frame is too long, if all of them belong to it. */
  #left = Infinity;
  /** Whether the framer sees the end of the stream when it is asked next. */
  #finishes = false;

  find(delimiter: Uint8Array, options?: FindOptions): number | undefined {
    const { cursor, base, end } = this;
    const { length } = delimiter;
    const within = options?.within;
    this.changed = true;
    if (within === undefined || length === 0) {
      this.scanned = true;
      if (this.#searched < 0 || cursor < this.#searched) this.#searched = cursor;
      if (length === 0) return this.ended ? end - cursor : this.#reach(end, this.#searched);
    } else if (end - cursor < within + length) {
      this.#reach(cursor, cursor);
    }
    const stop = within === undefined ? end : Math.min(end, cursor + within + length);
    const from = base + cursor + (options?.from ?? 0);
    const search = this.#searches.resume(delimiter, from, base + this.start);
    const quick = stop <= this.headEnd && search.matched === 0 && isShort(delimiter);
    if (quick) {
      const at = indexIn(this.segments.head, delimiter, search.to - base, stop);
      if (at >= 0) {
        search.to = base + at;
        search.matched = length;
        return at - cursor;
      }
      search.to = Math.max(search.to, base + stop - length + 1);
    }
    const at = quick && length === 1 ? stop : find(search, this.segments, base + stop) - base;
    if (at + length <= stop) return at - cursor;
    if (within === undefined) this.#reach(at, this.#searched);
    const partial = options?.partial && at < stop && at - cursor <= (within ?? Infinity);
    return partial ? at - cursor : undefined;
  }

  drop(count: number): void {
    if (!(count >= 0)) {
      throw new RangeError(`Cannot drop ${count} bytes: expected a non-negative integer`);
    }
    this.changed = true;
    this.dropped += count;
  }

  expect(trailer: Uint8Array): void {
    if (this.trailer !== undefined) {
      throw new TypeError("Cannot expect a trailer: one is expected already");
    }
    this.trailer = trailer;
    // The frame is not where the last one was: that makes `take` look at the trailer.
    this.taken = NOTHING;
    this.trailerAt = this.dropped;
    this.drop(trailer.length);
  }

  atLeast(count: number): void {
    this.changed = true;
    this.#stated = count;
    this.#statedAt = this.cursor;
  }

  get earliestEnd(): number {
    if (this.#stated !== undefined) return this.#statedAt + this.#stated - this.cursor;
    return (this.#frontier ?? (this.memo === undefined ? this.cursor : this.end)) - this.cursor;
  }

  /**
   * The frame, which began at `start`, does not end in front of `position`. Of several searches that have
   * failed, any may find its end.
   */
  #reach(position: number, start: number): undefined {
    const frontier = this.#frontier;
    this.#searched = -1;
    if (frontier === undefined || position - start < this.#implied) {
      this.#implied = position - start;
    }
    if (frontier === undefined || position < frontier) this.#frontier = position;
  }

  // What the driver of a framer sees.

  /** How long the frame certainly is of which the framer has just said "not yet". */
  get certain(): number {
    if (this.#stated !== undefined) return this.#stated;
    if (this.#frontier !== undefined) return Math.min(this.#frontier - this.cursor, this.#implied);
    return this.memo === undefined ? 0 : this.length;
  }

  /** Whether the framer has said anything about that. */
  get declared(): boolean {
    return this.ended || (this.#stated ?? this.#frontier ?? this.memo) !== undefined;
  }

  /** Before a framer is asked: forgets what it said when it was asked before. */
  rewind(): void {
    this.cursor = this.start;
    if (this.changed) this.#forget();
  }

  #forget(): void {
    this.changed = this.ended = this.#finishes;
    this.#finishes = this.scanned = false;
    this.dropped = 0;
    this.#searched = -1;
    this.trailer = this.#stated = this.#frontier = undefined;
    if (this.end !== this.full) this.widen();
    if (this.pending > MAX_HEADER) this.#showSome();
  }

  /** The next time that a framer is asked, it sees that no more bytes will arrive. */
  finish(): void {
    this.changed = this.#finishes = true;
  }

  /**
   * Shows a framer no more of many bytes than if they had arrived in chunks that double, and that stop
   * where the frame is known to be too long. So it makes no difference how they arrived, and no byte is
   * scanned twice.
   */
  #showSome(): void {
    const { known } = this;
    const more = Math.max(1, Math.min(known, this.#left));
    this.changed = true;
    if (!this.ended) this.narrow(known < MAX_HEADER ? MAX_HEADER : known + more);
  }

  /** Shows a framer more of them, after it has said "not yet". Returns whether there are more. */
  showMore(limit: number): boolean {
    const { certain, shown } = this;
    this.#known = shown;
    this.#knownAt = this.frameOffset;
    this.#left = certain === this.length ? limit - certain : Infinity;
    return shown < this.pending;
  }

  /** With this number of bytes of the frame its framer has said "not yet"; -1 if none is known. */
  get known(): number {
    return this.#knownAt === this.frameOffset ? this.#known : -1;
  }

  /** Forgets what the framer remembers: another one is asked next. */
  renew(): void {
    this.memo = undefined;
    this.#knownAt = -1;
  }
}
