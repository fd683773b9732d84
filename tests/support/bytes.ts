/** Converts each character to one byte: `"\xff"` to 255. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Converts each byte to one character, the inverse of `bytes`. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Parses hexadecimal bytes: `hex("15 03 03 00")`. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.split(" "), (byte) => parseInt(byte, 16));
}

/** Returns `length` bytes that count up: 0, 1, 2, … 250, 0, … */
export function numbered(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

/** Cuts a stream into chunks of at most `size` bytes. */
export function chunksOf(stream: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += size) chunks.push(stream.slice(at, at + size));
  return chunks;
}
