import type { ByteReader } from "../bytes/byte_reader.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { MalformedFrameError } from "../errors.ts";
import { type Delimiter, delimiterBytes } from "./delimiter.ts";

/**
 * A length as it stands in front of a frame. The ready ones are {@link uint8} to {@link uint64LE},
 * {@link varint}, {@link decimal}, {@link decimalUntil} and {@link hex}; {@link inclusive} makes one
 * count itself.
 */
export interface LengthPrefix {
  /**
   * Reads the length, with `readUint` or `look`.
   *
   * @returns The length in bytes; `undefined` while the prefix has not arrived whole.
   * @throws {MalformedFrameError} The bytes are no length.
   */
  read(input: ByteReader): number | undefined;

  /**
   * Writes a length.
   *
   * @throws {RangeError} It does not fit.
   */
  write(length: number, output: ByteWriter): void;
}

/** One byte: lengths up to 255. */
export const uint8: LengthPrefix = /* @__PURE__ */ uint(1);
/** Two bytes, most significant first: lengths up to 65,535. */
export const uint16: LengthPrefix = /* @__PURE__ */ uint(2);
/** Three bytes, most significant first: lengths up to 16,777,215. */
export const uint24: LengthPrefix = /* @__PURE__ */ uint(3);
/** Four bytes, most significant first: lengths up to 4,294,967,295. */
export const uint32: LengthPrefix = /* @__PURE__ */ uint(4);
/** Six bytes, most significant first: lengths up to 2^48 - 1. */
export const uint48: LengthPrefix = /* @__PURE__ */ uint(6);
/** Eight bytes, most significant first: lengths up to 2^53 - 1; more is malformed. */
export const uint64: LengthPrefix = /* @__PURE__ */ uint64Of(false);
/** Two bytes, least significant first: lengths up to 65,535. */
export const uint16LE: LengthPrefix = /* @__PURE__ */ uint(2, true);
/** Three bytes, least significant first: lengths up to 16,777,215. */
export const uint24LE: LengthPrefix = /* @__PURE__ */ uint(3, true);
/** Four bytes, least significant first: lengths up to 4,294,967,295. */
export const uint32LE: LengthPrefix = /* @__PURE__ */ uint(4, true);
/** Six bytes, least significant first: lengths up to 2^48 - 1. */
export const uint48LE: LengthPrefix = /* @__PURE__ */ uint(6, true);
/** Eight bytes, least significant first: lengths up to 2^53 - 1; more is malformed. */
export const uint64LE: LengthPrefix = /* @__PURE__ */ uint64Of(true);

/** Ten groups of seven bits are what 64 bits take, and what others write who pad. */
const MOST_VARINT_BYTES = 10;

/**
 * Unsigned LEB128: seven bits a byte, least significant first, the top bit set on all bytes but the
 * last (DWARF 5, section 7.6; Protocol Buffers' varint). Written as short as can be; read with up to
 * ten bytes.
 */
export const varint: LengthPrefix = {
  read(input) {
    let length = 0;
    let unit = 1;
    for (let index = 0; index < MOST_VARINT_BYTES; index++) {
      const byte = input.readUint(1);
      if (byte === undefined) return undefined;
      length += (byte & 0x7f) * unit;
      if (byte < 0x80) return safe(length);
      unit *= 128;
    }
    throw new MalformedFrameError(`varint has more than ${MOST_VARINT_BYTES} bytes`);
  },
  write(length, output) {
    let rest = length;
    while (rest >= 0x80) {
      output.writeUint(rest % 128 + 0x80, 1);
      rest = Math.floor(rest / 128);
    }
    output.writeUint(rest, 1);
  },
};

/** 2^53 - 1 has so many decimal digits. */
const MOST_DECIMAL_DIGITS = 16;

/**
 * A fixed number of ASCII digits, such as `00042`: no sign and no space.
 *
 * @param digits How many, from 1 to 16.
 * @throws {RangeError} `digits` is out of its range.
 */
export function decimal(digits: number): LengthPrefix {
  return digitsOf(10, digits, MOST_DECIMAL_DIGITS);
}

/**
 * A fixed number of hexadecimal ASCII digits, such as `002a`, read in either case and written in lower.
 *
 * @param digits How many, from 1 to 14.
 * @throws {RangeError} `digits` is out of its range.
 */
export function hex(digits: number): LengthPrefix {
  return digitsOf(16, digits, 14);
}

/**
 * ASCII digits, at most 16, and then a mark: `decimalUntil(" ")` is the octet count of syslog (RFC
 * 6587), `decimalUntil("#")` that of json-socket.
 *
 * @param mark What stands behind the digits: a string or bytes that begin with no digit.
 * @throws {TypeError} The mark is empty, or begins with a digit.
 */
