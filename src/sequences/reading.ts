import { byteCount } from "../bytes/byte_count.ts";
import type { ByteQueue } from "../bytes/byte_queue.ts";
import { MAX_HEADER } from "../bytes/max_header.ts";
import { decodingError } from "../codecs/codec_failure.ts";
import { CodecError, FrameTooLargeError, FramingError } from "../errors.ts";
import { FramePart, type Read } from "./part.ts";

/** Texts of the engines' errors when the stack overflows. */
const OVERFLOW = /call stack size|too much recursion/;

/** A running generator: that of the message, or of a sequence inside it. */
interface Level {
  readonly generator: ReturnType<Read>;
  /** The generator that has requested this one, and its request. */
  readonly outer: Level | undefined;
  readonly request: FramePart;
  /** Position in the message of its first byte. */
  readonly start: number;
  /** The lowest limit of this sequence and of those around it: where it begins and ends. */
  readonly bound: number;
  readonly limit: number | undefined;
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
  /** Whether the message is complete. */
  complete = false;
  /** The error that ends the stream, after `from` bytes. */
  failure: { readonly error: unknown } | undefined;
  readonly #whole: FramePart;
  #level: Level | undefined;
  /** What the innermost generator gets next; then the result. */
  #message: unknown;
  #error: CodecError | undefined;
  /** Number of parts requested since the last byte. */
  #idle = 0;

  constructor(whole: FramePart) {
    this.#whole = this.part = whole;
  }

  /** Returns the complete message, or throws the error that only this message has. */
  take(): unknown {
    const message = this.#message;
    this.#message = undefined;
    if (this.#error !== undefined) throw this.#error;
    return message;
  }

  /** Starts the generator. */
  begin(queue: ByteQueue): void {
    this.from = this.#idle = 0;
    this.complete = false;
    this.failure = this.#level = this.#error = undefined;
    this.#run(queue);
  }

  /** Continues with the frame that the queue holds, which ends at `end`. */
  resume(queue: ByteQueue, end: number): void {
    if (end > this.from) this.#idle = 0;
    this.from = end;
    this.#run(queue);
  }

  /** Whether the part, or a sequence that it belongs to, has a limit of its own. */
  get limited(): boolean {
    return (this.part.limit ?? this.#level!.limit) !== undefined;
  }

  /**
   * Refuses the part, or the sequence that it belongs to, if it is over a limit of its own.
   *
   * @param length The length of the part, if it is known.
   * @param end Position in the message where it ends at the earliest.
   */
  check(queue: ByteQueue, length: number | undefined, end: number): void {
    const { bound, limit } = this.#level!;
    const announced = length !== undefined && !queue.scanned;
    refuse(queue, length ?? queue.certain, this.part.limit, announced);
    refuse(queue, end - bound, limit, announced);
  }

  /** Runs the generators until one waits for a frame, or the message is complete or has failed. */
  #run(queue: ByteQueue): void {
    try {
      if (this.#level === undefined) this.#enter(this.#whole);
      else this.#decode(this.part, queue);
      while (this.#step(queue));
    } catch (error) {
      this.failure = { error: fatal(error) };
    }
  }

  /** Continues the innermost generator. Returns whether another one has become the innermost. */
  #step(queue: ByteQueue): boolean {
    const level = this.#level!;
    const error = this.#error;
    try {
      let result: IteratorResult<unknown, unknown>;
      if (error === undefined) result = level.generator.next(this.#message);
      else {
        this.#error = undefined;
        result = level.generator.throw(error);
      }
      if (!result.done) return this.#request(result.value);
      this.#message = result.value;
    } catch (thrown) {
      // A generator that does not handle a part's error does not know where the message ends.
      if (!(thrown instanceof CodecError) || thrown === error) throw thrown;
      this.#error = thrown;
    }
    const { outer, request, start } = level;
    this.#level = outer;
    if (outer === undefined) {
      this.complete = true;
      return false;
    }
    if (this.#error !== undefined) return true;
    if (request.codec === request.framer.codec) this.#require();
    else {
      queue.skip(start);
      queue.hold(this.from - start);
      queue.skip(-start);
      this.#decode(request, queue);
    }
    return true;
  }

  /** Handles what a generator yields. Returns whether it is a sequence. */
  #request(value: unknown): boolean {
    if (!(value instanceof FramePart)) {
      throw new TypeError("Cannot read sequence: its generator must yield* part(framer)");
    }
    if (++this.#idle > MAX_HEADER) {
      throw new FramingError(`${MAX_HEADER} parts in a row have no bytes`);
    }
    if (value.read !== undefined) {
      this.#enter(value);
      return true;
    }
    this.part = value;
    return false;
  }

  #enter(request: FramePart): void {
    const outer = this.#level;
    const start = this.from;
    const { limit } = request;
    const end = outer?.limit === undefined ? Infinity : outer.bound + outer.limit;
    const own = limit !== undefined && start + limit < end;
    const generator = request.read!();
    if (typeof generator?.next !== "function") {
      throw new TypeError("Cannot read sequence: its read must be a generator function");
    }
    this.#level = {
      generator,
      outer,
      request,
      start,
      bound: own ? start : outer?.bound ?? 0,
      limit: own ? limit : outer?.limit,
    };
    this.#message = undefined;
  }

  /** Passes on the message in the frame that the queue holds, or the error of its codec. */
  #decode({ codec, read }: FramePart, queue: ByteQueue): void {
    if (codec === undefined) {
      this.#message = queue.keep();
      return;
    }
    try {
      // A sequence decodes its own stream directly, but not a part of another one.
      this.#message = codec.decodeFrom === undefined || read !== undefined
        ? codec.decode!(queue.keep())
        : codec.decodeFrom(queue);
    } catch (cause) {
      this.#error = decodingError(queue.keep(), cause);
      return;
    }
    this.#require();
  }

  #require(): void {
    if (this.#message !== undefined) return;
    throw new TypeError("Cannot decode frame: its codec returned undefined");
  }
}

function refuse(
  queue: ByteQueue,
  length: number,
  limit: number | undefined,
  announced: boolean,
): void {
  if (limit === undefined || length <= limit) return;
  // The message's first bytes are not described: the part may be another one.
  queue.scanned = true;
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
