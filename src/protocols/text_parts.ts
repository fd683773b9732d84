import type { ByteWriter } from "../bytes/byte_writer.ts";
import { isLength } from "../bytes/is_length.ts";
import { NOTHING } from "../bytes/nothing.ts";
import type { Codec } from "../codecs/codec.ts";
import { lenientText, text } from "../codecs/text.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import { type Part, part } from "../sequences/part.ts";

const LF = /* @__PURE__ */ Uint8Array.of(0x0a);
const CRLF = /* @__PURE__ */ Uint8Array.of(0x0d, 0x0a);
const strict = /* @__PURE__ */ text();

/** Lines that end with CRLF. An LF alone is malformed, and not waited behind. */
export const crlfLines: Framer = {
  measure(input) {
    const lf = input.find(LF);
    const end = input.find(CRLF);
    if (lf !== undefined && lf - 1 !== end) {
      throw new MalformedFrameError("line ends with LF alone: expected CRLF");
    }
    if (end !== undefined) input.drop(2);
    return end;
  },
  write: (frame, output) => {
    output.write(frame);
    output.write(CRLF);
  },
};

/**
 * Returns the part for a line that ends with CRLF.
 *
 * @param limit Maximum length of a line in bytes, without its end.
 * @param codec Default: UTF-8, in which invalid bytes are replaced by U+FFFD.
 */
export function line(
  limit: number,
  codec: Codec<Uint8Array, string> = lenientText(),
): Part<string> {
  return part({ framer: crlfLines, codec, maxFrameLength: limit });
}

/**
 * Requests bytes and CRLF after them.
 *
 * @throws {MalformedFrameError} The length is not a non-negative integer.
 */
export function block(length: number): Part<Uint8Array> {
  if (!isLength(length)) throw noLength();
  return part({
    measure(input) {
      input.expect(CRLF);
      return length;
    },
    write: crlfLines.write,
  });
}

/**
 * Returns a length written as decimal digits.
 *
 * @throws {MalformedFrameError} There is anything else.
 */
export function lengthIn(digits: string | undefined): number {
  if (digits === undefined || !/^\d{1,15}$/.test(digits)) throw noLength();
  return Number(digits);
}

/**
 * Writes a line and CRLF.
 *
 * @throws {TypeError} The line contains CR or LF.
 */
export function writeLine(line: string, output: ByteWriter): void {
  if (/[\r\n]/.test(line)) {
    throw new TypeError("Cannot write line: it contains the end of a line");
  }
  writeBlock(strict.encode(line), output);
}

/** Writes bytes and CRLF. */
export function writeBlock(bytes: Uint8Array, output: ByteWriter): void {
  crlfLines.write(bytes, output);
}

/** Writes a line, and data with CRLF after it if there are some. */
export function writeItem(line: string, data: Uint8Array | undefined, output: ByteWriter): void {
  writeLine(line, output);
  if (data !== undefined) writeBlock(data, output);
}

/** Returns text as UTF-8. */
export function utf8(text: string): Uint8Array {
  return text === "" ? NOTHING : strict.encode(text);
}

function noLength(): MalformedFrameError {
  return new MalformedFrameError("length is invalid: expected decimal digits");
}
