// Structural types of the accepted streams, so that it does not matter which library declares the class.
// Their members must stay methods, whose parameters are compared bivariantly.

/** A chunk as a stream may deliver it: a buffer, or any view of one. */
export type Chunk = ArrayBufferLike | ArrayBufferView;

/** An item of a source: a chunk, or several at a time, as the iterables of `node:stream/iter` do. */
export type Chunks = Chunk | readonly Chunk[];

/**
 * A readable Web Stream of bytes: the browser's `ReadableStream`, that of `node:stream/web`, or an object with the
 * same method.
 */
export interface ByteReadable {
  /** Locks the stream and returns its reader. */
  getReader(): ChunkReader;
}

/** The reader of a {@link ByteReadable}. */
export interface ChunkReader {
  /** Settles when the stream has ended or failed. */
  readonly closed: Promise<unknown>;
  /** Returns the next chunk. */
  read(): Promise<{ readonly done: boolean; readonly value?: Chunks | undefined }>;
  /** Discards the rest of the stream. */
  cancel(reason?: unknown): Promise<unknown>;
  /** Unlocks the stream. */
  releaseLock(): void;
}
