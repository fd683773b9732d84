import type { ByteReader } from "../bytes/byte_reader.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { MalformedFrameError } from "../errors.ts";

/** Maximum number of bytes of a long length. */
const MAX_LONG = 4;

/**
 * Measures an element of BER, tag and length included (X.690, section 8.1). Only tags of one byte and definite
 * lengths are permitted, as in LDAP.
 *
 * @throws {MalformedFrameError} The length is indefinite or has more than four bytes.
 */
export function measureBer(input: Pick<ByteReader, "peek">): number | undefined {
  const first = input.peek(1);
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const count = first - 0x80;
  if (count === 0) throw new MalformedFrameError("its length is indefinite");
  if (count > MAX_LONG) throw new MalformedFrameError(`its length has ${count} bytes`);
  let length = 0;
  for (let index = 0; index < count; index++) {
    const byte = input.peek(2 + index);
    if (byte === undefined) return undefined;
    length = length * 256 + byte;
  }
  return 2 + count + length;
}

/**
 * Returns the bounds of the element of BER at a position in a frame.
 *
 * @throws {MalformedFrameError} It is invalid, or not entirely in the frame.
 */
export function berAt(
  frame: Uint8Array,
  at: number,
): { readonly start: number; readonly end: number } {
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
