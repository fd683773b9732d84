/**
 * The class of an error shows who is at fault: the caller (`TypeError`, `RangeError`), the peer
 * ({@link FramingError}, {@link CodecError}), or the network ({@link ConnectionError}).
 *
 * @module
 */

/** The fields of a {@link FramingError}, besides its message. */
export interface FramingErrorOptions extends ErrorOptions {
  /** Position in the stream of the frame's first byte, which is the first byte of its header. */
  readonly offset?: number;
}

/**
 * The stream does not match its framing. Where later frames begin is unknown, so the decoder
 * rethrows this error on every later call.
 */
export class FramingError extends Error {
  /** `"FramingError"`. */
  override name = "FramingError";
  /** Position in the stream of the first byte of the frame that cannot be read, including its header. */
  readonly offset: number;

  /** Creates the error. Framers pass only the reason as the message; the decoder adds the position. */
  constructor(message: string, options: FramingErrorOptions = {}) {
    super(message, options);
    this.offset = options.offset ?? 0;
  }
}

/** A frame is longer than `maxFrameLength` allows. */
export class FrameTooLargeError extends FramingError {
  /** `"FrameTooLargeError"`. */
  override name = "FrameTooLargeError";
  /**
   * Announced length of the frame in bytes; `limit + 1`, the minimum length of the frame, if its end was
   * still being searched for.
   */
  readonly length: number;
  /** Maximum length in bytes. */
  readonly limit: number;

  /** Creates the error. */
  constructor(
    message: string,
    options: FramingErrorOptions & { readonly length: number; readonly limit: number },
  ) {
    super(message, options);
    this.length = options.length;
    this.limit = options.limit;
  }
}

/** The stream ended inside a frame. */
export class TruncatedFrameError extends FramingError {
  /** `"TruncatedFrameError"`. */
  override name = "TruncatedFrameError";
  /** Received bytes of the frame, including its header. Empty for a frame that was being skipped. */
  readonly partial: Uint8Array;
  /** Length of the whole frame in bytes, including header and trailer, if known. */
  readonly expectedLength: number | undefined;

  /** Creates the error. */
  constructor(
    message: string,
    options: FramingErrorOptions & {
      readonly partial: Uint8Array;
      readonly expectedLength?: number | undefined;
    },
  ) {
    super(message, options);
    this.partial = options.partial;
    this.expectedLength = options.expectedLength;
  }
}

/**
 * The bytes cannot be a frame: a length with a sign, a missing mark, an unknown type. Framers throw it with
 * the reason only; the decoder adds the position.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, MalformedFrameError, netstring } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: netstring() });
 * decoder.push(new TextEncoder().encode("-5:hello,"));
 * assert.throws(() => decoder.read(), MalformedFrameError);
 * ```
 */
export class MalformedFrameError extends FramingError {
  /** `"MalformedFrameError"`. */
  override name = "MalformedFrameError";
}

/** One frame cannot be decoded. It has been consumed, and the next one can be read. */
export class CodecError extends Error {
  /** `"CodecError"`. */
  override name = "CodecError";
  /** The frame that cannot be decoded. */
  readonly frame: Uint8Array;

  /** Creates the error. */
  constructor(message: string, options: ErrorOptions & { readonly frame: Uint8Array }) {
    super(message, options);
    this.frame = options.frame;
  }
}

/**
 * The cause of a {@link ConnectionError}, identical on every runtime.
 *
 * | code | meaning |
 * |---|---|
 * | `refused` | nothing listens at the address |
 * | `reset` | the peer has reset the connection, or was gone when something was sent |
 * | `timedOut` | a time limit expired |
 * | `notFound` | the host name, the path or the program does not exist |
 * | `unreachable` | there is no route to the host |
 * | `addressInUse` | the address is already in use, for example by another program |
 * | `addressNotAvailable` | the address does not belong to this machine |
 * | `permissionDenied` | the system, or the permissions of the runtime, forbid it |
 * | `aborted` | this side has aborted, by `abort()` or the signal of `connect` |
 * | `closed` | this side has closed the connection or its sending half; for a request: no reply can arrive anymore |
 * | `certificate` | a certificate is invalid: the peer's, or this side's in the peer's view |
 * | `tls` | TLS failed for another reason, for example because the peer does not speak it |
 * | `truncated` | TLS ended without close_notify: bytes may be missing |
 * | `tooManyFiles` | the process or the system has run out of file descriptors |
 * | `unsupported` | not supported by the runtime |
 * | `unknown` | anything else: see `cause` |
 */
export type ConnectionErrorCode =
  | "refused"
  | "reset"
  | "timedOut"
  | "notFound"
  | "unreachable"
  | "addressInUse"
  | "addressNotAvailable"
  | "permissionDenied"
  | "aborted"
  | "closed"
  | "certificate"
  | "tls"
  | "truncated"
  | "tooManyFiles"
  | "unsupported"
  | "unknown";

/** The option whose time limit expired. */
export type TimeoutOption =
  | "connectTimeout"
  | "handshakeTimeout"
  | "idleTimeout"
  | "frameTimeout"
  | "sendTimeout"
  | "closeTimeout";

/** The fields of a {@link ConnectionError}, besides its message. */
export interface ConnectionErrorOptions extends ErrorOptions {
  /** The cause. */
  readonly code: ConnectionErrorCode;
  /** Option whose time limit expired. */
  readonly timeout?: TimeoutOption | undefined;
  /** Number of bytes received of an unfinished frame, including its header. */
  readonly received?: number | undefined;
  /** Length of that frame in bytes, including header and trailer, if known. */
  readonly expected?: number | undefined;
  /** Bytes received of an unfinished message. */
  readonly partial?: Uint8Array | undefined;
}

/**
 * The network or the other end of the connection failed. The runtime's own error is the `cause`.
 *
 * All fields except `code` are own properties only if they apply.
 */
export class ConnectionError extends Error {
  /** `"ConnectionError"`. */
  override name = "ConnectionError";
  /** The cause, identical on every runtime. */
  readonly code: ConnectionErrorCode;
  /** Option whose time limit expired, if the code is `"timedOut"` and an option set the limit. */
  declare readonly timeout?: TimeoutOption;
  /** Number of bytes received of an unfinished frame, including its header, when the time limit expired. */
  declare readonly received?: number;
  /** Length of that frame in bytes, including header and trailer, if known. */
  declare readonly expected?: number;
  /** Bytes received of an unfinished message when the connection failed. */
  declare readonly partial?: Uint8Array;

  /** Creates the error. */
  constructor(message: string, options: ConnectionErrorOptions) {
    super(message, options);
    this.code = options.code;
    if (options.timeout !== undefined) this.timeout = options.timeout;
    if (options.received !== undefined) this.received = options.received;
    if (options.expected !== undefined) this.expected = options.expected;
    if (options.partial !== undefined) this.partial = options.partial;
  }
}
