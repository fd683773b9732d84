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
 * A two-way stream of bytes with a minimal socket interface. Each runtime has an implementation on its own
 * socket calls; {@link streamTransport} creates one from a pair of Web Streams.
 *
 * At most one `read` or `readInto`, and at most one `write`, is pending at a time. After a call has
 * rejected, only `close` and `abort` are called; they settle every pending call. Calls reject with a
 * `ConnectionError`, always for the first failure.
 */
export interface Transport {
  /**
   * Reads the next bytes. The caller owns their memory: the transport never writes to it again.
   *
   * @returns At least one byte; `undefined` at the end of the stream.
   */
  read(): Promise<Uint8Array | undefined>;

  /**
   * Reads the next bytes into the beginning of the caller's memory, which must have room for at least one
   * byte and must not be used until the promise settles.
   *
   * @returns The number of bytes, at least one; `undefined` at the end of the stream.
   */
  readInto?(memory: Uint8Array): Promise<number | undefined>;

  /**
   * Writes all chunks in order. Once the call has returned `undefined`, or its promise has settled, the
   * caller may reuse the memory of the chunks: a transport that keeps chunks copies them.
   *
   * @returns `undefined` if the system has accepted every byte; otherwise a promise that resolves when it
   * has. Until it settles, the chunks must not change and nothing else may be written.
   */
  write(chunks: readonly Uint8Array[]): Promise<void> | undefined;

  /**
   * Number of bytes that the system has accepted since the transport was opened. It grows while a write
   * is in progress, so that a slow peer can be distinguished from a stalled one.
   */
  readonly written: number;

  /** Sends the end of the stream, after all bytes that have been written. */
  closeWrite(): Promise<void>;

  /** Closes both directions immediately. Pending reads end, pending writes reject. May be called again. */
  close(): void;

  /** Closes both directions immediately, with a reset if supported; otherwise like `close`. */
  abort(): void;

