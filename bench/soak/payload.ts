/** What goes over the wire: whose message it is, which one, a checksum, and bytes that all three decide. */

const HEADER = 12;
const LEAST = 16;
const MOST = 4096;

/** Makes the message number `sequence` of a connection: 16 bytes to 4 KiB behind the header. */
export function makeMessage(connection: number, sequence: number): Uint8Array {
  let state = (connection * 2_654_435_761 + sequence * 40_503 + 1) >>> 0;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    return state = (state ^ (state << 5)) >>> 0;
  };
  // Short messages are the usual ones.
  const length = LEAST + Math.floor((next() / 2 ** 32) ** 3 * (MOST - LEAST));
  const message = new Uint8Array(HEADER + length);
  for (let at = HEADER; at < message.length; at++) message[at] = next() >>> 24;
  const header = new DataView(message.buffer);
  header.setUint32(0, connection);
  header.setUint32(4, sequence);
  header.setUint32(8, checksum(message));
  return message;
}

/** Reads a message's header, and refuses a message that is not as it was made. */
export function readMessage(message: Uint8Array): { connection: number; sequence: number } {
  const header = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (header.getUint32(8) !== checksum(message)) throw new Error("a checksum is wrong");
  return { connection: header.getUint32(0), sequence: header.getUint32(4) };
}

/** FNV-1a of what is behind the header. */
function checksum(message: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = HEADER; at < message.length; at++) {
    hash = Math.imul(hash ^ message[at]!, 0x01000193);
  }
  return hash >>> 0;
}
