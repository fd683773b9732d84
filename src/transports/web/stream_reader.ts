import type { ByteReadable, ChunkReader } from "../../bytes/byte_streams.ts";
import { bytesOf } from "../../bytes/bytes_of.ts";
import { view } from "../../bytes/view.ts";

/** The result of a read. */
export interface ReadResult {
  readonly done: boolean;
  readonly value?: unknown;
}

/** The reader of a stream, which it locks. */
export interface StreamReader {
  /** Reads the next chunk. */
  read(): Promise<ReadResult>;
  /** Discards the rest of the stream. */
  cancel(reason: unknown): Promise<unknown>;
  /** Unlocks the stream. */
  releaseLock(): void;
}

/** The reader of a Workers byte stream, which reads into the caller's memory. */
interface BufferReader {
  readonly closed: Promise<unknown>;
  read(memory: Uint8Array): Promise<{
    readonly done: boolean;
    readonly value?: Uint8Array<ArrayBuffer> | undefined;
  }>;
  cancel(reason: unknown): Promise<unknown>;
  releaseLock(): void;
}

/** Size of the buffer of a Workers socket, which is reused: allocating one costs 15 to 30 µs. */
const BUFFER_SIZE = 65_536;

/** Maximum length of a read that is copied from the buffer; a longer one keeps the buffer. */
const MAX_COPY = 16_384;

/**
 * Returns the reader of any stream.
 *
 * @throws {TypeError} The stream is already locked.
 */
export function streamReader(readable: ByteReadable): StreamReader {
  const reader: ChunkReader = readable.getReader();
  reader.closed?.catch?.(() => {});
  return reader;
}

/**
 * Returns the BYOB reader of a Workers socket, which delivers at most 4 KiB at a time to a default reader.
 *
 * @throws {TypeError} The stream is already locked.
 */
export function workersReader(readable: ByteReadable): StreamReader {
  let reader: BufferReader;
  try {
    const { getReader } = readable as unknown as {
      getReader(options: { mode: "byob" }): BufferReader;
    };
    reader = getReader.call(readable, { mode: "byob" });
  } catch {
    // The stream is not a byte stream, or it is locked, which the default reader reports, too.
    return streamReader(readable);
  }
  reader.closed.catch(() => {});
  let spare: ArrayBuffer | undefined;
  return {
    async read() {
      const memory = new Uint8Array(spare ?? new ArrayBuffer(BUFFER_SIZE));
      spare = undefined;
      const { done, value } = await reader.read(memory);
      if (done || value === undefined || value.length > MAX_COPY) return { done, value };
      // The buffer was transferred; the result has another one over the same memory.
      if (value.buffer.byteLength === BUFFER_SIZE) spare = value.buffer;
      return { done, value: value.slice() };
    },
    cancel: (reason) => reader.cancel(reason),
    releaseLock: () => reader.releaseLock(),
  };
}

/**
 * Returns the bytes of a chunk as a plain `Uint8Array`, copied from shared memory.
 *
 * @throws {TypeError} The chunk is neither a buffer nor a view of one.
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
