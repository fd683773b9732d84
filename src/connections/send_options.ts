/** The options of `Connection.send`. */
export interface SendOptions {
  /** Aborts waiting for room. The message is sent anyway, unless the signal was aborted before the call. */
  readonly signal?: AbortSignal;
}
