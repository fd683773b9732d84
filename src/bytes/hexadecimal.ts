/**
 * Returns a number in lower-case hexadecimal.
 *
 * @param value A non-negative integer.
 * @param digits Minimum number of digits, filled up with zeros; default 2, as for a byte.
 */
export function hexadecimal(value: number, digits = 2): string {
  return value.toString(16).padStart(digits, "0");
}
