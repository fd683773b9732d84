import { ByteQueue } from "./bytes/byte_queue.ts";
import { isBytes } from "./bytes/is_bytes.ts";
import { lookalike } from "./bytes/lookalike.ts";
import { ReadSize } from "./bytes/read_size.ts";
import { view } from "./bytes/view.ts";
import type { ChunkCodec } from "./codecs/chunk_codec.ts";
import {
  CodecError,
  FrameTooLargeError,
  FramingError,
  MalformedFrameError,
  TruncatedFrameError,
} from "./errors.ts";
import type { Framer } from "./framers/framer.ts";
import {
  frameLimit,
  type InvalidFrameHandler,
  protocolOf,
  type ProtocolParts,
} from "./protocol.ts";

/** So many bytes tell what a stream looks like. */
const HINT_BYTES = 8;

/** A read of up to this length is copied out of the room; a longer one takes the room along. */
const COPY_UP_TO = 16_384;

/** The queue of a decoder, for who reads straight into it. */
export let queueOf: <In>(decoder: FrameDecoder<In>) => ByteQueue;

/**
 * Is told of a frame where it lies: it is `bytes[start, end)`. The bytes are lent until the visitor
 * returns: the next chunk may be read into them, or the next large frame be joined there.
 */
export type FrameVisitor = (bytes: Uint8Array, start: number, end: number) => void;

/**
 * Makes messages of chunks, however they are cut. All that makes framing hard is done here, once:
 * waiting, limits, the end of the stream, errors that last.
 *
 * ```text
 *             ┌──────────── not yet ───────────┐
 *             ▼                                │
 *   push ─▶ waiting ─ enough to ask again ─▶ measure ─▶ all here? ─▶ take ─▶ decode ─▶ message
 *                                              │            │
 *                                              └── error ───┴──▶ failed, the same error for ever
 * ```
 *
 * @typeParam In A received message; its bytes where the protocol has no codec.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, lines, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: lines(), codec: text() });
 * decoder.push(new TextEncoder().encode("hello\nwor"));
 * assert.deepEqual([...decoder], ["hello"]);
 * decoder.push(new TextEncoder().encode("ld\n"));
 * assert.equal(decoder.read(), "world");
 * assert.equal(decoder.read(), undefined);
 * ```
 */
export class FrameDecoder<In = Uint8Array> implements Iterable<In> {
  static {
    queueOf = (decoder) => decoder.#queue;
  }

  readonly #queue: ByteQueue = new ByteQueue();
  #framer: Framer;
  #codec: ChunkCodec<Uint8Array, In, never> | undefined;
  #limit: number;
  /** There is nothing to ask the framer before so many bytes are pending. */
  #needed = 0;
  #expected: number | undefined = undefined;
  #ended = false;
  #failure: { readonly error: unknown } | undefined = undefined;
  /** An error that comes after messages already returned by `readAll`. */
  #held: { readonly error: unknown } | undefined = undefined;
  #onInvalid: InvalidFrameHandler | undefined;
  readonly #readSize: ReadSize = new ReadSize();
  #room: Uint8Array | undefined = undefined;

  /**
   * Makes a decoder of one stream.
   *
   * @param protocol A protocol, or a framer alone.
   * @param onInvalid Called with each bad message, which is skipped; default: the protocol's, or else
   * the error is thrown.
   * @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`.
   */
  constructor(protocol: Framer | ProtocolParts<In, never>, onInvalid?: InvalidFrameHandler) {
    const { framer, codec, maxFrameLength, onInvalid: handler } = protocolOf(protocol);
    this.#framer = framer;
    this.#codec = codec;
    this.#limit = frameLimit({ maxFrameLength });
    this.#onInvalid = onInvalid ?? handler;
  }

  /** Number of bytes received and not yet read. */
  get buffered(): number {
    return this.#queue.pending;
  }

  /** Position in the stream of the first byte that belongs to no frame read yet. */
  get offset(): number {
    return this.#queue.frameOffset;
  }

  /** Length of the unfinished frame in bytes, including header and trailer, where it is known. */
  get expectedLength(): number | undefined {
    return this.#needed ? this.#expected : undefined;
  }

