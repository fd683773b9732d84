/** Returns a number of bytes for an error text: `"1 byte"`, `"2 bytes"`. */
export function byteCount(count: number): string {
  return `${count} ${count === 1 ? "byte" : "bytes"}`;
}
