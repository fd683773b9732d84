import { checkInteger } from "../bytes/invalid_option.ts";

/** Default maximum length of a header that ends with a delimiter, in bytes. */
const DEFAULT_LIMIT = 8192;

/**
 * Checks the option `maxHeaderLength` of a framer.
 *
 * @param maxHeaderLength Maximum header length in bytes; default 8,192.
 * @returns The limit.
 * @throws {RangeError} It is not a non-negative integer.
 */
export function headerLimit(maxHeaderLength: number = DEFAULT_LIMIT): number {
  checkInteger("maxHeaderLength", maxHeaderLength);
  return maxHeaderLength;
}
