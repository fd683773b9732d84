import { isBytes } from "./bytes/is_bytes.ts";
import { decodingError } from "./codecs/codec_failure.ts";
import type { DirectCodec } from "./codecs/direct_codec.ts";
import { FrameFinder } from "./frame_finder.ts";
import type { OpenFrame } from "./frame_parts.ts";
import type { FrameVisitor } from "./frame_visitor.ts";
import type { Framer } from "./framers/framer.ts";
import { emptyFramesError } from "./framing_failure.ts";
import { type InvalidFrameHandler, protocolOf, type ProtocolParts } from "./protocol.ts";

/**
 * Decodes chunks into messages, however the stream is split into chunks.
 *
 * @typeParam In A received message; the frame's bytes if the protocol has no codec.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, lines, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: lines(), codec: text() });
 * decoder.push(new TextEncoder().encode("hello\nwor"));
 * assert.deepEqual(decoder.readAll(), ["hello"]);
 * decoder.push(new TextEncoder().encode("ld\n"));
 * assert.equal(decoder.read(), "world");
 * assert.equal(decoder.read(), undefined);
 * ```
 */
export class FrameDecoder<In = Uint8Array> implements Iterable<In> {
  readonly #finder: FrameFinder = new FrameFinder();
  readonly #onInvalid: InvalidFrameHandler | undefined;
  #codec: DirectCodec<Uint8Array, In, never> | undefined;
  /** An error to throw after messages that `readAll` has returned. */
  #held: { readonly error: unknown } | undefined;

  /**
   * Creates a decoder for one stream.
   *
   * @param protocol A protocol, or a framer alone.
   * @param onInvalid Called with the error of each bad message, which is skipped: a frame that cannot be decoded,
   * one over the limit, or noise that a framer discards. Default: that of the protocol; without one the error is
   * thrown. If the callback throws, the reading method throws that error, and the next message can be read.
   * @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`.
   */
  constructor(protocol: Framer | ProtocolParts<In, never>, onInvalid?: InvalidFrameHandler) {
    this.#onInvalid = onInvalid;
    this.switchTo(protocol);
  }

  /** Number of received bytes that belong to no message read yet. */
  get buffered(): number {
    return this.#finder.queue.pending;
  }

  /** Position in the stream of the first byte that belongs to no message read yet. */
  get offset(): number {
    return this.#finder.queue.frameOffset;
  }

  /** Whether the next call that reads throws an error that is known already. */
  get failed(): boolean {
    return this.#held !== undefined || this.#finder.failure !== undefined;
  }

  /** The frame that {@link FrameDecoder.open} returned, until it has come to its end. */
  get opened(): OpenFrame | undefined {
    return this.#finder.opened;
  }

  /** Length of the unfinished frame in bytes, including header and trailer, if known. */
  get expectedLength(): number | undefined {
    return this.#finder.opened?.expectedLength ?? this.#finder.expected;
  }

  /**
   * Adds a chunk, whose bytes must not change afterwards: frames are views of them.
   *
   * @throws {TypeError} The chunk is not a `Uint8Array`, or {@link FrameDecoder.end} has been called.
   */
  push(chunk: Uint8Array): void {
    if (!isBytes(chunk)) throw new TypeError("Cannot push chunk: expected a Uint8Array");
    const { queue, ended, failure } = this.#finder;
    if (ended) throw new TypeError("Cannot push chunk: the stream has ended");
    if (failure === undefined) queue.push(chunk);
  }

  /** Ends the stream: no more bytes will come. */
  end(): void {
    this.#finder.ended = true;
  }

  /**
   * Returns memory to read the next chunk into, at least one byte long. {@link FrameDecoder.advance} adds
   * the bytes that were read. In between, only `read`, `readAll` and `visit` may be called.
   * Example: `decoder.advance((await conn.read(decoder.room())) ?? 0)`.
   */
  room(): Uint8Array {
    return this.#finder.queue.room();
  }

  /**
   * Adds the first `count` bytes of the memory that {@link FrameDecoder.room} returned; 0 adds nothing.
   * The rest of the memory must not be written to anymore.
   *
   * @throws {RangeError} The memory is shorter, or {@link FrameDecoder.room} was not called.
   * @throws {TypeError} The stream has ended.
   */
  advance(count: number): void {
    const { queue, ended, failure } = this.#finder;
    if (ended && count > 0) throw new TypeError("Cannot advance: the stream has ended");
    queue.advance(count);
    if (failure !== undefined) queue.clear();
  }

