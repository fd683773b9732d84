import { FillableQueue } from "./bytes/fillable_queue.ts";
import { LONG_HEADER, MAX_HEADER } from "./bytes/max_header.ts";
import { NOTHING } from "./bytes/nothing.ts";
import { FrameTooLargeError } from "./errors.ts";
import type { SequenceFramer } from "./framers/sequence_framer.ts";
import {
  earliestError,
  emptyFramesError,
  lengthError,
  malformedError,
  malformedFrame,
  reportNoise,
  truncationError,
  unknownLengthError,
} from "./framing_failure.ts";
import { type FrameHost, FrameParts } from "./frame_parts.ts";
import type { FrameVisitor } from "./frame_visitor.ts";
import {
  frameLimit,
  type InvalidFrameHandler,
  lengthLimit,
  type ProtocolParts,
} from "./protocol.ts";

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
export class FrameFinder implements FrameHost {
  readonly queue: FillableQueue = new FillableQueue();
  /** Called with bad messages; without it their errors are thrown. */
  onInvalid: InvalidFrameHandler | undefined;
  /** Whether no more bytes will come. */
  ended = false;
  /** The error that ended framing. */
  failure: { readonly error: unknown } | undefined;
  /** Length of the unfinished frame in bytes, including header and trailer, if known. */
  expected: number | undefined;
  /** The frame that is being read in parts. */
  opened: FrameParts | undefined;
  #framer!: SequenceFramer;
  /** Maximum frame length; -1 while a frame is being skipped. */
  #limit!: number;
  /** The error of the frame that is being skipped, and the rules of the next one. */
  #skipped: { readonly error: unknown } | undefined;
  #rules!: { readonly framer: SequenceFramer; readonly limit: number };
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
    if (this.#skipped === undefined && this.opened === undefined) this.begin();
  }

  /** Applies the rules to the next frame. */
  begin(): void {
    this.#framer = this.#rules.framer;
    this.#limit = this.queue.limit = this.#rules.limit;
    this.#skipped = this.opened = undefined;
    // Makes `#ready` check the framer of a sequence.
    this.#needed = this.#framer.sequence ? 1 : 0;
    this.queue.renew();
  }

  /** Returns all bytes that belong to no frame, and ends the stream. */
  detach(): Uint8Array {
    const failure = this.failure ?? this.#skipped;
    if (failure !== undefined) throw failure.error;
    if (this.opened !== undefined) throw new TypeError("Cannot detach: a body has not been read");
    this.ended = true;
    return this.queue.detach();
  }

  /**
   * Takes the next frame off the queue.
   *
   * @param minExtent Minimum number of bytes that it occupies: 1 refuses empty frames, which would never end.
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
      if (
        length !== undefined && length <= this.#limit && length >= 0 && Number.isInteger(length)
      ) {
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

  /** Opens the next frame, of at most `limit` bytes; `undefined` before its length is known, or at the end. */
  open(limit: number): FrameParts | undefined {
    const { queue } = this;
    lengthLimit("maxBodyLength", limit);
    // The frame may have been awaited as a whole.
    if (this.#needed < Infinity && this.#skipped === undefined) this.#needed = 0;
    while (this.#needed === 0 || this.#ready()) {
      this.refuseSequence("read body");
      queue.rewind();
      let length: number | undefined;
      try {
        length = this.#framer.measure(queue);
      } catch (error) {
        this.#refuse(error, true);
      }
      if (this.#discarded()) continue;
      if (queue.scanned && this.#skipped === undefined) throw unknownLengthError();
      if (length === undefined || this.#skipped !== undefined) this.#wait(length);
      else if (queue.pending > 0 || queue.extent(length) === 0) return this.#open(length, limit);
      else this.#needed = 1;
    }
    return undefined;
  }

  #open(length: number, limit: number): FrameParts {
    this.#limit = limit;
    const error = lengthError(length, this.queue, limit);
    if (error !== undefined) this.fail(earliestError(this.queue, this.#framer, limit, error));
    const frame = this.opened = new FrameParts(this, length);
    this.#needed = Infinity;
    frame.closeIfComplete();
    return frame;
  }

  /** Whether enough has arrived to ask the framer again. Releases bytes of a skipped frame. */
  #ready(visitor?: FrameVisitor): boolean {
    if (visitor !== undefined) this.refuseSequence("visit frames");
    if (this.opened !== undefined && !this.opened.discard()) return false;
    const { pending } = this.queue;
    if (pending < this.#needed && (pending === 0 || !this.ended)) {
      if (this.failure !== undefined) throw this.failure.error;
      if (this.#skipped !== undefined) this.queue.release(MAX_HEADER);
      return false;
    }
    this.#needed = 0;
    this.expected = undefined;
    return true;
  }

  /** Throws an error if the protocol is a sequence. */
  refuseSequence(action: string): void {
    if (this.#framer.sequence) throw new TypeError(`Cannot ${action}: the protocol is a sequence`);
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
      if (skipped !== undefined && queue.pass(length) >= 0) return this.begin();
      if (expected === 0) throw emptyFramesError();
      if (expected <= queue.pending) this.fail(malformedFrame("its trailer is missing", queue));
    } else if (queue.shown >= MAX_HEADER) {
      if (!queue.declared) this.fail(malformedFrame(LONG_HEADER, queue));
      if (queue.showMore(limit)) return;
    }
    if (this.ended && queue.pending > 0) {
      if (length === undefined && !queue.ended) return queue.finish();
      queue.rewind();
      queue.widen();
      const partial = skipped === undefined ? queue.look(queue.pending)! : NOTHING;
      this.fail(truncationError(queue, partial, expected));
    }
    this.expected = expected;
    this.#needed = expected ?? queue.pending + 1;
    queue.trim(this.#needed);
  }

  /** Reports bytes that the framer has discarded, also those of a skipped frame. Returns whether there are any. */
  #discarded(): boolean {
    const discarded = this.queue.discarded && reportNoise(this.queue, this.onInvalid);
    if (discarded && this.#skipped !== undefined) this.begin();
    return discarded;
  }

  /** Fails, or skips a frame over the limit if there is a handler to report it to. */
  #refuse(error: unknown, thrown?: boolean): void {
    const { queue, onInvalid } = this;
    if (this.#discarded()) return;
    if (thrown) error = malformedError(error, queue, this.#framer, this.#skipped);
    if (!queue.ended && this.#skipped === undefined) {
      error = earliestError(queue, this.#framer, this.#limit, error);
    }
    queue.widen();
    if (
      !(error instanceof FrameTooLargeError) || onInvalid === undefined || this.#framer.sequence
    ) {
      return this.fail(error);
    }
    this.#skipped = { error };
    this.#limit = -1;
    onInvalid(error);
  }

  fail(error: unknown): never {
    this.failure = { error };
    this.opened = undefined;
    this.#needed = Infinity;
    this.queue.clear();
    throw error;
  }
}
