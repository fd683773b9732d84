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
  readonly #read: () => Generator<Part, In, unknown>;
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
  #outcome: { readonly message: In } | { readonly error: CodecError } | undefined = undefined;
  /** The error that ends the stream, after `#from` bytes. */
  #failure: { readonly error: unknown } | undefined = undefined;

  constructor(read: () => Generator<Part, In, unknown>) {
    this.#read = read;
  }

  /** Returns the message measured last. */
  take(): In & ({} | null) {
    const outcome = this.#outcome!;
    this.#outcome = undefined;
    if ("error" in outcome) throw outcome.error;
    return outcome.message as In & ({} | null);
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
      const frame = queue.look(length)!;
      const { ended } = queue;
      queue.memo = undefined;
      queue.rewind();
      this.#from = extent;
      shown = this.#seen = Math.max(shown, extent);
      if (this.#resume(frame)) return extent;
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
    return this.#step(() => (this.#generator = this.#read()).next());
  }

  /** Continues the generator with its frame. Returns whether the message is complete. */
  #resume(frame: Uint8Array): boolean {
    const { codec } = this.#part;
    const generator = this.#generator!;
    if (codec === undefined) return this.#step(() => generator.next(frame));
    let message: unknown;
    let undecodable: CodecError | undefined;
    try {
      message = codec.decode(frame);
    } catch (cause) {
      undecodable = decodingError(frame, cause);
      // Unless the generator handles it, the end of the message is unknown.
      return this.#step(() => generator.throw(undecodable), undecodable);
    }
    return this.#step(() => {
      if (message === undefined) {
        throw new TypeError("Cannot decode frame: its codec returned undefined");
      }
      return generator.next(message);
    });
  }

  /** Runs the generator up to its next part. Returns whether the message is complete. */
  #step(run: () => IteratorResult<Part, In>, fatal?: CodecError): boolean {
    try {
      const { done, value } = run();
      if (!done) {
        if (!(value instanceof FramePart)) {
          throw new TypeError("Cannot read sequence: its generator must yield* part(framer)");
        }
        this.#part = value;
        return false;
      }
      this.#outcome = { message: value };
    } catch (error) {
      if (!(error instanceof CodecError) || error === fatal) {
        this.#failure = {
          error: error === fatal ? new FramingError(fatal!.message, { cause: fatal }) : error,
        };
        return false;
      }
      this.#outcome = { error };
    }
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
