import type { ByteReadable, Chunk } from "../bytes/byte_streams.ts";
import { describe } from "../bytes/describe.ts";
import { bytesOf } from "../bytes/bytes_of.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import type { Source } from "./source.ts";

/** A source of bytes: a readable Web Stream, or an async iterable of chunks such as a `Readable` of Node. */
export type ByteSource = ByteReadable | AsyncIterable<Chunk>;

/** Reads the chunks of a {@link ByteSource}, one at a time. */
export interface ChunkSource {
  /** Returns the next chunk; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Cancels the source. */
  cancel(reason?: unknown): Promise<void>;
}

/**
 * Reads chunks from a Web Stream, which it locks, or from an async iterable.
 *
 * @throws {TypeError} The source is neither, or the stream is locked.
 */
export function chunkSource(source: ByteSource): ChunkSource {
  if (typeof (source as Partial<ByteReadable>)?.getReader === "function") {
    return streamSource(source as ByteReadable);
  }
  const iterator = (source as Partial<AsyncIterable<unknown>>)?.[Symbol.asyncIterator]?.();
  if (iterator !== undefined) return iteratorSource(iterator);
  throw new TypeError(
    `Cannot read from ${describe(source)}: expected a ReadableStream or an async iterable of bytes`,
  );
}

/** Fills a decoder from chunks. */
export class DecoderFill implements Source {
  readonly #decoder: FrameDecoder<unknown>;
  readonly #chunks: ChunkSource;
  /** The chunk that is being read. */
  #reading: Promise<Uint8Array | undefined> | undefined = undefined;
  #discards = false;

  constructor(decoder: FrameDecoder<unknown>, chunks: ChunkSource) {
    this.#decoder = decoder;
    this.#chunks = chunks;
  }

  read(): Promise<Uint8Array | undefined> {
    return this.#reading = this.#chunks.read();
  }

  add(chunk: Uint8Array | undefined): boolean {
    // The end, once it has been read, is read again.
    if (chunk === undefined) return false;
    this.#reading = undefined;
    if (!this.#discards) this.#decoder.push(chunk);
    return true;
  }

  /** Returns a function that reads the remaining chunks, beginning with the one being read. */
  detach(): () => Promise<Uint8Array | undefined> {
    let reading = this.#reading;
    this.#reading = undefined;
    return () => {
      const next = reading ?? this.#chunks.read();
      reading = undefined;
      return next;
    };
  }

  discard(): void {
    this.#discards = true;
  }
}

function streamSource(stream: ByteReadable): ChunkSource {
  const reader = stream.getReader();
  return {
    read: () => reader.read().then(({ done, value }) => done ? undefined : bytesOf(value)),
    cancel: async (reason) => void await reader.cancel(reason),
  };
}

function iteratorSource(iterator: AsyncIterator<unknown>): ChunkSource {
  let reading = false;
  return {
    async read() {
      reading = true;
      const { done, value } = await iterator.next();
      reading = false;
      return done ? undefined : bytesOf(value);
    },
    async cancel() {
      const returning = iterator.return?.();
      // A generator that is waiting for input cannot return before the input arrives.
      if (reading) Promise.resolve(returning).catch(() => {});
      else await returning;
    },
  };
}