  /**
   * Adds bytes as they arrived. The decoder takes the chunk over: its bytes must not change from here
   * on, since frames are views on it. After a framing error bytes are let go.
   *
   * @throws {TypeError} The chunk is no `Uint8Array`, or comes after {@link FrameDecoder.end}.
   */
  push(chunk: Uint8Array): void {
    if (!isBytes(chunk)) {
      throw new TypeError("Cannot push chunk: it is no Uint8Array");
    }
    if (this.#ended) throw new TypeError("Cannot push chunk: the stream has ended");
    if (this.#failure === undefined) this.#queue.push(chunk);
  }

  /** Says that no more bytes will come. */
  end(): void {
    this.#ended = true;
  }

  /**
   * Reads the next message.
   *
   * @returns The message; `undefined` when no whole one is at hand, or, once the stream has ended,
   * when it ended between two frames.
   * @throws {FramingError} The stream cannot be framed: thrown after all frames before, and for ever.
   * @throws {CodecError} This frame means nothing to the codec; the next one can be read.
   */
  read(): In | undefined {
    if (this.#idle() || this.#next() < 0) return undefined;
    return this.#codec === undefined ? this.#queue.keep() as In : decode(this.#codec, this.#queue);
  }

  /**
   * Reads all buffered messages. An error that comes after some of them is thrown by the next call.
   *
   * @throws {FramingError | CodecError} As {@link FrameDecoder.read} throws it.
   * @throws {RangeError} The frame is empty and takes no bytes, so that there is no end of them.
   */
  readAll(): In[] {
    const messages: In[] = [];
    try {
      let { buffered } = this;
      for (let message; (message = this.read()) !== undefined;) {
        if (buffered === (buffered = this.buffered)) refuseStandstill();
        messages.push(message);
      }
    } catch (error) {
      if (messages.length === 0) throw error;
      this.#held = { error };
    }
    return messages;
  }

  /**
   * Returns memory to read the next chunk into, at least one byte long. {@link FrameDecoder.advance}
   * adds what was read; in between, only `read`, `readAll` and `visit` may be called.
   */
  room(): Uint8Array {
    return this.#room ??= new Uint8Array(this.#readSize.length);
  }

  /**
   * Adds the first `count` bytes of the memory that {@link FrameDecoder.room} returned; 0 adds none.
   *
   * @throws {RangeError} The room is not as long, or none was asked for.
   */
  advance(count: number): void {
    const room = this.#room;
    if (room === undefined || !(Number.isInteger(count) && count >= 0 && count <= room.length)) {
      throw new RangeError(`Cannot advance by ${count} bytes: the room has ${room?.length ?? 0}`);
    }
    this.#room = undefined;
    if (count === 0) return;
    this.#readSize.tell(count, room.length);
    this.push(count <= COPY_UP_TO ? room.slice(0, count) : view(room, 0, count));
  }

  /**
   * Visits all whole frames at hand where they lie: nothing is created for each. The codec is left out.
   *
   * @param visitor Is called with the bytes that hold the frame, and where in them it begins and ends.
   * It copies what is to stay.
   * @throws {FramingError} As {@link FrameDecoder.read} throws it.
   */
  visit(visitor: FrameVisitor): void {
    const queue = this.#queue;
    if (this.#idle()) return;
    for (let extent; (extent = this.#next()) >= 0;) {
      if (extent === 0) refuseStandstill();
      visitor(queue.taken, queue.takenStart, queue.takenEnd);
    }
  }

  /** Iterates over all buffered messages. Can be done again when more has been pushed. */
  [Symbol.iterator](): IterableIterator<In> {
    const iterator: IterableIterator<In> = {
      next: () => {
        const { buffered } = this;
        const value = this.read();
        const done = value === undefined;
        if (!done && this.buffered === buffered) refuseStandstill();
        return { done, value } as IteratorResult<In>;
      },
      [Symbol.iterator]: () => iterator,
    };
    return iterator;
  }

  /**
   * Continues with another protocol from the next frame on. Buffered bytes go along.
   *
   * @returns This decoder, typed for the other messages.
   */
  switchTo<Next = Uint8Array>(protocol: Framer | ProtocolParts<Next, never>): FrameDecoder<Next> {
    const next = this as unknown as FrameDecoder<Next>;
    const { framer, codec, maxFrameLength } = protocolOf(protocol);
    next.#limit = frameLimit({ maxFrameLength });
    next.#framer = framer;
    next.#codec = codec;
    next.#needed = 0;
    next.#queue.memo = undefined;
    return next;
  }

  /**
   * Stops framing.
   *
   * @returns All bytes that belong to no frame read yet. The decoder has ended afterwards.
   * @throws {FramingError} Framing had failed already: the bounds of frames are lost.
   */
  detach(): Uint8Array {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#ended = true;
    return this.#queue.detach();
  }

  /** The framer need not be asked: what has arrived is too little. */
  #idle(): boolean {
    if (this.#held !== undefined) {
      const { error } = this.#held;
      this.#held = undefined;
      throw error;
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#queue.pending < this.#needed && !this.#ended) return true;
    this.#needed = 0;
    return false;
  }

  /**
   * Asks the framer, holds its answer against the limit, and takes the frame off the queue.
   *
   * @param ended Whether to ask what is a frame for the sole reason that nothing follows.
   * @returns How many bytes it took; -1 if it is not whole.
   */
  #next(ended?: boolean): number {
    const queue = this.#queue;
    queue.rewind(ended);
    let length: number | undefined;
    try {
      length = this.#framer.measure(queue);
    } catch (error) {
      this.#failEarliest(this.#malformed(error, queue));
    }
    if (length !== undefined && length <= this.#limit && length >= 0) {
      const extent = queue.take(length);
      if (extent >= 0) return extent;
    }
    return this.#wait(length);
  }

  #fits(length: number | undefined, queue: ByteQueue): boolean {
    return length === undefined
      ? queue.certain <= this.#limit
      : length <= this.#limit && length >= 0;
  }

  /** The frame is not whole. Before the end of the stream that means to wait, after it the end. */
  #wait(length: number | undefined): number {
    const queue = this.#queue;
    if (!this.#fits(length, queue)) this.#failEarliest(this.#misfit(length, queue));
    const expected = length === undefined ? undefined : queue.extent(length);
    if (expected !== undefined && expected <= queue.pending) {
      this.#fail(this.#malformed(new FramingError("what must follow it does not")));
    }
    if (this.#ended) {
      if (queue.pending === 0) return -1;
      if (expected === undefined && !queue.ended) return this.#next(true);
      this.#failTruncated(expected);
    }
    this.#expected = expected;
    this.#needed = expected ?? queue.pending + 1;
    queue.trim();
    return -1;
  }

  #fail(error: unknown): never {
    this.#failure = { error };
    this.#queue.clear();
    throw error;
  }

  #failTruncated(expectedLength: number | undefined): never {
    const offset = this.#queue.frameOffset;
    const partial = this.#queue.detach();
    const of = expectedLength === undefined ? "" : ` of ${expectedLength}`;
    this.#fail(
      new TruncatedFrameError(
        `Cannot read frame at offset ${offset}: the stream ended after ${partial.length}${of} bytes of it`,
        { partial, expectedLength, offset },
      ),
    );
  }

