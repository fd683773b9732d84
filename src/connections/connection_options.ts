import { duration } from "./duration.ts";
import type { Tap } from "./tap.ts";

/** How a connection waits, and how much. */
export interface ConnectionOptions {
  /**
   * Ends the connection when nothing has arrived for so long while somebody waited to receive, in
   * milliseconds; default `Infinity`.
   */
  readonly idleTimeout?: number;
  /**
   * Ends the connection when a frame's last byte has not come so long after its first, while somebody
   * waited to receive, in milliseconds; default `Infinity`. It stops a peer who dribbles.
   */
  readonly frameTimeout?: number;
  /**
   * How long `close` bears a peer who takes nothing of what is pending, or sends nothing, not even its
   * end, in milliseconds; default 30,000 for the first, 5,000 for the second.
   */
  readonly closeTimeout?: number;
  /**
   * How many bytes may wait: `send` asks to wait above it, and the peer is stopped when so many bytes
   * are unread; default 65,536.
   */
  readonly highWaterMark?: number;
  /** Is shown all that happens on the connection. */
  readonly tap?: Tap;
}

/** The options with their defaults. */
export interface Limits {
  readonly idleTimeout: number;
  readonly frameTimeout: number;
  readonly closeTimeout: number | undefined;
  readonly highWaterMark: number;
}

/**
 * The limits that the options set.
 *
 * @throws {RangeError} One of them is none.
 */
export function limitsOf(options: ConnectionOptions): Limits {
  const { highWaterMark = 65_536, closeTimeout } = options;
  if (!(highWaterMark > 0)) {
    throw new RangeError(
      `Cannot let ${highWaterMark} bytes wait: highWaterMark is a number above 0`,
    );
  }
  return {
    idleTimeout: duration("idleTimeout", options.idleTimeout),
    frameTimeout: duration("frameTimeout", options.frameTimeout),
    closeTimeout: closeTimeout === undefined ? undefined : duration("closeTimeout", closeTimeout),
    highWaterMark,
  };
}
