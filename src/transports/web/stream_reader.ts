import type { ByteReadable, Chunk, ChunkReader } from "../../bytes/byte_streams.ts";
import { bytesOf } from "../../bytes/bytes_of.ts";
import { view } from "../../bytes/view.ts";

/** A result of a reader. */
export interface ReadResult {
  readonly done: boolean;
  readonly value?: Chunk | undefined;
}

/** Reads a stream, which it locks. */
export interface StreamReader {
  /** Reads the next chunk. */
  read(): Promise<ReadResult>;
  /** Discards the rest of the stream. */
  cancel(reason: unknown): Promise<unknown>;
  /** Unlocks the stream. */
  releaseLock(): void;
}

/** The reader of a byte stream of Workers, which fills memory of the caller. */
interface BufferReader {
  readonly closed: Promise<unknown>;
  read(memory: Uint8Array): Promise<{
    readonly done: boolean;
    readonly value?: Uint8Array<ArrayBuffer> | undefined;
  }>;
  cancel(reason: unknown): Promise<unknown>;
  releaseLock(): void;
}

/** Size of the buffer of a Workers socket, which is kept: a fresh one costs 15 to 30 µs. */
const BUFFER_SIZE = 65_536;

/** Maximum length of a read that is copied out of the buffer; a longer one takes the buffer along. */
const MAX_COPY = 16_384;

/**
 * Returns a reader of any stream.
 *
 * @throws {TypeError} The stream is locked already.
 */
export function streamReader(readable: ByteReadable): StreamReader {
  const reader: ChunkReader = readable.getReader();
  reader.closed?.catch?.(() => {});
  return reader;
}

/**
 * Returns a reader of a Workers socket, which delivers 4 KiB at a time to any other reader.
 *
 * @throws {TypeError} The stream is locked already.
 */
export function workersReader(readable: ByteReadable): StreamReader {
  let reader: BufferReader;
  try {
    const { getReader } = readable as unknown as {
      getReader(options: { mode: "byob" }): BufferReader;
    };
    reader = getReader.call(readable, { mode: "byob" });
  } catch {
    // It is not a stream of bytes, or it is locked, which the other reader reports, too.
    return streamReader(readable);
  }
  reader.closed.catch(() => {});
  let kept: ArrayBuffer | undefined;
  return {
    async read() {
      const memory = new Uint8Array(kept ?? new ArrayBuffer(BUFFER_SIZE));
      kept = undefined;
      const { done, value } = await reader.read(memory);
      if (done || value === undefined || value.length > MAX_COPY) return { done, value };
      // The memory was transferred; its bytes have come back in another buffer.
      if (value.buffer.byteLength === BUFFER_SIZE) kept = value.buffer;
      return { done, value: value.slice() };
    },
    cancel: (reason) => reader.cancel(reason),
    releaseLock: () => reader.releaseLock(),
  };
}

/**
 * Returns the bytes of a chunk as a plain `Uint8Array` of memory that nobody else writes to.
 *
 * @throws {TypeError} The chunk is not a buffer and not a view of one.
 */
export function chunkBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") {
    throw new TypeError(
      "Cannot receive: expected a Uint8Array, got a string: pipe text through a TextEncoderStream",
    );
  }
  const bytes = bytesOf(chunk);
  const { SharedArrayBuffer } = globalThis;
  if (SharedArrayBuffer !== undefined && bytes.buffer instanceof SharedArrayBuffer) {
    return new Uint8Array(bytes);
  }
  return bytes.constructor === Uint8Array ? bytes : view(bytes, 0, bytes.length);
}
