import { FillableQueue } from "./bytes/fillable_queue.ts";
import { MAX_HEADER } from "./bytes/max_header.ts";
import { NOTHING } from "./bytes/nothing.ts";
import { FrameTooLargeError, FramingError } from "./errors.ts";
import type { Framer } from "./framers/framer.ts";
import { earliest, endless, malformed, misfit, truncated } from "./framing_failure.ts";
import { frameLimit, type InvalidFrameHandler, type ProtocolParts } from "./protocol.ts";

/**
 * Called with a frame in place: it is `bytes[start, end)`. The bytes are valid only during the call: the
 * next chunk may be read into them, or the next large frame be joined there. Copy the bytes that you keep.
 */
export type FrameVisitor = (bytes: Uint8Array, start: number, end: number) => void;

/** How frames are found. */
interface Rules {
  readonly framer: Framer;
  readonly limit: number;
}

/**
 * Finds frames in a queue. Everything that makes framing hard is done here, once for all framings:
 * waiting, limits, the end of the stream, errors.
 *
 * ```text
 *             ┌──────────── not yet ───────────┐
 *             ▼                                │
 *   push ─▶ waiting ─ enough to ask again ─▶ measure ─▶ all here? ─▶ take ─▶ frame
 *             ▲                                │            │
 *             │                                ├── error ───┴──▶ failed: the same error forever
 *             └──── skipping ◀── too large ────┘
 *                              and onInvalid
 * ```
 */
export class FrameFinder {
  readonly queue: FillableQueue = new FillableQueue();
  /** Called with bad messages; without it their errors are thrown. */
  onInvalid: InvalidFrameHandler | undefined = undefined;
  /** Whether no more bytes will come. */
  ended = false;
  /** The error that ended framing. */
  failure: { readonly error: unknown } | undefined = undefined;
  /** Length of the unfinished frame in bytes, including header and trailer, where it is known. */
  expected: number | undefined = undefined;
  #framer!: Framer;
  /** No frame fits while one is being skipped. */
  #limit!: number;
  /** The error of the frame that is being skipped, and the rules of the next one. */
  #skipped: { readonly error: unknown } | undefined = undefined;
  #rules!: Rules;
  /** There is nothing to ask the framer before this number of bytes is pending. */
  #needed = 0;

  /**
   * Sets the rules from the next frame on. A frame that is being skipped ends as it began.
   *
   * @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`.
   */
  switchTo(protocol: ProtocolParts<unknown, never>, onInvalid?: InvalidFrameHandler): void {
    this.#rules = { framer: protocol.framer, limit: frameLimit(protocol) };
    this.onInvalid = onInvalid ?? protocol.onInvalid;
    if (this.#skipped === undefined) this.#begin();
  }

  /** The next frame is found by the rules. */
  #begin(): void {
    this.#framer = this.#rules.framer;
    this.#limit = this.#rules.limit;
    this.#skipped = undefined;
    this.#needed = 0;
    this.queue.renew();
  }

  /** Returns all bytes that belong to no frame, and ends. */
  detach(): Uint8Array {
    const failure = this.failure ?? this.#skipped;
    if (failure !== undefined) throw failure.error;
    this.ended = true;
    return this.queue.detach();
  }

  /**
   * Takes the next frame off the queue.
   *
   * @param least Minimum number of bytes it takes: 1 where all frames are read, since there is no end of empty
   * ones; else 0.
   * @param visitor Called with each frame, so that all of them are taken in one go.
   * @returns How many bytes it took; -1 if it has not arrived whole.
   */
  next(least: number, visitor?: FrameVisitor): number {
    const { queue } = this;
    for (;;) {
      if (this.#needed > 0 && !this.#ready()) return -1;
      queue.rewind();
      let length: number | undefined;
      try {
        length = this.#framer.measure(queue);
      } catch (error) {
        this.#refuse(error, true);
        continue;
      }
      if (length !== undefined && length <= this.#limit && length >= 0) {
        const extent = queue.take(length);
        if (extent >= least) {
          if (visitor === undefined) return extent;
          visitor(queue.taken, queue.takenStart, queue.takenEnd);
          continue;
        }
      }
      this.#wait(length);
    }
  }

  /** Whether enough has arrived to ask the framer again. */
  #ready(): boolean {
    const { pending } = this.queue;
    if (pending < this.#needed && (pending === 0 || !this.ended)) return this.#idle();
    this.#needed = 0;
    this.expected = undefined;
    return true;
  }

  /** Does what remains to be done without a framer. */
  #idle(): false {
    if (this.failure !== undefined) throw this.failure.error;
    if (this.#skipped !== undefined) this.queue.release(MAX_HEADER);
    return false;
  }

  /** The frame is not whole, or does not fit: waits for more of it, asks in another way, or fails. */
  #wait(length: number | undefined): void {
    const { queue } = this;
    const skipped = this.#skipped;
    const limit = skipped === undefined ? this.#limit : Infinity;
    if (!(length === undefined ? queue.certain <= limit : length <= limit && length >= 0)) {
      return this.#refuse(misfit(length, queue, limit));
    }
    let expected: number | undefined;
    if (length !== undefined) {
      expected = queue.extent(length);
      if (skipped !== undefined && queue.pass(length) >= 0) return this.#begin();
      if (expected === 0) throw endless();
      if (expected <= queue.pending) this.#lose("what must follow it does not");
    } else if (queue.shown >= MAX_HEADER) {
      if (!queue.declared) this.#lose(`its header is over ${MAX_HEADER} bytes`);
      if (queue.showMore(limit)) return;
    }
    if (this.ended && queue.pending > 0) {
      if (length === undefined && !queue.ended) return queue.finish();
      queue.rewind();
      queue.widen();
      const partial = skipped === undefined ? queue.look(queue.pending)! : NOTHING;
      this.#fail(truncated(queue, partial, expected));
    }
    this.expected = expected;
    this.#needed = expected ?? queue.pending + 1;
    queue.trim(this.#needed);
  }

  /** Fails; or skips the frame, if it is over the limit and that can be reported. */
  #refuse(error: unknown, thrown?: boolean): void {
    const { queue, onInvalid } = this;
    if (thrown) error = malformed(error, queue, this.#skipped);
    if (!queue.ended && this.#skipped === undefined) {
      error = earliest(queue, this.#framer, this.#limit, error);
    }
    queue.widen();
    if (onInvalid === undefined || !(error instanceof FrameTooLargeError)) return this.#fail(error);
    this.#skipped = { error };
    this.#limit = -1;
    onInvalid(error);
  }

  #lose(reason: string): never {
    this.#fail(malformed(new FramingError(reason), this.queue, true));
  }

  #fail(error: unknown): never {
    this.failure = { error };
    this.#needed = Infinity;
    this.queue.clear();
    throw error;
  }
}
