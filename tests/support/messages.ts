import { Buffer } from "node:buffer";

/** Returns a message of its number and fewer than `limit` bytes that are derived from it. */
export function message(number: number, limit: number = 4096): Uint8Array {
  let state = (number + 1) * 2_654_435_761 >>> 0;
  const bytes = new Uint8Array(4 + state % limit);
  new DataView(bytes.buffer).setUint32(0, number);
  for (let at = 4; at < bytes.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state;
  }
  return bytes;
}

/** Returns whether two messages have the same bytes. */
export function same(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0;
}
