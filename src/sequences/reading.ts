import { byteCount } from "../bytes/byte_count.ts";
import type { ByteQueue } from "../bytes/byte_queue.ts";
import { MAX_HEADER } from "../bytes/max_header.ts";
import { decodingError } from "../codecs/codec_failure.ts";
import { CodecError, FrameTooLargeError, FramingError } from "../errors.ts";
import { FramePart, type Read } from "./part.ts";

/** Texts of the engines' errors when the stack overflows. */
const OVERFLOW = /call stack size|too much recursion/;

/** A limit on the bytes of a nested sequence. */
interface Bound {
  /** Position in the message of its first byte, and position that it must not exceed. */
  readonly start: number;
  readonly end: number;
}

/** A running generator: that of the message, or of a sequence inside it. */
interface Level {
  readonly generator: ReturnType<Read>;
  /** The generator that has requested this one, and its request. */
  readonly outer: Level | undefined;
  readonly request: FramePart;
  /** Position in the message of its first byte. */
  readonly start: number;
  /** The lowest limit of this sequence and of those around it. */
  readonly bound: Bound;
}

/**
 * The generators of an unfinished message. Those of nested sequences form a list, so that depth costs neither
 * stack nor time.
 */
export class Reading {
  /** The part that the innermost generator waits for. */
  part: FramePart;
  /** Number of bytes in the complete parts. */
  from = 0;
  /** The complete message, or the error that only this message has. */
  outcome: { readonly message: unknown } | { readonly error: CodecError } | undefined = undefined;
  /** The error that ends the stream, after `from` bytes. */
  failure: { readonly error: unknown } | undefined = undefined;
  readonly #queue: ByteQueue;
  #level: Level | undefined = undefined;
  /** What the innermost generator gets next. */
  #message: unknown = undefined;
  #error: CodecError | undefined = undefined;
  /** Number of parts requested since the last byte. */
  #idle = 0;

  /** Starts the generator of a sequence. */
  constructor(whole: FramePart, queue: ByteQueue) {
    this.#queue = queue;
    this.part = whole;
    this.#run(() => this.#enter(whole));
  }

  /**
   * Refuses a part, or the sequence that it belongs to, if it is over a limit of its own.
   *
   * @param length The length of the part, if it is known.
   * @param end Position in the message where it ends at the earliest.
   */
  check(length: number | undefined, end: number): void {
    const { certain, scanned } = this.#queue;
    const { bound } = this.#level!;
    const announced = length !== undefined && !scanned;
    refuse(length ?? certain, this.part.limit, announced);
    refuse(end - bound.start, bound.end - bound.start, announced);
  }

  /** Continues with the frame of the part, which ends at `end`. */
  resume(frame: Uint8Array, end: number): void {
    if (end > this.from) this.#idle = 0;
    this.from = end;
    this.#run(() => this.#decode(this.part, frame));
  }

  /** Runs the generators until one waits for a frame, or the message is complete or has failed. */
  #run(begin: () => void): void {
    try {
      for (begin(); this.#step(););
    } catch (error) {
      this.failure = { error: fatal(error) };
    }
  }

  /** Continues the innermost generator. Returns whether another one has become the innermost. */
  #step(): boolean {
    const { generator, outer, request, start } = this.#level!;
    const error = this.#error;
    this.#error = undefined;
    try {
      const { done, value } = error ? generator.throw(error) : generator.next(this.#message);
      if (!done) return this.#request(value);
      this.#message = value;
    } catch (thrown) {
      // A generator that does not handle a part's error does not know where the message ends.
      if (!(thrown instanceof CodecError) || thrown === error) throw thrown;
      this.#error = thrown;
    }
    this.#level = outer;
    if (outer === undefined) {
      this.outcome = this.#error ? { error: this.#error } : { message: this.#message };
    } else if (this.#error === undefined) {
      if (request.codec === request.framer.codec) this.#require();
      else this.#decode(request, this.#bytesFrom(start));
    }
    return outer !== undefined;
  }

  /** Handles what a generator yields. Returns whether it is a sequence. */
  #request(value: unknown): boolean {
    if (!(value instanceof FramePart)) {
      throw new TypeError("Cannot read sequence: its generator must yield* part(framer)");
    }
    if (++this.#idle > MAX_HEADER) {
      throw new FramingError(`${MAX_HEADER} parts in a row have no bytes`);
    }
    if (value.framer.read !== undefined) {
      this.#enter(value);
      return true;
    }
    this.part = value;
    return false;
  }

  #enter(request: FramePart): void {
    const outer = this.#level;
    const start = this.from;
    const end = start + request.limit;
    const bound = outer && outer.bound.end <= end ? outer.bound : { start, end };
    this.#level = { generator: request.framer.read!(), outer, request, start, bound };
    this.#message = undefined;
  }

  /** Passes on the message in a frame, or the error of its codec. */
  #decode({ codec }: FramePart, frame: Uint8Array): void {
    this.#message = frame;
    try {
      if (codec !== undefined) this.#message = codec.decode(frame);
    } catch (cause) {
      this.#error = decodingError(frame, cause);
    }
    this.#require();
  }

  #require(): void {
    if (this.#message !== undefined) return;
    throw new TypeError("Cannot decode frame: its codec returned undefined");
  }

  /** Returns the bytes of a nested sequence. */
  #bytesFrom(start: number): Uint8Array {
    const queue = this.#queue;
    queue.widen();
    queue.skip(start);
    const bytes = queue.look(this.from - start)!;
    queue.skip(-start);
    return bytes;
  }
}

function refuse(length: number, limit: number, announced: boolean): void {
  if (length <= limit) return;
  const size = announced ? byteCount(length) : `more than ${byteCount(limit)}`;
  throw new FrameTooLargeError(`a part of ${size} is over its limit of ${limit}`, {
    length: announced ? length : limit + 1,
    limit,
  });
}

/** Returns the error that ends the stream. */
function fatal(cause: unknown): unknown {
  if (cause instanceof CodecError) return new FramingError(cause.message, { cause });
  const overflow = cause instanceof Error && OVERFLOW.test(cause.message);
  return overflow ? new FramingError("its generators are nested too deeply", { cause }) : cause;
}