  /**
   * Reads the next message.
   *
   * @returns The message; `undefined` if none is complete, or if the stream has ended between two messages.
   * @throws {FramingError} The stream cannot be framed. Every later call throws the same error.
   * @throws {CodecError} This message cannot be decoded. The next one can be read.
   * @throws {TypeError} The codec returned `undefined`. The next message can be read.
   */
  read(): In | undefined {
    if (this.#held !== undefined) this.#throwHeld();
    const finder = this.#finder;
    const { queue } = finder;
    let minExtent = 0;
    while (finder.next(minExtent) >= 0) {
      const codec = this.#codec;
      if (codec === undefined) return queue.keep() as In;
      let message: In;
      try {
        message = codec.decodeFrom === undefined
          ? codec.decode(queue.keep())
          : codec.decodeFrom(queue);
      } catch (cause) {
        const error = decodingError(queue.keep(), cause);
        if (finder.onInvalid === undefined) throw error;
        finder.onInvalid(error);
        // An empty frame that consumes no input would be found again, and could not be decoded either.
        minExtent = 1;
        continue;
      }
      if (message !== undefined) return message;
      throw new TypeError("Cannot decode frame: its codec returned undefined");
    }
    return undefined;
  }

  /**
   * Reads all buffered messages. An error that comes after some of them is thrown by the next call.
   *
   * @throws {RangeError} The frames are empty and consume no input: reading would never end.
   * @throws The errors of {@link FrameDecoder.read}.
   */
  readAll(): In[] {
    const messages: In[] = [];
    try {
      for (let message; (message = this.#next()) !== undefined;) messages.push(message);
    } catch (error) {
      if (messages.length === 0) throw error;
      this.#held = { error };
    }
    return messages;
  }

  /** Iterates over all buffered messages; can be repeated when more have arrived. */
  [Symbol.iterator](): IterableIterator<In> {
    const iterator: IterableIterator<In> = {
      next: () => {
        const value = this.#next();
        return { done: value === undefined, value } as IteratorResult<In>;
      },
      [Symbol.iterator]: () => iterator,
    };
    return iterator;
  }

  /**
   * Visits all buffered frames in place, without creating an object for each. Bypasses the codec.
   *
   * @throws {TypeError} The protocol is a sequence.
   * @throws The errors of {@link FrameDecoder.readAll}.
   */
  visit(visitor: FrameVisitor): void {
    if (this.#held !== undefined) this.#throwHeld();
    this.#finder.refuseSequence("visit frames");
    this.#finder.next(1, visitor);
  }

  /**
   * Opens the next frame when its header has arrived, to be read in parts. Bypasses the codec and `onInvalid`.
   *
   * @param maxBodyLength Maximum length of the frame in bytes, instead of `maxFrameLength`; default `Infinity`.
   * @returns The frame; `undefined` if its header is not complete, or if the stream has ended between two frames.
   * @throws {TypeError} The framing does not announce lengths, as with `lines()`, or is a sequence.
   */
  open(maxBodyLength: number = Infinity): OpenFrame | undefined {
    if (this.#held !== undefined) this.#throwHeld();
    return this.#finder.open(maxBodyLength);
  }

  /**
   * Continues with another protocol from the next frame on. Buffered bytes are kept.
   *
   * @param protocol A protocol, or a framer alone. This decoder's own `onInvalid` takes precedence.
   * @returns This decoder, typed for the new messages.
   */
  switchTo<Next = Uint8Array>(protocol: Framer | ProtocolParts<Next, never>): FrameDecoder<Next> {
    const next = this as unknown as FrameDecoder<Next>;
    const bare = protocolOf(protocol);
    next.#finder.switchTo(bare, next.#onInvalid);
    next.#codec = bare.codec;
    return next;
  }

  /**
   * Stops framing.
   *
   * @returns All bytes that belong to no message read yet. The decoder ends with this call.
   * @throws {FramingError} Framing has failed, or a frame over the limit is being skipped.
   */
  detach(): Uint8Array {
    return this.#finder.detach();
  }

  /** Reads the next message, which must consume input: otherwise iterating would never end. */
  #next(): In | undefined {
    const { offset } = this;
    const message = this.read();
    if (message !== undefined && this.offset === offset) throw emptyFramesError();
    return message;
  }

  #throwHeld(): never {
    const { error } = this.#held!;
    this.#held = undefined;
    throw error;
  }
}
