import { Buffer } from "node:buffer";

/** A message by its number: the number, then bytes that follow from it, up to 4 KiB or so many. */
export function message(number: number, most: number = 4096): Uint8Array {
  let state = (number + 1) * 2_654_435_761 >>> 0;
  const bytes = new Uint8Array(4 + state % most);
  new DataView(bytes.buffer).setUint32(0, number);
  for (let at = 4; at < bytes.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state;
  }
  return bytes;
}

/** Whether two messages are the same, byte by byte. */
export function same(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0;
}
