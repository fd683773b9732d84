import { readableOf } from "../async/readable_of.ts";
import {
  type ByteSource,
  type ChunkSource,
  chunkSource,
  DecoderFill,
} from "../flow/byte_source.ts";
import { Receiver } from "../flow/receiver.ts";
import {
  type ReadStreamOptions,
  receiveStream,
  type StreamedFrame,
} from "../flow/streamed_frame.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import type { Framer } from "../framers/framer.ts";
import type { InvalidFrameHandler, ProtocolParts } from "../protocol.ts";

/** The options of {@link FrameReader.read}. */
export interface ReadOptions {
  /** Aborts the read. No bytes are lost: the next read gets them. */
  readonly signal?: AbortSignal;
}

/**
 * Reads from one stream of bytes with a different framing for each read: `read(fixed(4))`,
 * `read(lines())` and `read(delimited("\r\n\r\n"))` are "read exactly", "read a line" and "read until".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fixed, FrameReader, lines, text } from "@framewright/framewright";
 *
 * const reader = new FrameReader(new Response("HELLO 5\nworld"));
 * const line = await reader.read({ framer: lines(), codec: text() });
 * assert.equal(line, "HELLO 5");
 * assert.equal((await reader.read(fixed(5)))?.length, 5);
 * assert.equal(await reader.read(lines()), undefined);
 * ```
 */
export class FrameReader {
  readonly #chunks: ChunkSource;
  readonly #fill: DecoderFill;
  readonly #decoder: FrameDecoder<unknown>;
  readonly #receiver: Receiver<unknown>;
  #reading: unknown;

  /**
   * Creates a reader of a Web Stream, which it locks, of an iterable of chunks, a `Response`, a `Request` or a
   * `Blob`.
   *
   * @param onInvalid Called with errors that leave the frame boundary known; reading continues then.
   * @throws {TypeError} The source is not one of these, the stream is locked, or the body has been used.
   */
  constructor(source: ByteSource, onInvalid?: InvalidFrameHandler) {
    this.#chunks = chunkSource(source);
    this.#decoder = new FrameDecoder<unknown>({ framer: UNDECIDED }, onInvalid);
    this.#fill = new DecoderFill(this.#decoder, this.#chunks);
    this.#receiver = new Receiver(this.#decoder, this.#fill);
  }

  /**
   * Reads the next frame. Concurrent reads are served in call order.
   *
   * @param protocol A protocol, or a framer alone.
   * @returns The message; `undefined` if the stream has ended between two frames.
   * @throws {FramingError} The stream violates the framing, or ends inside the frame. Every later read
   * throws the same error.
   * @throws {CodecError} The codec rejected this frame; reading can continue with the next one.
   */
  read<Message = Uint8Array>(
    protocol: Framer | ProtocolParts<Message, never>,
    options: ReadOptions = {},
  ): Promise<Message | undefined> {
    const take = () => this.#switchTo(protocol).read() as Message | undefined;
    return this.#receiver.when(take, undefined, options.signal);
  }

  /**
   * Reads the next frame as its header and a stream, for frames larger than memory. The next read discards unread
   * bytes of the stream; reads that are pending already wait for its end. Bypasses the codec and `onInvalid`.
   * Throws as {@link FrameReader.read} does, and also:
   *
   * @param protocol A protocol, or a framer alone. `maxFrameLength` does not limit the body.
   * @returns The frame; `undefined` if the stream has ended between two frames.
   * @throws {TypeError} The framing does not announce lengths, as with `lines()`, or is a sequence.
   * @throws {FrameTooLargeError} The frame is longer than `maxBodyLength`.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { FrameReader, netstring } from "@framewright/framewright";
   *
   * const reader = new FrameReader(new Response("5:hello,2:ok,").body!);
   * const frame = await reader.readStream(netstring());
   * assert.equal(frame?.length, 5);
   * assert.equal(await new Response(frame?.body).text(), "hello");
   * assert.equal((await reader.read(netstring()))?.length, 2);
   * ```
   */
  readStream(
    protocol: Framer | ProtocolParts<unknown, never>,
    { maxBodyLength, signal }: ReadStreamOptions = {},
  ): Promise<StreamedFrame | undefined> {
    const open = () => this.#switchTo(protocol).open(maxBodyLength);
    return receiveStream(this.#receiver, open, signal);
  }

  #switchTo(protocol: Framer | ProtocolParts<unknown, never>): FrameDecoder<unknown> {
    if (this.#reading !== protocol) {
      this.#decoder.switchTo(protocol);
      this.#reading = protocol;
    }
    return this.#decoder;
  }

  /**
   * Stops framing and returns the stream.
   *
   * @returns A stream of all bytes that belong to no frame read so far: the buffered ones, then the rest.
   * @throws {FramingError} Framing has failed already.
   * @throws {TypeError} The body of a frame has not been read.
   */
  detach(): { readable: ReadableStream<Uint8Array> } {
    const ahead = this.#receiver.detach();
    const read = this.#fill.detach();
    const chunks = this.#chunks;
    let rest: Uint8Array | undefined = ahead.length === 0 ? undefined : ahead;
    const next = async () => {
      const chunk = rest ?? await read();
      rest = undefined;
      return chunk;
    };
    return { readable: readableOf(next, (reason) => chunks.cancel(reason)) };
  }

  /** Stops reading and cancels the stream. Pending and later reads return `undefined`. */
  cancel(reason?: unknown): Promise<void> {
    this.#receiver.stop();
    return this.#chunks.cancel(reason);
  }
}

/** The framer of a reader before its first read. */
const UNDECIDED: Framer = { measure: () => undefined, write: () => {} };
