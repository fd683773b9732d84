import type { ByteQueue } from "../bytes/byte_queue.ts";
import { MAX_HEADER } from "../bytes/max_header.ts";
import { decodingError } from "../codecs/codec_failure.ts";
import { CodecError, FramingError } from "../errors.ts";
import { FramePart, type Part } from "./part.ts";

/**
 * Measures the messages of one stream. The frames of an unfinished message stay in the queue, and the framer
 * of each frame is asked from there on:
 *
 * ```text
 *   ┌────────┬────────┬────────┬───────────
 *   │ part 1 │ part 2 │ part 3 │ part 4 …
 *   └────────┴────────┴────────┴───────────
 *   #start                     #start + #from
 * ```
 *
 * To the decoder the message is a single frame, whose length is known when the generator has returned.
 */
export class MessageReader<In> {
  readonly read: () => Generator<Part, In, unknown>;
  /** The generator of the unfinished message, and the part that it waits for. */
  #generator: Generator<Part, In, unknown> | undefined = undefined;
  #part!: FramePart;
  /** Offset of the message in the stream, and number of bytes in its complete parts. */
  #start = 0;
  #from = 0;
  /** Number of bytes of the message seen so far. If fewer are shown, the decoder searches for an error. */
  #seen = 0;
  /** Whether the stream has ended before the last part. */
  #cut = false;
  /** The complete message, or the error that only this message has. */
  #message: In | undefined = undefined;
  #error: CodecError | undefined = undefined;
  /** The error that ends the stream, after `#from` bytes. */
  #failure: { readonly error: unknown } | undefined = undefined;

  constructor(read: () => Generator<Part, In, unknown>) {
    this.read = read;
  }

  /** Returns the message measured last. */
  take(): In & ({} | null) {
    const [message, error] = [this.#message, this.#error];
    this.#message = this.#error = undefined;
    if (error !== undefined) throw error;
    return message as In & ({} | null);
  }

  /** Does what {@link Framer.measure} does. The frame is the whole message, all of its bytes included. */
  measure(queue: ByteQueue): number | undefined {
    if (queue.pending === 0) return undefined;
    if (this.#start !== queue.frameOffset) {
      this.#start = queue.frameOffset;
      this.#seen = 0;
      if (this.#from > 0) this.#generator = undefined;
    }
    let { shown } = queue;
    const searching = shown < this.#seen;
    if (!searching) this.#seen = shown;
    if (this.#generator === undefined && this.#begin()) return 0;
    for (let window = MAX_HEADER;;) {
      const from = this.#from;
      if (this.#failure !== undefined && shown >= from) {
        queue.narrow(from);
        // The error is not in the first bytes: they are not described in its text.
        queue.scanned = true;
        throw this.#failure.error;
      }
      if (shown < from || this.#cut) return wait(queue, Math.min(shown, from));
      if (!queue.ended && shown - from > window) queue.narrow(from + window);
      queue.skip(from);
      const length = this.#part.framer.measure(queue);
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
      const extent = queue.extent(length);
      if (extent > queue.limit) {
        moveToStart(queue);
        return extent;
      }
      if (searching) return wait(queue, extent);
      if (queue.arrived(length) < 0) return length;
      queue.hold(length);
      const { ended } = queue;
      queue.memo = undefined;
      queue.rewind();
      this.#from = extent;
      shown = this.#seen = Math.max(shown, extent);
      if (this.#resume(queue)) return extent;
      // The end of the stream has ended the part: there cannot be another one.
      this.#cut = ended;
      queue.narrow(shown);
      window = MAX_HEADER;
    }
  }

  /** Starts the generator. Returns whether the message is complete: it has no parts. */
  #begin(): boolean {
    this.#from = 0;
    this.#cut = false;
    try {
      this.#generator = this.read();
      return this.#accept(this.#generator.next());
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Continues the generator with the frame that the queue holds. Returns whether the message is complete. */
  #resume(queue: ByteQueue): boolean {
    const { codec } = this.#part;
    const generator = this.#generator!;
    let undecodable: CodecError | undefined;
    try {
      let message: unknown;
      try {
        if (codec === undefined) message = queue.keep();
        else if (codec.decodeFrom === undefined) message = codec.decode(queue.keep());
        else message = codec.decodeFrom(queue);
      } catch (cause) {
        undecodable = decodingError(queue.keep(), cause);
        return this.#accept(generator.throw(undecodable));
      }
      if (message === undefined) {
        throw new TypeError("Cannot decode frame: its codec returned undefined");
      }
      return this.#accept(generator.next(message));
    } catch (error) {
      // After a frame that cannot be decoded, the end of the message is unknown.
      return this.#fail(
        error === undecodable ? new FramingError(undecodable!.message, { cause: error }) : error,
      );
    }
  }

  /** Accepts what the generator yielded or returned. Returns whether the message is complete. */
  #accept(result: IteratorResult<Part, In>): boolean {
    const { value } = result;
    if (result.done) {
      this.#message = value as In;
      this.#generator = undefined;
      return true;
    }
    if (!(value instanceof FramePart)) {
      throw new TypeError("Cannot read sequence: its generator must yield* part(framer)");
    }
    this.#part = value;
    return false;
  }

  /** Ends the stream, or only this message if all of its frames have been read. Returns which. */
  #fail(error: unknown): boolean {
    if (!(error instanceof CodecError)) {
      this.#failure = { error };
      return false;
    }
    this.#error = error;
    this.#generator = undefined;
    return true;
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
