import type { ByteQueue } from "../bytes/byte_queue.ts";
import { isLength } from "../bytes/is_length.ts";
import { LONG_HEADER, MAX_HEADER } from "../bytes/max_header.ts";
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
  /** The optional trailer of the last part, until it has arrived or something else has. */
  #trailer: Uint8Array | undefined;
  /** Whether the stream has ended before the last part. */
  #cut = false;

  constructor(whole: FramePart) {
    this.whole = whole;
    this.#reading = new Reading(whole);
  }

  /** Whether a message has been measured and not taken. */
  get complete(): boolean {
    return this.#start >= 0 && this.#reading.complete;
  }

  /** Returns that message. */
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
      this.#cut = false;
      reading.begin(queue);
    }
    // Between two calls the queue itself waits for the trailer. It forgets it when protocols are switched.
    reading.from = Math.max(reading.from, queue.kept);
    this.#trailer = queue.awaited;
    queue.awaited = undefined;
    const length = this.#ask(queue, queue.shown);
    if (!reading.complete) queue.awaited = this.#trailer;
    else if (this.#trailer !== undefined) queue.expect(this.#trailer, OPTIONAL);
    return length;
  }

  /** Asks the framers of all parts that have arrived. */
  #ask(queue: ByteQueue, all: number): number | undefined {
    const reading = this.#reading;
    const searching = all < this.#seen;
    if (!searching) this.#seen = all;
    let shown = this.#trailer === undefined ? all : Math.min(all, reading.from);
    for (let window = MAX_HEADER;;) {
      const { from, complete, failure } = reading;
      queue.kept = complete ? 0 : from;
      if (failure !== undefined && shown >= from) {
        queue.narrow(from);
        // The error is not in the first bytes: they are not described in its text.
        queue.scanned = true;
        throw failure.error;
      }
      if (complete && shown >= from) return from;
      if (shown < from || this.#cut) return wait(queue, Math.min(shown, from));
      if (!queue.ended) queue.narrow(Math.min(shown, from + window));
      queue.skip(from);
      const length = reading.part.framer.measure(queue);
      if (queue.discarded) return this.#discard(queue);
      if (length !== undefined && !isLength(length)) return length;
      const extent = length === undefined ? from + queue.earliestEnd : queue.extent(length);
      const empty = length === 0 && extent === from;
      const ahead = queue.pending > from;
      // Only then is it known where the part begins: until then, no limit applies to it.
      if (this.#trailer !== undefined && !empty && (ahead || !queue.ended)) {
        if (!ahead || !this.#leaveTrailer(queue)) return wait(queue, from);
        shown = this.#seen = Math.max(this.#seen, reading.from);
        queue.widen();
        continue;
      }
      if (reading.limited) reading.check(queue, length, extent);
      if (length !== undefined && extent > queue.limit) {
        moveToStart(queue);
        return extent;
      }
      if (length === undefined) {
        if (queue.shown - from >= MAX_HEADER && !queue.declared) {
          throw new FramingError(LONG_HEADER);
        }
        if (queue.shown === shown) return wait(queue, from);
        window *= 2;
        queue.rewind();
      } else {
        if (searching) return wait(queue, extent);
        if (queue.arrived(length) < 0) return length;
        queue.hold(length);
        // A part that the end of the stream has ended is the last one.
        this.#cut = queue.ended;
        this.#trailer = queue.optional ?? this.#trailer;
        queue.rewind();
        this.#seen = Math.max(this.#seen, extent);
        reading.resume(queue, extent);
        queue.memo = undefined;
        shown = this.#trailer === undefined ? this.#seen : extent;
        window = MAX_HEADER;
      }
      queue.widen();
    }
  }

  /** The framer of a part has discarded bytes and is to be asked again. */
  #discard(queue: ByteQueue): undefined {
    this.#reading.from = queue.kept;
    this.#start = queue.frameOffset;
    this.#seen = 0;
  }

  /** Leaves out the optional trailer of the last part, if it comes next. Returns whether that is known. */
  #leaveTrailer(queue: ByteQueue): boolean {
    queue.rewind();
    queue.awaited = this.#trailer;
    queue.widen();
    this.#trailer = queue.awaited;
    queue.awaited = undefined;
    this.#reading.from = queue.kept;
    return this.#trailer === undefined;
  }
}

const OPTIONAL = { optional: true };

/** Answers "not yet" to the decoder: the message has at least `length` bytes. */
function wait(queue: ByteQueue, length: number): undefined {
  moveToStart(queue);
  queue.atLeast(Math.max(length, queue.earliestEnd));
  // Whichever part was asked last, the error of a limit describes the bytes alike.
  queue.scanned = true;
}

function moveToStart(queue: ByteQueue): void {
  queue.skip(queue.frameOffset - queue.offset);
}
