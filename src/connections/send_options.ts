/** The options of `Connection.send`. */
export interface SendOptions {
  /** Aborts waiting for room. The message is sent anyway, unless the signal was aborted before the call. */
  readonly signal?: AbortSignal;
}

/** The options of `Connection.sendStream`. */
export interface SendStreamOptions {
  /** Aborts sending: the connection too, unless nothing of the frame has been sent. */
  readonly signal?: AbortSignal;
}
