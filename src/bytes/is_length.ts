/** Whether a number is a number of bytes: a non-negative integer that has not been rounded. */
export function isLength(value: number): boolean {
  return value >= 0 && Number.isSafeInteger(value);
}
