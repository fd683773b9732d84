import type { LengthPrefix } from "./length_prefix.ts";
import { safeLength } from "./safe_length.ts";

/** Length prefix of one byte: lengths up to 255. */
export const uint8: LengthPrefix = /* @__PURE__ */ uint(1);
/** Length prefix of two bytes, most significant first: lengths up to 65,535. */
export const uint16: LengthPrefix = /* @__PURE__ */ uint(2);
/** Length prefix of three bytes, most significant first: lengths up to 16,777,215. */
export const uint24: LengthPrefix = /* @__PURE__ */ uint(3);
/** Length prefix of four bytes, most significant first: lengths up to 4,294,967,295. */
export const uint32: LengthPrefix = /* @__PURE__ */ uint(4);
/** Length prefix of six bytes, most significant first: lengths up to 2^48 - 1. */
export const uint48: LengthPrefix = /* @__PURE__ */ uint(6);
/** Length prefix of eight bytes, most significant first: lengths up to 2^53 - 1; larger ones are malformed. */
export const uint64: LengthPrefix = /* @__PURE__ */ uint64Of(false);
/** Length prefix of two bytes, least significant first: lengths up to 65,535. */
export const uint16LE: LengthPrefix = /* @__PURE__ */ uint(2, true);
/** Length prefix of three bytes, least significant first: lengths up to 16,777,215. */
export const uint24LE: LengthPrefix = /* @__PURE__ */ uint(3, true);
/** Length prefix of four bytes, least significant first: lengths up to 4,294,967,295. */
export const uint32LE: LengthPrefix = /* @__PURE__ */ uint(4, true);
/** Length prefix of six bytes, least significant first: lengths up to 2^48 - 1. */
export const uint48LE: LengthPrefix = /* @__PURE__ */ uint(6, true);
/** Length prefix of eight bytes, least significant first: lengths up to 2^53 - 1; larger ones are malformed. */
export const uint64LE: LengthPrefix = /* @__PURE__ */ uint64Of(true);

function uint(size: 1 | 2 | 3 | 4 | 6, littleEndian = false): LengthPrefix {
  return {
    read: (input) => input.readUint(size, littleEndian),
    write: (length, output) => output.writeUint(length, size, littleEndian),
  };
}

function uint64Of(littleEndian: boolean): LengthPrefix {
  return {
    read(input) {
      if (input.length < 8) return undefined;
      const first = input.readUint(4, littleEndian)!;
      const second = input.readUint(4, littleEndian)!;
      return safeLength(littleEndian ? second * 2 ** 32 + first : first * 2 ** 32 + second);
    },
    write: (length, output) => output.writeUint(length, 8, littleEndian),
  };
}
