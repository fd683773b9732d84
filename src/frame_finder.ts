import { FillableQueue } from "./bytes/fillable_queue.ts";
import { MAX_HEADER } from "./bytes/max_header.ts";
import { NOTHING } from "./bytes/nothing.ts";
import { FrameTooLargeError, FramingError } from "./errors.ts";
import type { Framer } from "./framers/framer.ts";
import { earliest, malformed, misfit, truncated } from "./framing_failure.ts";
import { frameLimit, type InvalidFrameHandler, type ProtocolParts } from "./protocol.ts";

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
  /** With the first `#known` bytes of the frame at `#knownAt` the framer said "not yet". */
  #known = -1;
  #knownAt = -1;
  /** How many more there can be until the frame is too long, if all of them belong to it. */
  #left = Infinity;

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
    this.#knownAt = -1;
    this.queue.memo = undefined;
  }

  /** Returns all bytes that belong to no frame. There are no frames anymore afterwards. */
  detach(): Uint8Array {
    const failure = this.failure ?? this.#skipped;
    if (failure !== undefined) throw failure.error;
    this.ended = true;
    return this.queue.detach();
  }

  /**
   * Takes the next frame off the queue.
   *
   * @param least How many bytes it takes at least: 1 if all frames are to be found, since there is no end of
   * those that take no bytes; else 0.
   * @returns How many bytes it took; -1 if it has not arrived whole.
   */
  next(least: number): number {
    for (;;) {
      if (this.#needed > 0 && !this.#ready()) return -1;
      const { queue } = this;
      queue.rewind();
      if (queue.pending > MAX_HEADER) this.#narrow();
      let length: number | undefined;
      try {
        length = this.#framer.measure(queue);
      } catch (error) {
        this.#refuse(error, true);
        continue;
      }
      if (length !== undefined && length <= this.#limit && length >= 0) {
        const extent = queue.take(length);
        if (extent >= least) return extent;
      }
      this.#wait(length);
    }
  }

  /** Whether enough has arrived to ask the framer again. */
  #ready(): boolean {
    const { pending } = this.queue;
    if (this.failure !== undefined) throw this.failure.error;
    if (pending < this.#needed && (pending === 0 || !this.ended)) return false;
    this.#needed = 0;
    this.expected = undefined;
    return true;
  }

  /**
   * Shows the framer no more of many bytes than if they had arrived in chunks that double, and that stop
   * where the frame is known to be too long. So it makes no difference how they arrived, and no byte is
   * scanned twice.
   */
  #narrow(): void {
    const { queue } = this;
    const known = this.#knownBytes();
    const more = Math.max(1, Math.min(known, this.#left));
    if (queue.ended) return;
    queue.narrow(known < MAX_HEADER ? MAX_HEADER : Math.min(queue.pending, known + more));
  }

  #knownBytes(): number {
    return this.#knownAt === this.queue.frameOffset ? this.#known : -1;
  }

  /** The frame is not whole, or does not fit: waits for more of it, asks in another way, or fails. */
  #wait(length: number | undefined): void {
    const { queue } = this;
    const skipped = this.#skipped;
    const limit = skipped === undefined ? this.#limit : Infinity;
    const error = misfit(length, queue, limit);
    if (error !== undefined) return this.#refuse(error);
    const { pending, ended, certain, frameOffset } = queue;
    let expected: number | undefined;
    if (length === undefined) {
      if (pending >= MAX_HEADER && !queue.declared && !ended) {
        this.#lose(`its header is over ${MAX_HEADER} bytes`);
      }
      this.#known = pending;
      this.#knownAt = frameOffset;
      this.#left = certain === queue.length ? limit - certain : Infinity;
      queue.widen();
      if (pending < queue.pending) return;
      if (this.ended && !ended && pending > 0) return queue.finish();
    } else {
      expected = queue.extent(length);
      queue.widen();
      if (skipped !== undefined && queue.pass(length) >= 0) return this.#begin();
      if (expected === 0) {
        throw new RangeError("Cannot iterate over empty frames: they consume no input");
      }
      if (expected <= queue.pending) this.#lose("what must follow it does not");
    }
    if (this.ended && queue.pending > 0) {
      queue.rewind();
      const partial = skipped === undefined ? queue.look(queue.pending)! : NOTHING;
      this.#fail(truncated(queue, partial, expected));
    }
    if (skipped !== undefined) queue.release(MAX_HEADER);
    this.expected = expected;
    this.#needed = expected ?? queue.pending + 1;
    queue.trim(this.#needed);
  }

  /** Fails; or skips the frame, if it is over the limit and that can be reported. */
  #refuse(error: unknown, thrown?: boolean): void {
    const { queue, onInvalid } = this;
    if (thrown) error = malformed(error, queue, this.#skipped);
    if (!queue.ended && this.#skipped === undefined) {
      error = earliest(queue, this.#framer, this.#limit, this.#knownBytes(), error);
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
