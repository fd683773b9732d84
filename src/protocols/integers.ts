import type { ByteWriter } from "../bytes/byte_writer.ts";

/** Returns an unsigned integer, most significant byte first. */
export function uint(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = 0; index < size; index++) value = value * 256 + bytes[at + index]!;
  return value;
}

/** Returns an unsigned integer, least significant byte first. */
export function uintLE(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = size - 1; index >= 0; index--) value = value * 256 + bytes[at + index]!;
  return value;
}

/** Returns the signed 16-bit integer with the bits of an unsigned one. */
export function int16(value: number): number {
  return value << 16 >> 16;
}

/** Returns the signed 32-bit integer with the bits of an unsigned one. */
export function int32(value: number): number {
  return value | 0;
}

/**
 * Writes a signed integer in two's complement.
 *
 * @throws {RangeError} The value is not an integer, or does not fit in `size` bytes.
 */
export function writeInt(
  output: ByteWriter,
  value: number,
  size: 2 | 4,
  littleEndian?: boolean,
): void {
  const half = 256 ** size / 2;
  if (value >= half) throw new RangeError(`Cannot write ${value} as a signed integer`);
  output.writeUint(value < 0 && value >= -half ? value + 2 * half : value, size, littleEndian);
}
