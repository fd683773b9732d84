import { indexOf } from "../bytes/index_of.ts";
import { isBytes } from "../bytes/is_bytes.ts";

/** What marks a bound of a frame: bytes, or a string for its UTF-8. */
export type Delimiter = string | Uint8Array;

const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * The bytes of a delimiter, a copy.
 *
 * @throws {TypeError} It is neither a string nor bytes, or it is empty.
 */
export function delimiterBytes(delimiter: Delimiter): Uint8Array {
  const bytes = typeof delimiter === "string" ? encoder.encode(delimiter) : delimiter;
  if (!isBytes(bytes) || bytes.length === 0) {
    throw new TypeError("Cannot delimit frames: a delimiter is a string or bytes, at least one");
  }
  return Uint8Array.from(bytes);
}

/**
 * Refuses a frame that a reader would end before the delimiter written behind it: one that holds a
 * delimiter, or ends so that one begins in it and goes on behind it, perhaps up into the next frame.
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
    if (at < 0) at = Math.max(0, frame.length - delimiter.length + 1);
    while (at < frame.length && !beginsAt(delimiter, frame, at, written)) at++;
    if (at === frame.length) continue;
    throw new TypeError(`Cannot write frame: its delimiter begins in it at ${at}`);
  }
}

/** The delimiter stands at `at`, or as much of it as frame and written delimiter have room for. */
function beginsAt(
  delimiter: Uint8Array,
  frame: Uint8Array,
  at: number,
  written: Uint8Array,
): boolean {
  const count = Math.min(delimiter.length, frame.length + written.length - at);
  for (let index = 0; index < count; index++) {
    const byte = at + index < frame.length ? frame[at + index] : written[at + index - frame.length];
    if (byte !== delimiter[index]) return false;
  }
  return true;
}
