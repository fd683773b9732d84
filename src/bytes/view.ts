/**
 * Returns a view that is a plain `Uint8Array`, whatever the class of `bytes`, so that no `Buffer` with its
 * different `slice` reaches a user.
 */
export function view(bytes: Uint8Array, start: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
}
