import { FramingError } from "../errors.ts";
import { ByteCursor } from "./byte_cursor.ts";
import { byteCount } from "./byte_count.ts";
import type { ByteReader, ExpectOptions, FindOptions } from "./byte_reader.ts";
import { isLength } from "./is_length.ts";
import { MAX_HEADER } from "./max_header.ts";
import { NOTHING } from "./nothing.ts";
import { find, isShort, Searches } from "./searches.ts";
import { indexIn } from "./segment.ts";

/** A queue as its framer sees it, with what the framer has stated about the next frame. */
export class QueueReader extends ByteCursor implements ByteReader {
  memo: unknown;
  /** The state of a sequence. */
  sequence: unknown;
  /** Maximum frame length. */
  limit: number = Infinity;
  ended = false;
  /** Whether the framer searches for the end of the frame, instead of reading its length. */
  scanned = false;

  readonly #searches: Searches = new Searches();
  /** The memory of the frame taken last. */
  taken: Uint8Array = NOTHING;
  /** Bounds in `taken` of the frame taken last; the end is -1 after the frame has been released. */
  takenStart = 0;
  takenEnd = -1;
  /** Number of bytes dropped after the frame. */
  protected dropped = 0;
  /** The trailers required among them, each at a distance from the end of the frame. */
  protected trailers: { readonly bytes: Uint8Array; readonly at: number }[] | undefined;
  /** The trailer that is dropped after them if it comes next. */
  optional: Uint8Array | undefined;
  /** Whether the framer has discarded bytes. */
  discarded = false;
  /** Error of a run of invalid bytes that has not been reported, and the end of the last run. */
  noise: FramingError | undefined;
  #noiseEnd = -1;
  /** Start of the search for the end of the frame; -1 before a search, and after it has failed. */
  #searched = -1;
  /** Earliest end of the frame that the failed searches allow, and its length in that case. */
  #frontier: number | undefined;
  #implied = 0;
  /** The minimum length that `atLeast` has set, and the position of the cursor then. */
  #stated: number | undefined;
  #statedAt = 0;
  /** Given the first `#known` bytes of the frame at `#knownAt`, the framer answered "not yet". */
  #known = -1;
  #knownAt = -1;
  /** Number of further bytes with which the frame is too long, if all of them belong to it. */
  #left = Infinity;
  /** Whether the framer will see the end of the stream when it is asked next. */
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
    if (!isLength(count)) {
      throw new RangeError(`Cannot drop ${count} bytes: expected a non-negative integer`);
    }
    this.changed = true;
    this.dropped += count;
  }

  expect(trailer: Uint8Array, options?: ExpectOptions): void {
    // Puts `take` on its slow path, which checks the trailers.
    this.taken = NOTHING;
    this.changed = true;
    if (options?.optional) {
      this.optional = trailer;
    } else {
      (this.trailers ??= []).push({ bytes: trailer, at: this.dropped });
      this.dropped += trailer.length;
    }
  }

  discard(count: number, reason?: string): void {
    const { offset } = this;
    if (!(isLength(count) && count <= this.length)) {
      throw new RangeError(`Cannot discard ${byteCount(count)}: ${this.length} have arrived`);
    }
    if (this.cursor - this.start !== this.kept) {
      throw new FramingError("bytes that belong to no frame follow its first byte");
    }
    if (count === 0) return;
    const continues = offset === this.#noiseEnd;
    if (reason !== undefined && !continues) this.noise = new FramingError(reason, { offset });
    if (reason !== undefined || continues) this.#noiseEnd = offset + count;
    this.cursor += count;
    this.leave(count);
    this.memo = undefined;
    // Puts `take` on its slow path, which takes nothing: the framer is asked again.
    this.taken = NOTHING;
    this.takenEnd = 0;
    this.changed = this.discarded = true;
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
   * Records that the frame, which begins at `start`, does not end before `position`. If several searches fail,
   * the earliest position counts, since any of them may find the end later.
   */
  #reach(position: number, start: number): undefined {
    const frontier = this.#frontier;
    this.#searched = -1;
    if (frontier === undefined || position - start < this.#implied) {
      this.#implied = position - start;
    }
    if (frontier === undefined || position < frontier) this.#frontier = position;
  }

  // For the code that drives a framer.

  /** Minimum length of the frame, after the framer has answered "not yet". */
  get certain(): number {
    if (this.#stated !== undefined) return this.#stated;
    if (this.#frontier !== undefined) return Math.min(this.#frontier - this.cursor, this.#implied);
    return this.memo === undefined ? 0 : this.length;
  }

  /** Whether the framer has implied a minimum length, or sees the end of the stream. */
  get declared(): boolean {
    return this.ended || (this.#stated ?? this.#frontier ?? this.memo) !== undefined;
  }

  /** Prepares for asking the framer: moves the cursor back and discards the framer's earlier statements. */
  rewind(): void {
    this.cursor = this.start;
    if (this.changed) this.#forget();
  }

  #forget(): void {
    this.changed = this.ended = this.#finishes;
    this.#finishes = this.scanned = false;
    this.dropped = 0;
    this.#searched = -1;
    this.trailers =
      this.optional =
      this.#stated =
      this.#frontier =
        undefined;
    if (this.end !== this.full) this.widen();
    if (this.pending > MAX_HEADER || this.awaited !== undefined) this.#showSome();
  }

  /** Lets the framer see the end of the stream when it is asked next. */
  finish(): void {
    this.changed = this.#finishes = true;
  }

  /**
   * Shows the framer only part of many bytes: each time twice as many, up to where the frame is known to be
   * too long. The result therefore does not depend on how the bytes arrived, and no byte is scanned twice.
   * Shows nothing while the bytes may be a trailer of the last frame that has arrived only in part.
   */
  #showSome(): void {
    const { known } = this;
    const more = Math.max(1, Math.min(known, this.#left));
    const some = known < MAX_HEADER ? MAX_HEADER : known + more;
    this.changed = true;
    if (!this.ended) this.narrow(this.awaited === undefined ? some : this.kept);
  }

  /** Shows the framer more bytes after it has answered "not yet". Returns whether there are more. */
  showMore(limit: number): boolean {
    const { certain, shown } = this;
    this.#known = shown;
    this.#knownAt = this.frameOffset;
    this.#left = certain === this.length ? limit - certain : Infinity;
    return this.awaited === undefined && shown < this.pending;
  }

  /** Number of bytes of this frame to which the framer has answered "not yet"; -1 if unknown. */
  get known(): number {
    return this.#knownAt === this.frameOffset ? this.#known : -1;
  }

  /** Discards the framer's state: another framer is asked next. */
  renew(): void {
    this.memo = undefined;
    this.#knownAt = -1;
    if (this.kept > 0) this.awaited = undefined;
    this.kept = 0;
  }
}
