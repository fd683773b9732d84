/** A socket address. */
export interface Address {
  /** The IP address; empty for a Unix domain socket. */
  readonly hostname: string;
  /** The port, from 1 to 65,535; 0 for a Unix domain socket. */
  readonly port: number;
  /** The path of a Unix domain socket. */
  readonly path?: string;
}

/**
 * A two-way stream of bytes, as narrow as a socket. Each runtime has an implementation on its own calls;
 * {@link streamTransport} makes one of a pair of Web Streams.
 *
 * There is at most one `read` or `readInto` at a time, and at most one `write`. After a call has rejected,
 * only `close` and `abort` are called; they settle every pending call. Calls reject with a
 * `ConnectionError`, and with the same one every time.
 */
export interface Transport {
  /**
   * Reads the next bytes. Their memory is the caller's: the transport never writes to it again.
   *
   * @returns At least one byte; `undefined` at the end of the stream.
   */
  read(): Promise<Uint8Array | undefined>;

  /**
   * Reads the next bytes into memory of the caller, from its beginning. The memory must have room for at
   * least one byte, and must not be used until the promise has settled.
   *
   * @returns The number of bytes, at least one; `undefined` at the end of the stream.
   */
  readInto?(memory: Uint8Array): Promise<number | undefined>;

  /**
   * Writes all chunks in order. Once the call has returned `undefined`, or its promise has settled, the
   * memory of the chunks may be reused: a transport that keeps chunks copies them.
   *
   * @returns `undefined` if the system has accepted every byte; otherwise a promise for that. Until it
   * settles the chunks must not change and nothing else may be written.
   */
  write(chunks: readonly Uint8Array[]): Promise<void> | undefined;

  /**
   * Number of bytes that the system has accepted since the transport was opened. It grows while a write
   * is in progress, so that a slow peer can be distinguished from a stalled one.
   */
  readonly written: number;

  /** Sends the end of the stream after everything that has been written. */
  closeWrite(): Promise<void>;

  /** Closes both directions immediately. Pending reads end, pending writes fail. May be called again. */
  close(): void;

  /** Closes both directions immediately, by a reset where the system can; otherwise like `close`. */
  abort(): void;

  /**
   * Starts TLS: as the client if this side connected, as the server if it was accepted. No read or write
   * may be pending. Afterwards only `close` and `abort` of this transport may be called; they close the
   * returned one, too.
   *
   * @param options Certificates, names and protocols.
   * @param signal Aborts the handshake with the signal's reason.
   * @returns The transport of the decrypted stream, after the handshake.
   */
  startTls?(options: TlsOptions, signal?: AbortSignal): Promise<Transport>;

  /** Keeps the event loop alive while the transport is open (the default). */
  ref?(): void;
  /** Lets the process exit while the transport is open. */
  unref?(): void;

  /** The local address, if known. */
  readonly localAddress?: Address | undefined;
  /** The peer's address, if known. */
  readonly remoteAddress?: Address | undefined;
  /** The result of the TLS handshake; `undefined` for a plain stream. */
  readonly tls?: TlsSession | undefined;
}

/** TLS settings. */
export interface TlsOptions {
  /** Trusted certificate authorities in PEM format; default: those of the runtime. */
  readonly ca?: Pem | readonly Pem[];
  /** Private key of `cert` in PEM format. */
  readonly key?: Pem;
  /** Certificate in PEM format, followed by its chain. */
  readonly cert?: Pem;
  /** Client: name that the server's certificate must have; default: the host connected to. */
  readonly serverName?: string;
  /** ALPN protocols in order of preference (RFC 7301); default: no negotiation. */
  readonly alpn?: string | readonly string[];
  /** Server: whether to request a certificate of the client; default `false`. */
  readonly requestCert?: boolean;
  /** Whether to reject a peer whose certificate fails verification; default `true`. */
  readonly rejectUnauthorized?: boolean;
  /**
   * Whether the peer must send close_notify before the end of its stream. By default an end without it is
   * an error with the code `"truncated"`, because anybody on the way can cut a stream. `"optional"` accepts
   * it as the end, for peers that never send close_notify, where the messages themselves show that they
   * are complete. A reset remains an error.
   */
  readonly closeNotify?: "required" | "optional";
}

/** A key or certificate in PEM format (RFC 7468), as text or as the bytes of a file. */
export type Pem = string | Uint8Array;

/** The result of a TLS handshake. */
export interface TlsSession {
  /** The negotiated ALPN protocol, if any. */
  readonly alpn: string | undefined;
  /** The peer's certificate in DER format, if it presented one. */
  readonly peerCertificate: Uint8Array | undefined;
  /** Whether the peer's certificate was requested and passed verification. */
  readonly authorized: boolean;
}

/** A connection as a runtime has accepted it. */
export interface AcceptedTransport extends Transport {
  /** Whether the peer has sent anything. */
  readonly heard: boolean;
}

/** Accepts connections for a listener. */
export interface Acceptor<Accepted extends Transport = Transport> {
  /** The address listened on, with the port that the system chose. */
  readonly address: Address;
  /**
   * Waits for the next connection. At most one call is pending at a time.
   *
   * @returns The connection; `undefined` once the acceptor is closed.
   * @throws {ConnectionError} The system is out of file descriptors (`"tooManyFiles"`), or another
   * failure. The next call may succeed.
   */
  accept(): Promise<Accepted | undefined>;
  /** Stops listening and closes connections that have not been accepted. May be called again. */
  close(): void;
  /** Keeps the event loop alive while listening (the default). */
  ref?(): void;
  /** Lets the process exit while listening. */
  unref?(): void;
}

/** Socket options of connected and accepted connections. */
export interface SocketOptions {
  /** Whether small writes are sent at once; default `true`. Otherwise (Nagle, RFC 896) they may wait 40 ms. */
  readonly noDelay?: boolean;
  /** Whether the system probes a silent peer to find out that it is gone; default `false`. */
  readonly keepAlive?: boolean;
}

/** Where to connect or listen, and how: options in their resolved form, with all defaults. */
export interface Endpoint {
  /** The host's name or IP address; empty for a path. */
  readonly hostname: string;
  /** The port; 0 for a path. */
  readonly port: number;
  /** The path of a Unix domain socket, in place of a host and a port. */
  readonly path: string | undefined;
  /** Whether small writes are sent at once. */
  readonly noDelay: boolean;
  /** Whether the system probes a silent peer. */
  readonly keepAlive: boolean;
  /** Number of unread bytes above which the peer is stopped. */
  readonly highWaterMark: number;
  /** Listening: whether several listeners may share the port. */
  readonly reusePort: boolean;
}

/** The sockets of a runtime: the exports of its module. */
export interface Sockets {
  /**
   * Connects. Rejects with the signal's reason soon after the signal is aborted; a connection that is made
   * nevertheless must be closed by the caller.
   */
  connect(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<Transport>;
  /** Listens. The system chooses the port if it is 0. */
  listen(endpoint: Endpoint): Promise<Acceptor<AcceptedTransport>>;
}