  /**
   * Fails with what the fewest of the pending bytes bring about that suffice to fail, as if they had
   * arrived one by one: so an error is the same however they were cut.
   */
  #failEarliest(error: unknown): never {
    const queue = this.#queue;
    queue.rewind();
    let tooFew = -1;
    let enough = queue.pending + 1;
    while (enough - tooFew > 1) {
      const count = Math.floor((enough + tooFew) / 2);
      const earlier = this.#failureOn(count);
      if (earlier === undefined) {
        tooFew = count;
      } else {
        enough = count;
        error = earlier;
      }
    }
    this.#fail(error);
  }

  /** The error when no more than `count` of the pending bytes have arrived, if there is one. */
  #failureOn(count: number): unknown {
    const queue = new ByteQueue();
    queue.push(this.#queue.look(count)!);
    try {
      const length = this.#framer.measure(queue);
      return this.#fits(length, queue) ? undefined : this.#misfit(length, queue);
    } catch (error) {
      return this.#malformed(error, queue);
    }
  }

  /** What is wrong with a length that does not fit. */
  #misfit(length: number | undefined, queue: ByteQueue): Error {
    if (length !== undefined && !(length >= 0)) {
      return new TypeError(`Cannot read frame of ${length} bytes`);
    }
    const offset = this.#queue.frameOffset;
    const limit = this.#limit;
    // Whoever looks for a frame's end need not have found it to know that it is too far away.
    const announced = length !== undefined && !queue.scanned;
    const size = announced ? length : `more than ${limit}`;
    return new FrameTooLargeError(
      `Cannot read frame of ${size} bytes at offset ${offset}: limit is ${limit}${hint(queue)}`,
      { length: announced ? length : limit + 1, limit, offset },
    );
  }

  /**
   * What a framer threw, with the place where it happened when the bytes are to blame.
   *
   * @param queue What the framer saw, if it may have seen something else than this protocol.
   */
  #malformed(error: unknown, queue?: ByteQueue): unknown {
    if (!(error instanceof FramingError)) return error;
    const offset = this.#queue.frameOffset;
    return new MalformedFrameError(
      `Cannot read frame at offset ${offset}: ${error.message}${hint(queue)}`,
      { offset, cause: error },
    );
  }
}

/** `fixed(0)` can be read once, but all frames of no bytes are never at hand. */
export function refuseStandstill(): never {
  throw new RangeError("Cannot read all frames of no bytes");
}

/** What the bytes look like that were enough to fail, for the end of an error's text. */
function hint(queue?: ByteQueue): string {
  if (queue === undefined || queue.pending > HINT_BYTES) return "";
  const text = queue.scanned || queue.memo !== undefined;
  queue.rewind();
  return lookalike(queue.look(queue.pending)!, text);
}

/** The message that the frame taken last means. */
function decode<In>(codec: ChunkCodec<Uint8Array, In, never>, queue: ByteQueue): In {
  try {
    const { chunk } = queue;
    return codec.decodeIn === undefined || chunk === undefined
      ? codec.decode(queue.keep())
      : codec.decodeIn(chunk, queue.takenStart, queue.takenEnd);
  } catch (cause) {
    const frame = queue.keep();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodecError(`Cannot decode frame of ${frame.length} bytes: ${reason}`, {
      frame,
      cause,
    });
  }
}
