import type { ByteQueue } from "../bytes/byte_queue.ts";
import { MAX_HEADER } from "../bytes/max_header.ts";
import { FramingError } from "../errors.ts";
import type { FramePart } from "./part.ts";
import { Reading } from "./reading.ts";

/**
 * Measures the messages of one stream. The frames of an unfinished message stay in the queue, and the framer
 * of each frame is asked from there on:
 *
 * ```text
 *   ┌────────┬────────┬────────┬───────────
 *   │ part 1 │ part 2 │ part 3 │ part 4 …
 *   └────────┴────────┴────────┴───────────
 *   #start                     #start + from
 * ```
 *
 * To the decoder the message is a single frame, whose length is known when the generator has returned.
 */
export class MessageReader {
  /** The sequence, as a part. */
  readonly whole: FramePart;
  readonly #reading: Reading;
  /** Offset of the message in the stream; -1 between two messages. */
  #start = -1;
  /** Number of bytes of the message seen so far. If fewer are shown, the decoder searches for an error. */
  #seen = 0;
  /** Whether the stream has ended before the last part. */
  #cut = false;

  constructor(whole: FramePart) {
    this.whole = whole;
    this.#reading = new Reading(whole);
  }

  /** Returns the message measured last. */
  take(): unknown {
    this.#start = -1;
    return this.#reading.take();
  }

  /** Does what {@link Framer.measure} does. The frame is the whole message, all of its bytes included. */
  measure(queue: ByteQueue): number | undefined {
    if (queue.pending === 0) return undefined;
    const reading = this.#reading;
    if (this.#start !== queue.frameOffset) {
      this.#start = queue.frameOffset;
      this.#seen = 0;
      reading.begin(queue);
    }
    let { shown } = queue;
    const searching = shown < this.#seen;
    if (!searching) this.#seen = shown;
    for (let window = MAX_HEADER;;) {
      const { from, complete, failure } = reading;
      if (failure !== undefined && shown >= from) {
        queue.narrow(from);
        // The error is not in the first bytes: they are not described in its text.
        queue.scanned = true;
        throw failure.error;
      }
      if (complete && shown >= from) return from;
      if (shown < from || this.#cut) return wait(queue, Math.min(shown, from));
      if (!queue.ended && shown - from > window) queue.narrow(from + window);
      queue.skip(from);
      const length = reading.part.framer.measure(queue);
      if (reading.limited) {
        const end = length === undefined ? from + queue.earliestEnd : queue.extent(length);
        reading.check(queue, length, end);
      }
      if (length === undefined) {
        if (queue.shown - from >= MAX_HEADER && !queue.declared) {
          throw new FramingError(`its header is over ${MAX_HEADER} bytes`);
        }
        if (queue.shown === shown) return wait(queue, from);
        window *= 2;
        queue.rewind();
        queue.narrow(shown);
        continue;
      }
      if (!(length >= 0)) return length;
      const extent = queue.extent(length);
      if (extent > queue.limit) {
        moveToStart(queue);
        return extent;
      }
      if (searching) return wait(queue, extent);
      if (queue.arrived(length) < 0) return length;
      queue.hold(length);
      // A part that the end of the stream has ended is the last one.
      this.#cut = queue.ended;
      queue.rewind();
      shown = this.#seen = Math.max(shown, extent);
      reading.resume(queue, extent);
      queue.memo = undefined;
      if (reading.complete) return extent;
      queue.narrow(shown);
      window = MAX_HEADER;
    }
  }
}

/** Answers "not yet" to the decoder: the message has at least `length` bytes. */
function wait(queue: ByteQueue, length: number): undefined {
  moveToStart(queue);
  queue.atLeast(Math.max(length, queue.earliestEnd));
}

function moveToStart(queue: ByteQueue): void {
  queue.skip(queue.frameOffset - queue.offset);
}
