import { concat } from "../bytes/concat.ts";
import { indexOf } from "../bytes/index_of.ts";

/** What marks a bound of a frame: bytes, or a string for its UTF-8. */
export type Delimiter = string | Uint8Array;

const encoder = new TextEncoder();

/**
 * The bytes of a delimiter, a copy.
 *
 * @throws {TypeError} It is neither a string nor bytes, or it is empty.
 */
export function delimiterBytes(delimiter: Delimiter): Uint8Array {
  const bytes = typeof delimiter === "string" ? encoder.encode(delimiter) : delimiter;
  if (!ArrayBuffer.isView(bytes) || bytes.BYTES_PER_ELEMENT !== 1 || bytes.length === 0) {
    throw new TypeError("Cannot delimit frames: a delimiter is a string or bytes, at least one");
  }
  return Uint8Array.from(bytes);
}

/**
 * Refuses a frame that a reader would end before the delimiter written behind it: one that holds a
 * delimiter, or ends so that one begins in it.
 *
 * @param delimiters All that end a frame.
 * @param written The one that is written behind this frame.
 * @throws {TypeError} A delimiter begins inside the frame.
 */
export function refuseDelimiter(
  frame: Uint8Array,
  delimiters: readonly Uint8Array[],
  written: Uint8Array,
): void {
  for (const delimiter of delimiters) {
    let at = indexOf(frame, delimiter);
    if (at < 0 && delimiter.length > 1) {
      const tail = frame.subarray(Math.max(0, frame.length - delimiter.length + 1));
      at = indexOf(concat([tail, written]), delimiter);
      if (at >= tail.length) at = -1;
      else if (at >= 0) at += frame.length - tail.length;
    }
    if (at >= 0) throw new TypeError(`Cannot write frame: its delimiter begins in it at ${at}`);
  }
}
