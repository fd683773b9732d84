import { MalformedFrameError } from "../../errors.ts";

/**
 * Returns a length that was read, unless it is too large to be exact.
 *
 * @throws {MalformedFrameError} The length is over 2^53 - 1.
 */
export function safeLength(length: number): number {
  if (length <= Number.MAX_SAFE_INTEGER) return length;
  throw new MalformedFrameError("length is over 2^53 - 1");
}
