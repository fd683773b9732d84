/** One end of a connection. */
export interface Address {
  /** The IP address; empty for a Unix domain socket. */
  readonly hostname: string;
  /** The port, from 1 to 65,535; 0 for a Unix domain socket. */
  readonly port: number;
  /** The path of a Unix domain socket. */
  readonly path?: string;
}

/**
 * A two-way stream of bytes, as narrow as a socket. One file a runtime implements it on the runtime's
 * own calls; {@link streamTransport} makes one of any pair of Web Streams.
 *
 * There is at most one `read` at a time, and at most one `write`; after a call has rejected, no other
 * is made but `close` and `abort`, which settle every call that is pending.
 */
export interface Transport {
  /**
   * Reads the next bytes, which nobody writes to again.
   *
   * @param atLeast How many bytes are missing for the reader to go on: a hint, by which a transport may
   * wait for more of them at once.
   * @param room Gives memory that the bytes may be put into. A transport that can read into memory of
   * others calls it, once, reads there from the front, and returns a view on what it has put in: those
   * bytes are written to again.
   * @returns At least one byte; `undefined` when the peer has sent its last.
   */
  read(atLeast?: number, room?: () => Uint8Array): Promise<Uint8Array | undefined>;

  /**
   * Writes all of the chunk.
   *
   * @returns `undefined` when all of it was handed to the system; else a promise of that: until it
   * is settled the chunk must not change, and nothing else be written.
   */
  write(chunk: Uint8Array): Promise<void> | undefined;

  /**
   * Writes several chunks, in their order, as `write` writes one: with a call that gathers them, so that a
   * header does not leave by itself. Without it they are written one by one.
   */
  writeAll?(chunks: readonly Uint8Array[]): Promise<void> | undefined;

  /**
   * What was written is not looked at any more when `write` has returned `undefined` or its promise is
   * settled: the system has copied it, and its memory is used again. Default `false`: it never changes.
   */
  readonly copies?: boolean;

  /** Sends the end of the stream, behind all that was written. */
  closeWrite(): Promise<void>;

  /** Ends both directions at once. Safe to call again. */
  close(): void;

  /** Ends both directions at once, and so that the peer is told of a reset where the system can. */
  abort?(): void;

  /**
   * Goes on by TLS, as the client where it has connected, as the server where it was accepted. Nothing
   * else is done with this transport from here on but `close` and `abort`.
   *
   * @param options What to demand and to show.
   * @param signal Gives up, with the signal's reason.
   * @returns The transport of what is inside of TLS, when the handshake is done.
   */
  startTls?(options: TlsOptions, signal?: AbortSignal): Promise<Transport>;

  /** Keeps the process running, as it does unless `unref` was called. */
  ref?(): void;
  /** Lets the process end though the transport is open. */
  unref?(): void;

  /** This end, where it is known. */
  readonly localAddress?: Address | undefined;
  /** The peer's end, where it is known. */
  readonly remoteAddress?: Address | undefined;
  /** What the handshake brought; `undefined`: there was none, the bytes are plain. */
  readonly tls?: TlsSession | undefined;
}

/** What one end of a TLS connection demands and shows. */
export interface TlsOptions {
  /** The authorities that are trusted, as PEM; default: those of the runtime. */
  readonly ca?: Pem | readonly Pem[];
  /** The private key of `cert`, as PEM. */
  readonly key?: Pem;
  /** The certificate that is shown, as PEM, with what leads to its authority behind it. */
  readonly cert?: Pem;
  /** Client: the name that the server's certificate must have; default: the host connected to. */
  readonly serverName?: string;
  /** The protocols spoken above TLS, the best first (RFC 7301); default: none is negotiated. */
  readonly alpn?: string | readonly string[];
  /** Server: asks the client for a certificate; default `false`. */
  readonly requestCert?: boolean;
  /** Refuses a peer whose certificate is not in order; default `true`. */
  readonly rejectUnauthorized?: boolean;
}

/** Keys and certificates in the form of RFC 7468, as text or as the bytes of a file. */
export type Pem = string | Uint8Array;

/** What a TLS handshake brought. */
export interface TlsSession {
  /** The protocol that was negotiated; `undefined` when there is none. */
  readonly alpn: string | undefined;
  /** The peer's certificate, as DER, if it has shown one. */
  readonly peerCertificate: Uint8Array | undefined;
  /** The peer's certificate was demanded and is in order. */
  readonly authorized: boolean;
}

/** Where a listener's connections come in. */
export interface Door {
  /** The address that is listened on, the port as the system chose it. */
  readonly address: Address;
  /** The next connection; `undefined` once the door is closed. */
  accept(): Promise<Transport | undefined>;
  /** Lets nobody in any more. Safe to call again. */
  close(): void;
  /** Keeps the process running, as it does unless `unref` was called. */
  ref?(): void;
  /** Lets the process end though the door is open. */
  unref?(): void;
}

/** How sockets behave, whether connected or accepted. */
export interface SocketOptions {
  /** Sends small writes at once; default `true`. Without it (Nagle, RFC 896) they may wait for 40 ms. */
  readonly noDelay?: boolean;
  /** Lets the system probe a silent peer, to find out that it has gone; default `false`. */
  readonly keepAlive?: boolean;
  /** So many bytes that nobody has read stop the peer, in bytes; default 65,536. */
  readonly highWaterMark?: number;
}

/** Where to connect to, or to listen on, and how. With a `path` there is no hostname and no port. */
export interface Endpoint extends SocketOptions {
  readonly hostname: string;
  readonly port: number;
  readonly path?: string | undefined;
  /** Listening: shares the port with others who say so too, the system spreading connections. */
  readonly reusePort?: boolean;
}

/** What each runtime's file exports. */
export interface Sockets {
  /**
   * Connects. Gives up, with the signal's reason, soon after the signal says so; what has been made
   * meanwhile is its caller's to close.
   */
  connect(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<Transport>;
  /** Listens. Port 0 lets the system choose one. */
  listen(endpoint: Endpoint): Promise<Door>;
}
