// Which library declares the classes of the streams does not matter, nor what they say of their chunks:
// the transport checks these. The members must stay methods, whose parameters are compared bivariantly.

/** The readable side of a {@link StreamPair}. */
export interface PairReadable {
  /** Locks the stream and returns its reader. */
  getReader(): {
    readonly closed: Promise<unknown>;
    // deno-lint-ignore no-explicit-any
    read(): Promise<{ readonly done: boolean; readonly value?: any }>;
    cancel(reason?: unknown): Promise<unknown>;
    releaseLock(): void;
  };
}

/** The writable side of a {@link StreamPair}. */
export interface PairWritable {
  /** Locks the stream and returns its writer. */
  getWriter(): {
    readonly closed: Promise<unknown>;
    readonly ready: Promise<unknown>;
    // deno-lint-ignore no-explicit-any
    write(chunk: any): Promise<unknown>;
    close(): Promise<unknown>;
    abort(reason?: unknown): Promise<unknown>;
    releaseLock(): void;
  };
}

/**
 * A pair of Web Streams of bytes: a WebTransport stream, `Duplex.toWeb(…)` of Node, the standard streams of
 * a child process, a socket of Workers.
 */
export interface StreamPair {
  /** Bytes from the peer. */
  readonly readable: PairReadable;
  /** Bytes to the peer. */
  readonly writable: PairWritable;
  /** Resolves when the connection is established. Nothing is read or written before. */
  readonly opened?: Promise<
    { readonly remoteAddress?: string; readonly localAddress?: string } | undefined
  >;
  /** Settles when the connection is over. */
  readonly closed?: Promise<unknown>;
  /** Workers: `"on"` if the socket uses TLS, `"starttls"` if it can be upgraded. */
  readonly secureTransport?: string;
  /** Workers: upgrades to TLS. The pair itself must not be used afterwards. */
  startTls?(options?: { expectedServerHostname?: string }): StreamPair;
  /** Closes both directions. */
  close?(): unknown;
}
