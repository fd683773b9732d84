import type { ByteReader } from "../../bytes/byte_reader.ts";
import type { ByteWriter } from "../../bytes/byte_writer.ts";

/**
 * A format of the length before a frame. Ready-made ones are {@link uint8} to {@link uint64LE},
 * {@link varint}, {@link varintOf}, {@link decimal}, {@link decimalUntil} and {@link hex};
 * {@link inclusive} makes one count itself.
 *
 * @example A length prefix of your own: one byte that counts words of four bytes
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, lengthPrefixed, type LengthPrefix } from "@framewright/framewright";
 *
 * const words: LengthPrefix = {
 *   read(input) {
 *     const count = input.readUint(1);
 *     return count === undefined ? undefined : count * 4;
 *   },
 *   write(length, output) {
 *     if (length % 4 !== 0) throw new RangeError("Cannot write half a word");
 *     output.writeUint(length / 4, 1);
 *   },
 * };
 * const decoder = new FrameDecoder(lengthPrefixed(words));
 * decoder.push(Uint8Array.of(1, 10, 11, 12, 13));
 * assert.deepEqual(decoder.read(), Uint8Array.of(10, 11, 12, 13));
 * ```
 */
export interface LengthPrefix {
  /**
   * Reads the length and moves the cursor past it.
   *
   * @returns The length in bytes; `undefined`, with the cursor unmoved, if the prefix is not complete.
   * @throws {MalformedFrameError} The bytes are not a valid length.
   */
  read(input: ByteReader): number | undefined;

  /**
   * Writes a length.
   *
   * @param length The length in bytes.
   * @throws {RangeError} The length does not fit.
   */
  write(length: number, output: ByteWriter): void;
}
