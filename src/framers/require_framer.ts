import type { Framer } from "./framer.ts";

/**
 * Rejects a value that is not a framer, such as `lines` in place of `lines()`.
 *
 * @param message Text of the error.
 * @throws {TypeError} The value lacks `measure` or `write`.
 */
export function requireFramer(
  framer: Framer,
  message = "Invalid framer: expected an object with measure and write",
): void {
  if (typeof framer?.measure === "function" && typeof framer.write === "function") return;
  throw new TypeError(message);
}
