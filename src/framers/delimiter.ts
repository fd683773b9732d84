import { indexOf } from "../bytes/index_of.ts";
import { isBytes } from "../bytes/is_bytes.ts";

/** A delimiter of frames: bytes, or a string, which is encoded as UTF-8. */
export type Delimiter = string | Uint8Array;

const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * Returns a copy of a delimiter's bytes.
 *
 * @throws {TypeError} The delimiter is neither a string nor bytes, or it is empty.
 */
export function delimiterBytes(delimiter: Delimiter): Uint8Array {
  const bytes = typeof delimiter === "string" ? encoder.encode(delimiter) : delimiter;
  if (!isBytes(bytes) || bytes.length === 0) {
    throw new TypeError("Invalid delimiter: expected a string or bytes, at least one byte long");
  }
  return Uint8Array.from(bytes);
}

/**
 * Rejects a frame that a reader would end too early: it contains a delimiter, or the beginning of one that
 * continues in the delimiter after it, or even in the next frame.
 *
 * @param delimiters All delimiters that end a frame.
 * @param written The one that is written after this frame.
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
    throw new TypeError(`Cannot write frame: it contains the delimiter at offset ${at}`);
  }
}

/** Whether the delimiter begins at `at`, as far as the frame and the written delimiter reach. */
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
