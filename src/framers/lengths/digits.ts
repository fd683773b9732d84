import type { ByteWriter } from "../../bytes/byte_writer.ts";
import { checkInteger } from "../../bytes/invalid_option.ts";
import { isLength } from "../../bytes/is_length.ts";
import { MAX_HEADER } from "../../bytes/max_header.ts";
import { quoted } from "../../bytes/quoted.ts";
import { MalformedFrameError } from "../../errors.ts";
import { type Delimiter, delimiterBytes } from "../delimiter.ts";
import type { LengthPrefix } from "./length_prefix.ts";
import { safeLength } from "./safe_length.ts";

/** Number of decimal digits of 2^53 - 1. */
const MAX_DECIMAL_DIGITS = 16;
/** Number of hexadecimal digits of 2^53 - 1. */
const MAX_HEX_DIGITS = 14;

/**
 * Length prefix of a fixed number of ASCII digits, such as `00042`, without sign or space.
 *
 * @param digits Number of digits, from 1 to 16.
 * @throws {RangeError | TypeError} `digits` is not an integer from 1 to 16.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decimal, FrameDecoder, lengthPrefixed, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: lengthPrefixed(decimal(3)), codec: text() });
 * decoder.push(new TextEncoder().encode("005hello"));
 * assert.equal(decoder.read(), "hello");
 * ```
 */
export function decimal(digits: number): LengthPrefix {
  return digitsOf(10, digits, MAX_DECIMAL_DIGITS);
}

/**
 * Length prefix of a fixed number of hexadecimal ASCII digits, such as `002a`. Both cases are read, lower
 * case is written.
 *
 * @param digits Number of digits, from 1 to 14.
 * @throws {RangeError | TypeError} `digits` is not an integer from 1 to 14.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, hex, lengthPrefixed, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: lengthPrefixed(hex(4)), codec: text() });
 * decoder.push(new TextEncoder().encode("000Chello world!"));
 * assert.equal(decoder.read(), "hello world!");
 * ```
 */
export function hex(digits: number): LengthPrefix {
  return digitsOf(16, digits, MAX_HEX_DIGITS);
}

/**
 * Length prefix of ASCII digits, at most 16, and a mark that ends them: `decimalUntil(" ")` is the octet
 * count of syslog (RFC 6587), `decimalUntil("#")` is used by json-socket.
 *
 * @param mark Mark after the digits: a string or bytes, at least one byte long and not beginning with a
 * digit.
 * @throws {TypeError} The mark is empty or begins with a digit.
 * @throws {RangeError} Digits and mark together are longer than 65,536 bytes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decimalUntil, FrameDecoder, lengthPrefixed, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: lengthPrefixed(decimalUntil(" ")), codec: text() });
 * decoder.push(new TextEncoder().encode("5 hello"));
 * assert.equal(decoder.read(), "hello");
 * ```
 */
export function decimalUntil(mark: Delimiter): LengthPrefix {
  const end = delimiterBytes(mark);
  if (digitValue(end[0]!) < 10) {
    throw new TypeError("Invalid mark: expected one that does not begin with a digit");
  }
  if (MAX_DECIMAL_DIGITS + end.length > MAX_HEADER) {
    throw new RangeError(
      `Invalid mark of ${end.length} bytes: expected at most ${MAX_HEADER - MAX_DECIMAL_DIGITS}`,
    );
  }
  return {
    read(input) {
      let length = 0;
      let digits = 0;
      let matched = 0;
      while (matched < end.length) {
        const byte = input.peek(digits + matched);
        if (byte === undefined) return undefined;
        const digit = digitValue(byte);
        if (digits > 0 && byte === end[matched]) {
          matched++;
        } else if (matched > 0 || digit > 9) {
          throw unexpected(byte);
        } else if (digits === MAX_DECIMAL_DIGITS) {
          throw new MalformedFrameError(`length has more than ${MAX_DECIMAL_DIGITS} digits`);
        } else {
          length = length * 10 + digit;
          digits++;
        }
      }
      input.skip(digits + matched);
      return safeLength(length);
    },
    write(length, output) {
      writeText(textOf(length, 10), output);
      output.write(end);
    },
  };
}

function digitsOf(radix: 10 | 16, digits: number, max: number): LengthPrefix {
  checkInteger("digits", digits, 1, max);
  return {
    read(input) {
      let length = 0;
      for (let index = 0; index < digits; index++) {
        const byte = input.peek(index);
        if (byte === undefined) return undefined;
        const digit = digitValue(byte);
        if (digit >= radix) throw unexpected(byte);
        length = length * radix + digit;
      }
      input.skip(digits);
      return safeLength(length);
    },
    write(length, output) {
      const text = textOf(length, radix).padStart(digits, "0");
      if (text.length > digits) {
        throw new RangeError(
          `Cannot write ${length} in ${digits} ${digits === 1 ? "digit" : "digits"}`,
        );
      }
      writeText(text, output);
    },
  };
}

/** Returns the value of an ASCII digit; 16 for any other byte. */
function digitValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : 16;
}

function unexpected(byte: number): MalformedFrameError {
  return new MalformedFrameError(`unexpected ${quoted(Uint8Array.of(byte))} in length`);
}

function textOf(length: number, radix: 10 | 16): string {
  if (isLength(length)) return length.toString(radix);
  throw new RangeError(`Cannot write length ${length}: expected a non-negative integer`);
}

function writeText(ascii: string, output: ByteWriter): void {
  for (let index = 0; index < ascii.length; index++) output.writeUint(ascii.charCodeAt(index), 1);
}
