import { type InvalidFrameHandler, lengthLimit } from "../protocol.ts";
import { duration } from "./options/duration.ts";
import { refuseForeignOptions } from "./options/foreign_options.ts";
import { checkType, invalidOption, limit } from "../bytes/invalid_option.ts";
import type { Tap } from "../taps/tap.ts";

/** Limits and observers of a connection. Times are in milliseconds; `Infinity` means no limit. */
export interface ConnectionOptions {
  /**
   * Ends the connection if no byte passes in either direction for this long while a call waits to receive;
   * default `Infinity`, since long silence is legitimate in many protocols.
   */
  readonly idleTimeout?: number;
  /**
   * Ends the connection if the last byte of a frame has not arrived this long after its first, while a
   * call waits to receive; default `Infinity`, in `serve` 30,000. Of a frame received as a stream it limits the
   * header, and then the time in which no byte of the body arrives. Protects against slowloris-style peers.
   */
  readonly frameTimeout?: number;
  /**
   * Ends the connection if the system accepts no byte of pending messages for this long; default
   * `Infinity`, in `serve` 60,000. Protects against peers that never read, even if they send.
   */
  readonly sendTimeout?: number;
  /**
   * Ends the connection if a TLS handshake, begun by `startTls` or by a listener with `tls`, is not complete
   * after this time; default 10,000. Of `connect` with `tls` the limit is `connectTimeout`.
   */
  readonly handshakeTimeout?: number;
  /**
   * How long `close` waits without progress: first on pending messages (default 30,000), then on input up to
   * the peer's end (default 5,000; always at most 30,000 in total).
   */
  readonly closeTimeout?: number;
  /**
   * Buffer limit in bytes for each direction; default 65,536. While more is pending, `send` asks to wait;
   * while more is unread, the peer is stopped.
   */
  readonly highWaterMark?: number;
  /** Maximum length in bytes of a frame received or sent as a stream; default `Infinity`: it is not buffered. */
  readonly maxBodyLength?: number;
  /** Called with errors that leave the frame boundary known; receiving continues with the next frame. */
  readonly onInvalid?: InvalidFrameHandler;
  /** Observes the connection. */
  readonly tap?: Tap;
}

/** The limits of a connection in their resolved form, with all defaults. */
export interface Limits {
  readonly idleTimeout: number;
  readonly frameTimeout: number;
  readonly sendTimeout: number;
  readonly handshakeTimeout: number;
  /** The default depends on what `close` waits for. */
  readonly closeTimeout: number | undefined;
  readonly highWaterMark: number;
  readonly maxBodyLength: number;
}

const HIGH_WATER_MARK = 65_536;
const HANDSHAKE_TIMEOUT = 10_000;

/**
 * Checks and resolves the options of a connection.
 *
 * @throws {TypeError} An option has the wrong type, or a name from another library.
 * @throws {RangeError} A limit is out of range.
 */
export function limitsOf(options: ConnectionOptions): Limits {
  refuseForeignOptions(options);
  const { highWaterMark = HIGH_WATER_MARK, handshakeTimeout = HANDSHAKE_TIMEOUT } = options;
  const { closeTimeout, maxBodyLength = Infinity, onInvalid, tap } = options;
  checkType("onInvalid", onInvalid, "a function");
  if (tap !== undefined && (typeof tap !== "object" || tap === null)) {
    throw invalidOption("tap", tap, "an object");
  }
  return {
    idleTimeout: duration("idleTimeout", options.idleTimeout),
    frameTimeout: duration("frameTimeout", options.frameTimeout),
    sendTimeout: duration("sendTimeout", options.sendTimeout),
    handshakeTimeout: duration("handshakeTimeout", handshakeTimeout),
    closeTimeout: closeTimeout === undefined ? undefined : duration("closeTimeout", closeTimeout),
    highWaterMark: limit("highWaterMark", highWaterMark),
    maxBodyLength: lengthLimit("maxBodyLength", maxBodyLength),
  };
}
