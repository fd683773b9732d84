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
  if (Number.isSafeInteger(maxHeaderLength) && maxHeaderLength >= 0) return maxHeaderLength;
  throw new RangeError(
    `Invalid maxHeaderLength ${maxHeaderLength}: expected a non-negative integer`,
  );
}
