import type { ByteReadable, Chunks } from "../bytes/byte_streams.ts";
import { describe } from "../bytes/describe.ts";
import { bytesOf } from "../bytes/bytes_of.ts";
import type { FrameDecoder } from "../frame_decoder.ts";
import type { Source } from "./source.ts";

/** An object with a body of bytes: a `Response` or a `Request`. A body of `null` is an empty stream. */
export interface ByteBody {
  /** The bytes; `null` without a body. */
  readonly body: ByteReadable | null;
  /** Whether the body has been read already. */
  readonly bodyUsed: boolean;
}

/** An object that opens a stream of its bytes: a `Blob` or a `File`. */
export interface ByteBlob {
  /** Returns a new stream of the bytes. */
  stream(): ByteReadable;
}

/**
 * A source of bytes: a readable Web Stream, an async or sync iterable of chunks or of arrays of chunks, such
 * as a `Readable` of Node, a `Response`, a `Request` or a `Blob`.
 */
export type ByteSource =
  | ByteReadable
  | AsyncIterable<Chunks>
  | Iterable<Chunks>
  | ByteBody
  | ByteBlob;

/** Reads the chunks of a {@link ByteSource}, one at a time. */
export interface ChunkSource {
  /** Returns the next chunk; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Cancels the source. */
  cancel(reason?: unknown): Promise<void>;
}

/** All members of the sources that are used. */
type AnySource = Partial<
  ByteReadable & AsyncIterable<unknown> & Iterable<unknown> & ByteBody & ByteBlob
>;

/**
 * Reads chunks from a source. Locks a Web Stream.
 *
 * @throws {TypeError} The value is not a source of bytes, the stream is locked, or the body has been used.
 */
export function chunkSource(source: ByteSource): ChunkSource {
  if (typeof source === "object" && source !== null && !ArrayBuffer.isView(source)) {
    const given = source as AnySource;
    if (typeof given.getReader === "function") return streamSource(given as ByteReadable);
    const iterator = given[Symbol.asyncIterator]?.() ?? given[Symbol.iterator]?.();
    if (iterator !== undefined) return iteratorSource(iterator);
    if (typeof given.bodyUsed === "boolean" && given.body !== undefined) {
      if (!given.bodyUsed) return chunkSource(given.body ?? []);
      throw new TypeError(`Cannot read from ${describe(source)}: its body has already been used`);
    }
    if (typeof given.stream === "function") return chunkSource(given.stream());
  }
  const { then } = (source ?? {}) as { readonly then?: unknown };
  const reason = typeof then === "function"
    ? "await it first"
    : "expected a ReadableStream, an iterable of bytes, a Response, a Request or a Blob";
  throw new TypeError(`Cannot read from ${describe(source)}: ${reason}`);
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
  return sourceOf(() => reader.read(), async (reason) => void await reader.cancel(reason));
}

function iteratorSource(iterator: AsyncIterator<unknown> | Iterator<unknown>): ChunkSource {
  return sourceOf(() => iterator.next(), async (_reason, reading) => {
    const returning = iterator.return?.();
    // A generator that is waiting for input cannot return before the input arrives.
    if (reading) Promise.resolve(returning).catch(() => {});
    else await returning;
  });
}

/** The result of a read: a chunk, or several. */
interface Next {
  readonly done?: boolean | undefined;
  readonly value?: unknown;
}

/** Returns a source that reads one chunk at a time, also where `next` returns several. */
function sourceOf(
  next: () => Promise<Next> | Next,
  cancel: (reason: unknown, reading: boolean) => Promise<void>,
): ChunkSource {
  let reading = false;
  let batch: Iterator<unknown> | undefined = undefined;
  return {
    async read() {
      for (;;) {
        const queued: Next | undefined = batch?.next();
        if (queued?.done === false) return bytesOf(queued.value);
        batch = undefined;
        reading = true;
        const { done, value } = await next();
        reading = false;
        if (done) return undefined;
        if (!Array.isArray(value)) return bytesOf(value);
        batch = value.values();
      }
    },
    cancel: (reason) => cancel(reason, reading),
  };
}
