import type { LengthPrefix } from "./length_prefix.ts";

/**
 * Rejects a value that is not a length prefix, such as `decimal` in place of `decimal(5)`.
 *
 * @throws {TypeError} The value lacks `read` or `write`.
 */
export function requirePrefix(prefix: LengthPrefix): void {
  if (typeof prefix?.read === "function" && typeof prefix.write === "function") return;
  throw new TypeError("Invalid length prefix: expected an object with the methods read and write");
}