export function decimalUntil(mark: Delimiter): LengthPrefix {
  const end = delimiterBytes(mark);
  if (digitValue(end[0]!) < 10) {
    throw new TypeError("Cannot end a decimal length: its mark begins with a digit");
  }
  return {
    read(input) {
      let length = 0;
      let digits = 0;
      let matched = 0;
      while (matched < end.length) {
        const byte = input.readUint(1);
        if (byte === undefined) return undefined;
        const digit = digitValue(byte);
        if (digits > 0 && byte === end[matched]) {
          matched++;
        } else if (matched > 0 || digit > 9) {
          throw new MalformedFrameError(
            `length has ${show(byte)} where a digit or its end belongs`,
          );
        } else if (digits === MOST_DECIMAL_DIGITS) {
          throw new MalformedFrameError(`length has more than ${MOST_DECIMAL_DIGITS} digits`);
        } else {
          length = length * 10 + digit;
          digits++;
        }
      }
      return safe(length);
    },
    write(length, output) {
      writeText(`${length}`, output);
      output.write(end);
    },
  };
}

/**
 * A prefix that counts itself: the number it holds is the payload's length plus `size`.
 *
 * @param prefix How the number is written.
 * @param size How many bytes it counts besides the payload: the width of the prefix.
 * @throws {RangeError} `size` is no integer from 0.
 *
 * @example Git's pkt-line
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, hex, inclusive, lengthPrefixed, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({
 *   framer: lengthPrefixed(inclusive(hex(4), 4)),
 *   codec: text(),
 * });
 * decoder.push(new TextEncoder().encode("0009hello"));
 * assert.equal(decoder.read(), "hello");
 * ```
 */
export function inclusive(prefix: LengthPrefix, size: number): LengthPrefix {
  if (!(Number.isSafeInteger(size) && size >= 0)) {
    throw new RangeError(`Cannot count a prefix of ${size} bytes: size is an integer from 0`);
  }
  return {
    read(input) {
      const length = prefix.read(input);
      if (length === undefined) return undefined;
      if (length < size) {
        throw new MalformedFrameError(
          `length ${length} is less than the ${size} bytes of its prefix`,
        );
      }
      return length - size;
    },
    write: (length, output) => prefix.write(length + size, output),
  };
}

function uint(size: 1 | 2 | 3 | 4 | 6, littleEndian = false): LengthPrefix {
  return {
    read: (input) => input.readUint(size, littleEndian),
    write: (length, output) => output.writeUint(length, size, littleEndian),
  };
}

function uint64Of(littleEndian: boolean): LengthPrefix {
  return {
    read(input) {
      const first = input.readUint(4, littleEndian);
      const second = input.readUint(4, littleEndian);
      if (first === undefined || second === undefined) return undefined;
      return safe(littleEndian ? second * 2 ** 32 + first : first * 2 ** 32 + second);
    },
    write: (length, output) => output.writeUint(length, 8, littleEndian),
  };
}

function digitsOf(radix: 10 | 16, digits: number, most: number): LengthPrefix {
  if (!(Number.isInteger(digits) && digits >= 1 && digits <= most)) {
    throw new RangeError(`Cannot write a length in ${digits} digits: 1 to ${most} are possible`);
  }
  return {
    read(input) {
      let length = 0;
      for (let index = 0; index < digits; index++) {
        const byte = input.readUint(1);
        if (byte === undefined) return undefined;
        const digit = digitValue(byte);
        if (digit >= radix) {
          throw new MalformedFrameError(`length has ${show(byte)} where a digit belongs`);
        }
        length = length * radix + digit;
      }
      return safe(length);
    },
    write(length, output) {
      const text = length.toString(radix).padStart(digits, "0");
      if (text.length > digits) {
        throw new RangeError(`Cannot write ${length} in ${digits} digits`);
      }
      writeText(text, output);
    },
  };
}

/** What an ASCII digit stands for; 16 for anything else. */
function digitValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : 16;
}

function safe(length: number): number {
  if (length <= Number.MAX_SAFE_INTEGER) return length;
  throw new MalformedFrameError("length is over 2^53 - 1");
}

function writeText(ascii: string, output: ByteWriter): void {
  for (let index = 0; index < ascii.length; index++) output.writeUint(ascii.charCodeAt(index), 1);
}

function show(byte: number): string {
  return byte > 0x20 && byte < 0x7f
    ? JSON.stringify(String.fromCharCode(byte))
    : `the byte ${byte.toString(16).padStart(2, "0")}`;
}
