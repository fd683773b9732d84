/**
 * Whose fault an error is decides its class: yours is a `TypeError` or a `RangeError`, the peer's a
 * {@link FramingError} or a {@link CodecError}, the network's a {@link ConnectionError}.
 *
 * @module
 */

/** What an error about the stream may know besides its text. */
export interface FramingErrorOptions extends ErrorOptions {
  /** Where in the stream the frame begins, its header included, in bytes. */
  readonly offset?: number;
}

/**
 * The stream does not hold what its framing says. The bounds of all later frames are lost with this
 * one, so a decoder that has thrown such an error throws it again for ever.
 */
export class FramingError extends Error {
  /** `"FramingError"`. */
  override name = "FramingError";
  /** Where in the stream the frame begins that could not be read, its header included, in bytes. */
  readonly offset: number;

  /** Makes the error. A framer gives the reason alone as the message: the decoder adds the place. */
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
   * The length the frame was announced with. A frame whose end was still being looked for has none:
   * then it is `limit + 1`, the least that the frame can have.
   */
  readonly length: number;
  /** The most that was allowed, in bytes. */
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
 * The bytes cannot be a frame: a length with a sign, a mark that is missing, a type nobody knows.
 * Framers throw it with the reason alone; the decoder adds where it happened.
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

/** One frame could not be made a message. The frame is taken, and the next one can be read. */
export class CodecError extends Error {
  /** `"CodecError"`. */
  override name = "CodecError";
  /** The frame as it was framed. */
  readonly frame: Uint8Array;

  /** Makes the error with its text and its facts. */
  constructor(message: string, options: ErrorOptions & { readonly frame: Uint8Array }) {
    super(message, options);
    this.frame = options.frame;
  }
}

/**
 * What went wrong with a connection, in the same words on every runtime.
 *
 * | code | meaning |
 * |---|---|
 * | `refused` | nobody listens there |
 * | `reset` | the peer has dropped the connection, or was gone when something was sent |
 * | `timedOut` | no answer in time |
 * | `notFound` | the host name is not known |
 * | `unreachable` | no way leads there |
 * | `addressInUse` | somebody else listens there already |
 * | `addressNotAvailable` | the address is none of this machine's |
 * | `permissionDenied` | the system, or the runtime's permissions, forbid it |
 * | `aborted` | this side gave up: `abort()`, or the signal of `connect` |
 * | `closed` | this side has closed the connection, or its sending half, already; of a request: no reply can come any more |
 * | `certificate` | a certificate is not in order: the peer's, or this side's in the peer's eyes |
 * | `tls` | TLS failed for another reason: the peer does not speak it, or not as was demanded |
 * | `truncated` | TLS ended without the peer's goodbye (`close_notify`): bytes may be missing |
 * | `tooManyFiles` | the process or the system has no file descriptor left |
 * | `unsupported` | the runtime cannot do that |
 * | `unknown` | anything else: `cause` tells |
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
