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
  /** All that came of the frame, its header included. */
  readonly pending: Uint8Array;
  /** How many bytes the frame takes, header and trailer included, where that is known already. */
  readonly expected: number | undefined;

  /** Makes the error with its text and its facts. */
  constructor(
    message: string,
    options: FramingErrorOptions & {
      readonly pending: Uint8Array;
      readonly expected?: number | undefined;
    },
  ) {
    super(message, options);
    this.pending = options.pending;
    this.expected = options.expected;
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
  | "unsupported"
  | "unknown";

/** Which of the times ran out that an option limits. */
export type Timeout =
  | "connectTimeout"
  | "handshakeTimeout"
  | "idleTimeout"
  | "frameTimeout"
  | "closeTimeout";

/** What an error of the network may know besides its text. */
export interface ConnectionErrorOptions extends ErrorOptions {
  /** What went wrong. */
  readonly code: ConnectionErrorCode;
  /** Which time ran out. */
  readonly timeout?: Timeout;
  /** How many bytes had come of a frame that is not whole, its header included. */
  readonly received?: number;
  /** How many bytes that frame takes, header and trailer included, where that is known. */
  readonly expected?: number | undefined;
}

/** The network, or the other end of the connection, failed. The runtime's own error is the `cause`. */
export class ConnectionError extends Error {
  /** `"ConnectionError"`. */
  override name = "ConnectionError";
  /** What went wrong, in the same word on every runtime. */
  readonly code: ConnectionErrorCode;
  /** Which time ran out, where the code is `"timedOut"` and an option had set it. */
  readonly timeout: Timeout | undefined;
  /** How many bytes had come of the frame that was waited for, its header included, when time ran out. */
  readonly received: number | undefined;
  /** How many bytes that frame takes, header and trailer included, where that was known. */
  readonly expected: number | undefined;

  /** Makes the error with its text and its facts. */
  constructor(message: string, options: ConnectionErrorOptions) {
    super(message, options);
    this.code = options.code;
    this.timeout = options.timeout;
    this.received = options.received;
    this.expected = options.expected;
  }
}
