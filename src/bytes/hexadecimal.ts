/**
 * Returns a number in lower-case hexadecimal.
 *
 * @param value A non-negative integer.
 * @param digits Minimum number of digits: shorter numbers are padded with zeros; default 2, as for a byte.
 */
export function hexadecimal(value: number, digits = 2): string {
  return value.toString(16).padStart(digits, "0");
}
