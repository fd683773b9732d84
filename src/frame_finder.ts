import { FillableQueue } from "./bytes/fillable_queue.ts";
import { MAX_HEADER } from "./bytes/max_header.ts";
import { NOTHING } from "./bytes/nothing.ts";
import { FrameTooLargeError, FramingError } from "./errors.ts";
import type { SequenceFramer } from "./framers/sequence_framer.ts";
import {
  earliestError,
  emptyFramesError,
  lengthError,
  malformed,
  malformedError,
  truncationError,
} from "./framing_failure.ts";
import { frameLimit, type InvalidFrameHandler, type ProtocolParts } from "./protocol.ts";

/**
 * Called with a frame in place: `bytes[start, end)`. The bytes are valid only during the call, since the next
 * chunk or a later frame may overwrite them. Copy the bytes that you keep.
 */
export type FrameVisitor = (bytes: Uint8Array, start: number, end: number) => void;

/** How frames are found. */
interface Rules {
  readonly framer: SequenceFramer;
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
  onInvalid: InvalidFrameHandler | undefined;
  /** Whether no more bytes will come. */
  ended = false;
  /** The error that ended framing. */
  failure: { readonly error: unknown } | undefined;
  /** Length of the unfinished frame in bytes, including header and trailer, if known. */
  expected: number | undefined;
  #framer!: SequenceFramer;
  /** Maximum frame length; -1 while a frame is being skipped. */
  #limit!: number;
  /** The error of the frame that is being skipped, and the rules of the next one. */
  #skipped: { readonly error: unknown } | undefined;
  #rules!: Rules;
  /** Number of pending bytes below which there is no need to ask the framer. */
  #needed = 0;

  /**
   * Sets the rules from the next frame on. A frame that is being skipped keeps its own.
   *
   * @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`.
   */
  switchTo(protocol: ProtocolParts<unknown, never>, onInvalid?: InvalidFrameHandler): void {
    this.#rules = { framer: protocol.framer, limit: frameLimit(protocol) };
    this.onInvalid = onInvalid ?? protocol.onInvalid;
    if (this.#skipped === undefined) this.#begin();
  }

  /** Applies the rules to the next frame. */
  #begin(): void {
    this.#framer = this.#rules.framer;
    this.#limit = this.queue.limit = this.#rules.limit;
    this.#skipped = undefined;
    // Makes `#ready` check the framer of a sequence.
    this.#needed = this.#framer.sequence ? 1 : 0;
    this.queue.renew();
  }

  /** Returns all bytes that belong to no frame, and ends the stream. */
  detach(): Uint8Array {
    const failure = this.failure ?? this.#skipped;
    if (failure !== undefined) throw failure.error;
    this.ended = true;
    return this.queue.detach();
  }

  /**
   * Takes the next frame off the queue.
   *
   * @param minExtent Minimum number of bytes that it occupies: 1 where all frames are read, since empty frames
   * never end; otherwise 0.
   * @param visitor Called with each frame: all of them are taken in one call.
   * @returns Number of bytes that it occupied; -1 if it is not complete.
   */
  next(minExtent: number, visitor?: FrameVisitor): number {
    const { queue } = this;
    for (;;) {
      if (this.#needed > 0 && !this.#ready(visitor)) return -1;
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
        if (extent >= minExtent) {
          if (visitor === undefined) return extent;
          visitor(queue.taken, queue.takenStart, queue.takenEnd);
          continue;
        }
      }
      this.#wait(length);
    }
  }

  /** Whether enough has arrived to ask the framer again. */
  #ready(visitor: FrameVisitor | undefined): boolean {
    if (visitor !== undefined) this.refuseSequence();
    const { pending } = this.queue;
    if (pending < this.#needed && (pending === 0 || !this.ended)) return this.#idle();
    this.#needed = 0;
    this.expected = undefined;
    return true;
  }

  /** Throws the error of a visit to the messages of a sequence. */
  refuseSequence(): void {
    if (this.#framer.sequence) {
      throw new TypeError("Cannot visit frames: the protocol is a sequence");
    }
  }

  /** Throws the failure, or releases bytes of a skipped frame: the framer need not be asked. */
  #idle(): false {
    if (this.failure !== undefined) throw this.failure.error;
    if (this.#skipped !== undefined) this.queue.release(MAX_HEADER);
    return false;
  }

  /** The frame is incomplete or does not fit: waits for bytes, asks differently, skips the frame or fails. */
  #wait(length: number | undefined): void {
    const { queue } = this;
    if (this.#discarded()) return;
    const skipped = this.#skipped;
    const limit = skipped === undefined ? this.#limit : Infinity;
    const error = lengthError(length, queue, limit);
    if (error !== undefined) return this.#refuse(error);
    let expected: number | undefined;
    if (length !== undefined) {
      expected = queue.extent(length);
      if (skipped !== undefined && queue.pass(length) >= 0) return this.#begin();
      if (expected === 0) throw emptyFramesError();
      if (expected <= queue.pending) this.#failMalformed("its trailer is missing");
    } else if (queue.shown >= MAX_HEADER) {
      if (!queue.declared) this.#failMalformed(`its header is over ${MAX_HEADER} bytes`);
      if (queue.showMore(limit)) return;
    }
    if (this.ended && queue.pending > 0) {
      if (length === undefined && !queue.ended) return queue.finish();
      queue.rewind();
      queue.widen();
      const partial = skipped === undefined ? queue.look(queue.pending)! : NOTHING;
      this.#fail(truncationError(queue, partial, expected));
    }
    this.expected = expected;
    this.#needed = expected ?? queue.pending + 1;
    queue.trim(this.#needed);
  }

  /** Reports invalid bytes that the framer has discarded. Returns whether it has discarded any bytes. */
  #discarded(): boolean {
    const { queue } = this;
    if (!queue.discarded) return false;
    for (let noise; (noise = queue.noises.shift()) !== undefined;) {
      this.onInvalid?.(malformed(noise, noise.offset));
    }
    queue.discarded = false;
    return true;
  }

  /** Fails, or skips a frame over the limit if there is a handler to report it to. */
  #refuse(error: unknown, thrown?: boolean): void {
    const { queue, onInvalid } = this;
    if (this.#discarded()) return;
    if (thrown) error = malformedError(error, queue, this.#skipped);
    if (!queue.ended && this.#skipped === undefined) {
      error = earliestError(queue, this.#framer, this.#limit, error);
    }
    queue.widen();
    if (
      !(error instanceof FrameTooLargeError) || onInvalid === undefined || this.#framer.sequence
    ) {
      return this.#fail(error);
    }
    this.#skipped = { error };
    this.#limit = -1;
    onInvalid(error);
  }

  #failMalformed(reason: string): never {
    this.#fail(malformed(new FramingError(reason), this.queue.frameOffset));
  }

  #fail(error: unknown): never {
    this.failure = { error };
    this.#needed = Infinity;
    this.queue.clear();
    throw error;
  }
}
