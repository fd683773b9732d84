/**
 * What the demo sends: this project's README, whole and in pieces, and bytes of every value.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";

/** So long are large messages, unless their framing cannot carry that. */
export const LARGE: number = 3 * 1_048_576;

/** Text whose characters are bytes: what is cut out of it is bytes again, UTF-8 or not. */
const readme = readFileSync(new URL("../../README.md", import.meta.url), "latin1")
  .replaceAll("\r", "");

/** Pieces of the README: what stands between the separators, empty pieces too. */
export function pieces(separator: string | RegExp): Uint8Array[] {
  return readme.split(separator).map(bytes);
}

/** The README cut into pieces that all have the same length. */
export function slices(length: number): Uint8Array[] {
  const whole = prose(readme.length - readme.length % length);
  return Array.from({ length: whole.length / length }, (_, index) => {
    return whole.subarray(index * length, (index + 1) * length);
  });
}

/** The README once, or over and over, with spaces for what the framing cannot carry. */
export function prose(length: number = readme.length, except?: RegExp): Uint8Array {
  const text = except === undefined ? readme : readme.replace(except, " ");
  return view(Buffer.alloc(length, text, "latin1"));
}

/** Bytes of a string whose characters are bytes. */
export function bytes(text: string): Uint8Array {
  return view(Buffer.from(text, "latin1"));
}

/** Bytes of every value in no order, always the same: another stretch of them for every `start`. */
export function noise(length: number, start = 0): Uint8Array {
  return allNoise.subarray(start, start + length);
}

/** The parts in one piece. */
export function join(...parts: Uint8Array[]): Uint8Array {
  return view(Buffer.concat(parts));
}

/** Whether two messages are the same, byte by byte. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function view({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/** Marsaglia's xorshift with 32 bits. */
const allNoise = (() => {
  const words = new Uint32Array(LARGE / 2);
  let state = 2_463_534_242;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer);
})();
