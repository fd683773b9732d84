// Structural types for the streams that are accepted: which library declares the class does not matter.
// Their members must stay methods, whose parameters are compared bivariantly.

/** A chunk as a stream may deliver it: a buffer, or any view of one. */
export type Chunk = ArrayBufferLike | ArrayBufferView;

/** A chunk as it is written: a `Uint8Array` of a buffer that is not shared, which TypeScript 5.7 and later distinguish. */
export type WrittenChunk = ReturnType<Uint8Array["slice"]>;

/** A readable Web Stream of bytes: the browser's `ReadableStream`, that of `node:stream/web`, or an object with the same method. */
export interface ByteReadable {
  /** Locks the stream and returns its reader. */
  getReader(): ChunkReader;
}

/** The reader of a {@link ByteReadable}. */
export interface ChunkReader {
  /** Settles when the stream has ended or failed. */
  readonly closed: Promise<unknown>;
  /** Returns the next chunk. */
  read(): Promise<{ readonly done: boolean; readonly value?: Chunk | undefined }>;
  /** Discards the rest of the stream. */
  cancel(reason?: unknown): Promise<unknown>;
  /** Unlocks the stream. */
  releaseLock(): void;
}

/** A writable Web Stream of bytes: the browser's `WritableStream`, that of `node:stream/web`, or an object with the same method. */
export interface ByteWritable {
  /** Locks the stream and returns its writer. */
  getWriter(): ChunkWriter;
}

/** The writer of a {@link ByteWritable}. */
export interface ChunkWriter {
  /** Settles when the stream has been closed or has failed. */
  readonly closed: Promise<unknown>;
  /** Settles when the stream accepts more. */
  readonly ready: Promise<unknown>;
  /** Writes a chunk. */
  write(chunk: WrittenChunk): Promise<unknown>;
  /** Ends the stream after the chunks that are pending. */
  close(): Promise<unknown>;
  /** Discards the chunks that are pending and fails the stream. */
  abort(reason?: unknown): Promise<unknown>;
  /** Unlocks the stream. */
  releaseLock(): void;
}
