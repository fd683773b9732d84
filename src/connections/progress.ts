/** The state of a connection that its time limits depend on. */
export interface Progress {
  /** Number of bytes received. */
  readonly received: number;
  /** Number of bytes that the system has accepted. */
  readonly written: number;
  /** Whether a call waits to receive. */
  readonly waiting: boolean;
  /** Stream offset of the partial frame. */
  readonly frameOffset: number;
  /** Number of bytes of the partial frame that have arrived. */
  readonly frameLength: number;
  /** Total size of the partial frame, if known. */
  readonly expectedLength: number | undefined;
  /** Number of bytes that were sent and that the system has not accepted. */
  readonly pending: number;
}
