/**
 * A view that is a plain `Uint8Array` whatever class the chunk is of, so that no `Buffer` with its
 * other `slice` reaches a user.
 */
export function view(bytes: Uint8Array, start: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
}
