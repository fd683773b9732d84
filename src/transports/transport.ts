/** One end of a connection. */
export interface Address {
  /** The IP address. */
  readonly hostname: string;
  /** The port, from 1 to 65,535. */
  readonly port: number;
}

/**
 * A two-way stream of bytes, as narrow as a socket. One file a runtime implements it on the runtime's
 * own calls; {@link streamTransport} makes one of any pair of Web Streams.
 *
 * There is at most one `read` at a time, and at most one `write`; after a call has rejected, no other
 * is made but `close`.
 */
export interface Transport {
  /**
   * Reads the next bytes, which nobody writes to again.
   *
   * @returns At least one byte; `undefined` when the peer has sent its last.
   */
  read(): Promise<Uint8Array | undefined>;

  /**
   * Writes all of the chunk.
   *
   * @returns `undefined` when all of it was handed to the system; else a promise of that: until it
   * is settled the chunk must not change, and nothing else be written.
   */
  write(chunk: Uint8Array): Promise<void> | undefined;

  /** Sends the end of the stream, behind all that was written. */
  closeWrite(): Promise<void>;

  /** Ends both directions at once. Safe to call again. */
  close(): void;

  /** This end, where it is known. */
  readonly localAddress?: Address | undefined;
  /** The peer's end, where it is known. */
  readonly remoteAddress?: Address | undefined;
}

/** Where a listener's connections come in. */
export interface Door {
  /** The address that is listened on, the port as the system chose it. */
  readonly address: Address;
  /** The next connection; `undefined` once the door is closed. */
  accept(): Promise<Transport | undefined>;
  /** Lets nobody in any more. Safe to call again. */
  close(): void;
}

/** Where to connect to, or to listen on. */
export interface Endpoint {
  readonly hostname: string;
  readonly port: number;
}

/** What each runtime's file exports. */
export interface Sockets {
  /** Connects. Gives up, with the signal's reason, when the signal says so. */
  connect(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<Transport>;
  /** Listens. Port 0 lets the system choose one. */
  listen(endpoint: Endpoint): Promise<Door>;
}
