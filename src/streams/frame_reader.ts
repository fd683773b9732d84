import { FrameDecoder } from "../frame_decoder.ts";
import type { Framer } from "../framers/framer.ts";
import { type Protocol, protocolOf } from "../protocol.ts";
import { type ChunkReadable, type ChunkSource, chunkSource } from "./chunk_source.ts";
import { Inbound } from "./inbound.ts";

/** The options of {@link FrameReader.read}. */
export interface ReadOptions {
  /** Gives up waiting. No byte is lost: the next read gets what this one would have got. */
  readonly signal?: AbortSignal;
}

/**
 * Reads over one stream of bytes with whatever framing the moment asks for: `read(fixed(4))`,
 * `read(lines())` and `read(delimited("\r\n\r\n"))` are "read exactly", "read a line" and "read until".
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fixed, FrameReader, lines, text } from "@framewright/framewright";
 *
 * const reader = new FrameReader(new Response("HELLO 5\nworld").body!);
 * const line = await reader.read({ framer: lines(), codec: text() });
 * assert.equal(line, "HELLO 5");
 * assert.equal((await reader.read(fixed(5)))?.length, 5);
 * assert.equal(await reader.read(lines()), undefined);
 * ```
 */
export class FrameReader {
  readonly #source: ChunkSource;
  readonly #decoder: FrameDecoder<unknown>;
  readonly #inbound: Inbound<unknown>;
  #reading: unknown = undefined;

  /**
   * Makes a reader of a Web Stream, which it locks, or of any async iterable of chunks.
   *
   * @throws {TypeError} It is neither, or the stream is locked.
   */
  constructor(readable: ChunkReadable) {
    this.#source = chunkSource(readable);
    this.#decoder = new FrameDecoder<unknown>({ framer: NOTHING });
    this.#inbound = new Inbound(this.#decoder, this.#source);
  }

  /**
   * Reads the next frame as `protocol` frames it. Reads that wait at the same time are served in the
   * order of their calls.
   *
   * @param protocol A protocol, or a framer alone.
   * @returns The message; `undefined` when the stream has ended between two frames.
   * @throws {FramingError} The stream does not hold what the framing says, or ends inside the frame:
   * nothing can be read any more.
   * @throws {CodecError} This frame means nothing to the codec; reading can go on behind it.
   */
  read<Message = Uint8Array>(
    protocol: Framer | Protocol<Message>,
    options: ReadOptions = {},
  ): Promise<Message | undefined> {
    const attempt = () => {
      if (this.#reading !== protocol) {
        this.#decoder.switchTo(protocolOf(protocol));
        this.#reading = protocol;
      }
      return this.#decoder.read() as Message | undefined;
    };
    return this.#inbound.when(attempt, undefined, options.signal);
  }

  /**
   * Stops framing, and hands back the stream.
   *
   * @returns A stream of all bytes that belong to no frame read: those read ahead, then the rest.
   * @throws {FramingError} Framing had failed already.
   */
  detach(): { readable: ReadableStream<Uint8Array> } {
    const { ahead, read } = this.#inbound.detach();
    const source = this.#source;
    let rest: Uint8Array | undefined = ahead.length === 0 ? undefined : ahead;
    const readable = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const chunk = rest ?? await read();
        rest = undefined;
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: (reason) => source.cancel(reason),
    }, { highWaterMark: 0 });
    return { readable };
  }

  /** Says that no more will be read. Reads that wait, and later ones, give `undefined`. */
  cancel(reason?: unknown): Promise<void> {
    this.#inbound.stop();
    return this.#source.cancel(reason);
  }
}

/** What a reader waits for before its first read. */
const NOTHING: Framer = { measure: () => undefined, write: () => {} };
