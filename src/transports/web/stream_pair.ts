import { hasMethods } from "../../bytes/check_methods.ts";

// These types accept stream classes of any library, with any chunk type: the transport checks the chunks.
// The members must stay methods, whose parameters are compared bivariantly.

/** The readable side of a {@link StreamPair}. */
export interface PairReadable {
  /** Locks the stream and returns its reader. */
  getReader(): PairReader;
}

/** The reader of a {@link PairReadable}. */
export interface PairReader {
  /** Settles when the stream has ended or failed. */
  readonly closed: Promise<unknown>;
  /** Returns the next chunk. */
  // deno-lint-ignore no-explicit-any
  read(): Promise<{ readonly done: boolean; readonly value?: any }>;
  /** Discards the rest of the stream. */
  cancel(reason?: unknown): Promise<unknown>;
  /** Unlocks the stream. */
  releaseLock(): void;
}

/** The writable side of a {@link StreamPair}. */
export interface PairWritable {
  /** Locks the stream and returns its writer. */
  getWriter(): PairWriter;
}

/** The writer of a {@link PairWritable}. */
export interface PairWriter {
  /** Settles when the stream has been closed or has failed. */
  readonly closed: Promise<unknown>;
  /** Settles when the stream can accept more chunks. */
  readonly ready: Promise<unknown>;
  /** Writes a chunk. */
  // deno-lint-ignore no-explicit-any
  write(chunk: any): Promise<unknown>;
  /** Ends the stream after all pending chunks. */
  close(): Promise<unknown>;
  /** Discards all pending chunks and fails the stream. */
  abort(reason?: unknown): Promise<unknown>;
  /** Unlocks the stream. */
  releaseLock(): void;
}

/** Properties of an established connection. */
export interface PairInfo {
  /** The peer's address: `127.0.0.1:80` or `[::1]:80`, or without the port if `remotePort` is given. */
  readonly remoteAddress?: string | undefined;
  /** The peer's port. */
  readonly remotePort?: number | undefined;
  /** The local address, in the same form. */
  readonly localAddress?: string | undefined;
  /** The local port. */
  readonly localPort?: number | undefined;
  /** The ALPN protocol that was negotiated, if any. */
  readonly alpn?: string | null | undefined;
}

/**
 * A pair of Web Streams of bytes: a WebTransport stream, the result of Node's `Duplex.toWeb`, the standard
 * streams of a child process, a Workers socket.
 */
export interface StreamPair {
  /** Bytes from the peer. */
  readonly readable: PairReadable;
  /** Bytes to the peer. */
  readonly writable: PairWritable;
  /** Resolves when the connection is established. The transport reads and writes nothing before that. */
  readonly opened?: Promise<PairInfo | undefined>;
  /** Settles when the connection has closed. */
  readonly closed?: Promise<unknown>;
  /** Workers: `"on"` if the socket uses TLS, `"starttls"` if it can be upgraded. */
  readonly secureTransport?: string;
  /** Workers: upgrades to TLS. This pair must not be used afterwards. */
  startTls?(options?: { expectedServerHostname?: string }): StreamPair;
  /** Closes both directions. */
  close?(): unknown;
}

/**
 * A pair of Web Streams that exists once the connection is established: a `TCPSocket` of Direct Sockets, a
 * `WebSocketStream`.
 */
export interface OpeningPair {
  /** Resolves to the streams when the connection is established. */
  readonly opened: Promise<PairInfo & Pick<StreamPair, "readable" | "writable">>;
  /** Settles when the connection has closed. */
  readonly closed?: Promise<unknown>;
  /** Closes both directions. */
  close?(): unknown;
}

/** Whether a value is a pair of Web Streams. */
export function isPair(value: unknown): value is StreamPair {
  const { readable, writable } = (value ?? {}) as Partial<StreamPair>;
  return hasMethods(readable, "getReader") && hasMethods(writable, "getWriter");
}

/** Whether a value is, or will be, a pair of Web Streams. */
export function isOpening(value: unknown): value is OpeningPair {
  return hasMethods((value as Partial<OpeningPair> | null | undefined)?.opened, "then");
}