  /**
   * Starts TLS: as the client if this side connected, as the server if it was accepted. No read or write
   * may be pending. Afterwards only `close` and `abort` of this transport may be called; they also close
   * the returned one.
   *
   * @param options Certificates, names and protocols.
   * @param signal Aborts the handshake; the call rejects with the signal's reason.
   * @param received Bytes that were read before and belong to TLS, followed by bytes that arrived and have not
   * been read. Without it, unread bytes are plain text.
   * @returns The transport of the decrypted stream, after the handshake.
   */
  startTls?(options: TlsOptions, signal?: AbortSignal, received?: Uint8Array): Promise<Transport>;

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

/**
 * TLS settings. On Workers, use TLS from the start: plain text that arrives after `startTls` was called goes
 * undetected (workerd 20260730).
 */
export interface TlsOptions {
  /** Trusted certificate authorities in PEM format; default: those of the runtime. */
  readonly ca?: Pem | readonly Pem[];
  /** Private key of `cert` in PEM format. */
  readonly key?: Pem;
  /** Certificate in PEM format, followed by its chain. */
  readonly cert?: Pem;
  /**
   * Server: certificates by the name that the client requests (SNI, RFC 6066), such as `"example.com"`;
   * `"*.example.com"` is for all names with one more label. `key` and `cert` are for all other names.
   */
  readonly sni?: Readonly<Record<string, TlsCertificate>>;
  /** Client: name that the server's certificate must be valid for; default: the host connected to. */
  readonly serverName?: string;
  /** ALPN protocols in order of preference (RFC 7301); default: no negotiation. */
  readonly alpn?: string | readonly string[];
  /** Server: whether to request a certificate from the client; default `false`. */
  readonly requestCert?: boolean;
  /** Whether to reject peers that fail certificate verification; default `true`. */
  readonly rejectUnauthorized?: boolean;
  /**
   * Whether the peer must send close_notify before the end of its stream. By default an end without it is
   * an error with the code `"truncated"`, because an attacker on the network can end a stream early.
   * `"optional"` accepts it as a clean end. Use that for peers that never send close_notify, if the
   * messages themselves show that they are complete. A reset is always an error.
   */
  readonly closeNotify?: "required" | "optional";
  /**
   * Client: keeps sessions, so that later connections with the same map and the same options resume them
   * without verifying the certificate again; default: none is resumed. Nor is any on Deno 2.9.
   */
  readonly sessions?: Map<string, unknown>;
  /** Minimum version; default `"TLSv1.2"`. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

/** The options of `Connection.startTls`. */
export interface StartTlsOptions extends TlsOptions {
  /**
   * Treatment of bytes that arrived before this call and have not been received. By default they are refused:
   * plain text must not pass for input from TLS (CVE-2011-0411). `"tls"` lets a server pass them to TLS, for
   * a ClientHello that directly follows, for example, the header of the PROXY protocol.
   */
  readonly buffered?: "refuse" | "tls";
}

/** A certificate and its private key. */
export interface TlsCertificate {
  /** Private key of `cert` in PEM format. */
  readonly key: Pem;
  /** Certificate in PEM format, followed by its chain. */
  readonly cert: Pem;
}

/** A key or certificate in PEM format (RFC 7468), as text or as the bytes of a file. */
export type Pem = string | Uint8Array;

/** The result of a TLS handshake. */
export interface TlsSession {
  /** The version, `"TLSv1.2"` or `"TLSv1.3"`; `undefined` if the runtime does not report it. */
  readonly version: string | undefined;
  /**
   * The cipher suite by its standard name (IANA), such as `"TLS_AES_128_GCM_SHA256"`; `undefined` if the
   * runtime does not report it.
   */
  readonly cipher: string | undefined;
  /** Whether an earlier session was resumed. */
  readonly resumed: boolean;
  /** The negotiated ALPN protocol, if any. */
  readonly alpn: string | undefined;
  /** The peer's certificate in DER format, if it presented one. */
  readonly peerCertificate: Uint8Array | undefined;
  /** Whether the peer's certificate was requested and passed verification. */
  readonly authorized: boolean;
}

/** An accepted connection. */
export interface AcceptedTransport extends Transport {
  /** Whether the peer has sent any bytes. */
  readonly hasReceived: boolean;
}

/** Accepts connections for a listener. */
export interface Acceptor<Accepted extends Transport = Transport> {
  /** The local address, with the port that the system chose if it was 0. */
  readonly address: Address;
  /** The options of following handshakes; `undefined` without TLS. */
  tls?: TlsOptions;
  /**
   * Accepts the next connection. At most one call is pending at a time.
   *
   * @returns The connection; `undefined` once the acceptor is closed.
   * @throws {ConnectionError} The system cannot accept, for example because it is out of file descriptors
   * (`"tooManyFiles"`). The next call may succeed.
   */
  accept(): Promise<Accepted | undefined>;
  /** Stops listening and closes waiting connections. May be called again. */
  close(): void;
  /** Keeps the event loop alive while listening (the default). */
  ref?(): void;
  /** Lets the process exit while listening. */
  unref?(): void;
}

/** Socket options for connected and accepted connections. */
export interface SocketOptions {
  /** Whether small writes are sent immediately; default `true`. Otherwise (Nagle) they may wait 40 ms. */
  readonly noDelay?: boolean;
  /** Whether the system probes an idle peer to detect that it is gone; default `false`. */
  readonly keepAlive?: boolean;
}

/** Where and how to connect or listen: resolved options, with all defaults. */
export interface Endpoint {
  /** The host name or IP address; empty for a path. */
  readonly hostname: string;
  /** The port; 0 for a path. */
  readonly port: number;
  /** The path of a Unix domain socket, instead of a host and a port. */
  readonly path: string | undefined;
  /** Whether small writes are sent immediately. */
  readonly noDelay: boolean;
  /** Whether the system probes an idle peer. */
  readonly keepAlive: boolean;
  /** Number of unread bytes at which the socket is paused. */
  readonly highWaterMark: number;
  /** Listening only: whether several listeners may share the port. */
  readonly reusePort: boolean;
}

/** The sockets of a runtime: the exports of its module. */
export interface Sockets {
  /**
   * Connects. Rejects with the signal's reason shortly after the signal aborts; if the call resolves
   * anyway, the caller must close the connection.
   */
  connect(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<Transport>;
  /** Listens. The system chooses the port if it is 0. */
  listen(endpoint: Endpoint): Promise<Acceptor<AcceptedTransport>>;
}
