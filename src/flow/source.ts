/** Receives the outcome of a {@link Source.fill}. */
export interface Filled {
  /** Bytes have been added to the decoder; or, if there are no more, the stream has ended. */
  filled(more: boolean): void;
  /** Reading has failed. */
  unfilled(error: unknown): void;
}

/** Where the bytes of a decoder come from. */
export interface Source {
  /** Reads the next bytes, adds them to the decoder, and then calls one of the receiver's methods, once. */
  fill(receiver: Filled): void;
  /** Bytes of one fill that may be taken before the event loop turns; default: no limit. */
  readonly yieldAfter?: number;
  /** Called when reading has failed. Returns the error to report. */
  failed?(error: unknown): unknown;
  /** Returns the error to report once all whole messages before it have been taken. */
  afterMessages?(error: unknown): unknown;
  /** Called when the decoder has thrown an error. */
  refused?(error: unknown): void;
  /** Called when nothing more is received: the source discards the bytes that it reads from here on. */
  discard(): void;
}
