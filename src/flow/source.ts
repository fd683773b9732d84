/** The result of a read: a chunk, the number of bytes read into the decoder's memory, or `undefined` at the end. */
export type ReadResult = Uint8Array | number | undefined;

/** The source of a decoder's bytes: they are read, and then added to the decoder. */
export interface Source {
  /** Reads the next bytes. */
  read(): Promise<ReadResult>;
  /** Adds the result of a read to the decoder. Returns whether there may be more. */
  add(bytes: ReadResult): boolean;
  /** Number of bytes that may be taken before the event loop turns; default: no limit. */
  readonly yieldAfter?: number;
  /** Called when reading has failed. Returns the error to report. */
  failed?(error: unknown): unknown;
  /** Returns the error to report once all whole messages before it have been taken. */
  afterMessages?(error: unknown): unknown;
  /** Called when the end has been read, and pending calls have got it, or its error. */
  ended?(): void;
  /** Called when the decoder has failed: the stream cannot be framed. */
  refused?(error: unknown): void;
  /** Called when receiving has stopped: bytes that are added later are discarded. */
  discard(): void;
}
