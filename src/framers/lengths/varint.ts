import { byteCount } from "../../bytes/byte_count.ts";
import { checkInteger } from "../../bytes/invalid_option.ts";
import { isLength } from "../../bytes/is_length.ts";
import { MalformedFrameError } from "../../errors.ts";
import type { LengthPrefix } from "./length_prefix.ts";
import { safeLength } from "./safe_length.ts";

/** The options of {@link varintOf}. */
export interface VarintOptions {
  /**
   * Whether a length with more bytes than it needs, such as `80 00` for 0, is malformed; default
   * `false`.
   */
  readonly minimal?: boolean;
}

/** Ten groups of seven bits hold 64 bits; some encoders pad to this width. */
const MAX_VARINT_BYTES = 10;

/**
 * Length prefix in unsigned LEB128, as in Protocol Buffers: `varintOf(10)`. See {@link varintOf} for a
 * narrower one.
 */
export const varint: LengthPrefix = /* @__PURE__ */ varintOf(MAX_VARINT_BYTES);

/**
 * Length prefix in unsigned LEB128: seven bits in each byte, least significant first, the top bit set in
 * all bytes but the last (DWARF 5, section 7.6). Lengths are written in the shortest form.
 *
 * ```text
 *   ┌───┬───────────┬───┬────────────┐
 *   │ 1 │ bits 0–6  │ 0 │ bits 7–13  │   300 is AC 02
 *   └───┴───────────┴───┴────────────┘
 * ```
 *
 * @param maxBytes Maximum number of bytes, from 1 to 10. If the last of them has its top bit set, the
 * frame is malformed as soon as this byte arrives.
 * @throws {RangeError | TypeError} `maxBytes` is not an integer from 1 to 10.
 *
 * @example MQTT's remaining length: four bytes at most, in the shortest form (MQTT 5.0, section 1.5.5)
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, lengthPrefixed, tagged, varintOf } from "@framewright/framewright";
 *
 * const body = lengthPrefixed(varintOf(4, { minimal: true }));
 * const decoder = new FrameDecoder(tagged({ 0x30: body }));
 * decoder.push(Uint8Array.of(0x30, 2, 10, 11));
 * assert.deepEqual(decoder.read(), Uint8Array.of(0x30, 2, 10, 11));
 * decoder.push(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff));
 * assert.throws(() => decoder.read(), /varint has more than 4 bytes/);
 * ```
 */
export function varintOf(maxBytes: number, options: VarintOptions = {}): LengthPrefix {
  const { minimal = false } = options;
  checkInteger("maxBytes", maxBytes, 1, MAX_VARINT_BYTES);
  const tooLong = 128 ** maxBytes;
  return {
    read(input) {
      let length = 0;
      let unit = 1;
      for (let index = 0; index < maxBytes; index++) {
        const byte = input.peek(index);
        if (byte === undefined) return undefined;
        length += (byte & 0x7f) * unit;
        if (byte < 0x80) {
          if (minimal && byte === 0 && index > 0) {
            throw new MalformedFrameError("varint has more bytes than it needs");
          }
          input.skip(index + 1);
          return safeLength(length);
        }
        unit *= 128;
      }
      throw new MalformedFrameError(
        `varint has more than ${byteCount(maxBytes)}`,
      );
    },
    write(length, output) {
      if (!(isLength(length) && length < tooLong)) {
        throw new RangeError(
          `Cannot write ${length} in ${byteCount(maxBytes)}`,
        );
      }
      let rest = length;
      while (rest >= 0x80) {
        output.writeUint(rest % 128 + 0x80, 1);
        rest = Math.floor(rest / 128);
      }
      output.writeUint(rest, 1);
    },
  };
}
