/** Where chunks come from, one at a time. */
export interface ChunkSource {
  /** The next chunk; `undefined` once there are no more. */
  read(): Promise<Uint8Array | undefined>;
  /** Says that no more chunks are wanted. */
  cancel(reason?: unknown): Promise<void>;
}

/** What chunks can be read from: a Web Stream, or anything that can be iterated over. */
export type ChunkReadable = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Reads chunks from a Web Stream, which it locks, or from an async iterable.
 *
 * @throws {TypeError} It is neither, or the stream is locked.
 */
export function chunkSource(readable: ChunkReadable): ChunkSource {
  if ("getReader" in readable) {
    const reader = readable.getReader();
    return {
      read: () => reader.read().then(({ value }) => value),
      cancel: (reason) => reader.cancel(reason),
    };
  }
  const iterator = readable[Symbol.asyncIterator]();
  return {
    read: () => iterator.next().then(({ done, value }) => done ? undefined : value),
    async cancel() {
      await iterator.return?.();
    },
  };
}
