/**
 * The class of an error tells its cause: the caller (`TypeError`, `RangeError`), the peer
 * ({@link FramingError}, {@link CodecError}), or the network ({@link ConnectionError}).
 *
 * @module
 */

/** The facts of a {@link FramingError} besides its text. */
export interface FramingErrorOptions extends ErrorOptions {
  /** Position of the frame's first byte in the stream; the header belongs to the frame. */
  readonly offset?: number;
}

/**
 * The stream does not match its framing. The bounds of all later frames are lost, so the decoder rethrows
 * this error on every later call.
 */
export class FramingError extends Error {
  /** `"FramingError"`. */
  override name = "FramingError";
  /** Position in the stream of the first byte of the frame that cannot be read; its header belongs to it. */
  readonly offset: number;

  /** Makes the error. A framer gives only the reason as the message; the decoder adds the position. */
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
   * Announced length of the frame in bytes. A frame whose end was still being searched for has none: then
   * it is `limit + 1`, the minimum length of the frame.
   */
  readonly length: number;
  /** Maximum length in bytes. */
  readonly limit: number;

  /** Makes the error with its text and its facts. */
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
  /** Length of the whole frame in bytes, including header and trailer, where it is known. */
  readonly expectedLength: number | undefined;

  /** Makes the error with its text and its facts. */
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

  /** Makes the error with its text and its facts. */
  constructor(message: string, options: ErrorOptions & { readonly frame: Uint8Array }) {
    super(message, options);
    this.frame = options.frame;
  }
}

/**
 * What went wrong with a connection, the same code on every runtime.
 *
 * | code | meaning |
 * |---|---|
 * | `refused` | nothing listens there |
 * | `reset` | the peer has reset the connection, or had gone when something was sent |
 * | `timedOut` | a time limit expired |
 * | `notFound` | the host name is unknown |
 * | `unreachable` | there is no route to the host |
 * | `addressInUse` | another program listens there already |
 * | `addressNotAvailable` | the address does not belong to this machine |
 * | `permissionDenied` | the system or the runtime's permissions forbid it |
 * | `aborted` | this side has aborted: `abort()`, or the signal of `connect` |
 * | `closed` | this side has closed the connection or its sending half; of a request: no reply can come anymore |
 * | `certificate` | a certificate is invalid: the peer's, or this side's in the peer's view |
 * | `tls` | TLS failed for another reason, for example because the peer does not speak it |
 * | `truncated` | TLS ended without close_notify: bytes may be missing |
 * | `tooManyFiles` | the process or the system has no file descriptor left |
 * | `unsupported` | the runtime cannot do that |
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

/** The facts of a {@link ConnectionError} besides its text. */
export interface ConnectionErrorOptions extends ErrorOptions {
  /** What went wrong. */
  readonly code: ConnectionErrorCode;
  /** Option whose time limit expired. */
  readonly timeout?: TimeoutOption | undefined;
  /** Number of bytes received of an unfinished frame, including its header. */
  readonly received?: number | undefined;
  /** Length of that frame in bytes, including header and trailer, where it is known. */
  readonly expected?: number | undefined;
  /** Bytes received of an unfinished message. */
  readonly partial?: Uint8Array | undefined;
}

/**
 * The network or the other end of the connection failed. The runtime's own error is the `cause`.
 *
 * The fields besides `code` are own properties only where they apply.
 */
export class ConnectionError extends Error {
  /** `"ConnectionError"`. */
  override name = "ConnectionError";
  /** What went wrong, the same code on every runtime. */
  readonly code: ConnectionErrorCode;
  /** Option whose time limit expired, where the code is `"timedOut"` and an option set the limit. */
  declare readonly timeout?: TimeoutOption;
  /** Number of bytes received of an unfinished frame, including its header, when the time limit expired. */
  declare readonly received?: number;
  /** Length of that frame in bytes, including header and trailer, where it was known. */
  declare readonly expected?: number;
  /** Bytes received of an unfinished message when the connection failed. */
  declare readonly partial?: Uint8Array;

  /** Makes the error with its text and its facts. */
  constructor(message: string, options: ConnectionErrorOptions) {
    super(message, options);
    this.code = options.code;
    if (options.timeout !== undefined) this.timeout = options.timeout;
    if (options.received !== undefined) this.received = options.received;
    if (options.expected !== undefined) this.expected = options.expected;
    if (options.partial !== undefined) this.partial = options.partial;
  }
}
