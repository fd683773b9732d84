import type { ByteWriter } from "../bytes/byte_writer.ts";
import { MalformedFrameError } from "../errors.ts";
import { measureBer } from "../framers/ber.ts";

/**
 * Returns the bounds of the contents of an element of BER, whose tag is one byte, at a position in a frame.
 *
 * @throws {MalformedFrameError} It is invalid, or not entirely in the frame.
 */
export function berAt(
  frame: Uint8Array,
  at: number,
): { readonly start: number; readonly end: number } {
  if ((frame[at]! & 0x1f) === 0x1f) throw new MalformedFrameError("a tag has several bytes");
  const length = measureBer({ peek: (offset = 0) => frame[at + offset] });
  const end = at + (length ?? Infinity);
  if (end > frame.length) throw new MalformedFrameError("an element ends after its frame");
  const long = frame[at + 1]!;
  return { start: at + 2 + (long < 0x80 ? 0 : long - 0x80), end };
}

/** Returns the number of bytes of a tag and the shortest length. */
export function berHeaderSize(length: number): number {
  return length < 0x80 ? 2 : 2 + longSize(length);
}

/** Writes a tag and the shortest length. */
export function writeBerHeader(tag: number, length: number, output: ByteWriter): void {
  output.writeUint(tag, 1);
  if (length < 0x80) return output.writeUint(length, 1);
  const size = longSize(length);
  output.writeUint(0x80 + size, 1);
  output.writeUint(length, size);
}

function longSize(length: number): 1 | 2 | 3 | 4 {
  return length < 0x100 ? 1 : length < 0x1_0000 ? 2 : length < 0x100_0000 ? 3 : 4;
}
