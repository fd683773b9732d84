/** What a read returns: a chunk, the number of bytes read into the decoder's memory, or `undefined` at the end. */
export type ReadResult = Uint8Array | number | undefined;

/** Where the bytes of a decoder come from: they are read, and then added to it. */
export interface Source {
  /** Reads the next bytes. */
  read(): Promise<ReadResult>;
  /** Adds what a read has returned to the decoder. Returns whether there is more. */
  add(bytes: ReadResult): boolean;
  /** Bytes of one read that may be taken before the event loop turns; default: no limit. */
  readonly yieldAfter?: number;
  /** Called when reading has failed. Returns the error to report. */
  failed?(error: unknown): unknown;
  /** Returns the error to report once all whole messages before it have been taken. */
  afterMessages?(error: unknown): unknown;
  /** Called when the decoder has thrown an error. */
  refused?(error: unknown): void;
  /** Called when nothing more is received: bytes that are added from here on are discarded. */
  discard(): void;
}
