import { byteCount } from "../bytes/byte_count.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { checkChoice, checkInteger } from "../bytes/invalid_option.ts";
import { MAX_HEADER } from "../bytes/max_header.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "./framer.ts";

/** The options of {@link lengthField}. */
export interface LengthFieldOptions {
  /** Number of bytes before the field; default 0. Together with `size` at most 65,536. */
  readonly offset?: number;
  /** Size of the field in bytes, from 1 to 8; default 4. */
  readonly size?: number;
  /** Whether the field's least significant byte comes first; default `false`. */
  readonly littleEndian?: boolean;
  /**
   * The bytes that the number counts; default `"payload"`.
   * - `"payload"`: the bytes after the field;
   * - `"field"`: the field and the bytes after it;
   * - `"frame"`: all bytes, from the first one before the field.
   */
  readonly counts?: "payload" | "field" | "frame";
  /** Correction in bytes that is added to the number; default 0. */
  readonly adjust?: number;
  /**
   * Number of leading bytes that are left out of the frame, at most 65,536; default `offset + size`.
   * 0 keeps the header.
   */
  readonly skip?: number;
}

/**
 * Frames whose length is in a field of their header, at any offset and with any way of counting: the
 * general form of {@link lengthPrefixed}.
 *
 * ```text
 *   ┌─ offset ─┬─ size ─┬────────────────────────┐
 *   │          │ number │                        │
 *   └──────────┴────────┴────────────────────────┘
 *              │        ╰─ counts: "payload" ────┤
 *              ╰─ counts: "field" ───────────────┤
 *   ╰─ counts: "frame" ──────────────────────────╯
 * ```
 *
 * When writing, skipped bytes before or after the field are zeros, and a kept header must contain the
 * correct length.
 *
 * @throws {RangeError} A number is out of range.
 * @throws {TypeError} `counts` is invalid.
 *
 * @example PostgreSQL's messages: a type byte, then a length that counts itself
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, lengthField } from "@framewright/framewright";
 *
 * const framer = lengthField({ offset: 1, counts: "field", skip: 0 });
 * const decoder = new FrameDecoder({ framer });
 * decoder.push(Uint8Array.of(0x5a, 0, 0, 0, 5, 0x49));
 * assert.deepEqual(decoder.read(), Uint8Array.of(0x5a, 0, 0, 0, 5, 0x49));
 * ```
 */
export function lengthField(options: LengthFieldOptions = {}): Framer {
  const { offset = 0, size = 4, littleEndian = false, counts = "payload", adjust = 0 } = options;
  const { skip = offset + size } = options;
  checkInteger("size", size, 1, 8);
  checkInteger("offset", offset, 0, MAX_HEADER - size);
  checkInteger("skip", skip, 0, MAX_HEADER);
  checkInteger("adjust", adjust, -Infinity);
  checkChoice("counts", counts, ["payload", "field", "frame"]);
  const header = offset + size;
  /** Difference between the end of the frame, counted from the first byte, and the number. */
  const base = adjust + { payload: header, field: offset, frame: 0 }[counts];
  /** Position in the header of the field's `index`-th byte, the most significant first. */
  const byteAt = (index: number) => offset + (littleEndian ? size - 1 - index : index);

  /** Returns the header of a frame of `length` bytes, and the bytes that are skipped after it. */
  function headerOf(length: number): Uint8Array {
    const end = skip + length;
    let number = end - base;
    if (end < header || number < 0) {
      throw new RangeError(
        `Cannot write frame of ${byteCount(length)}: it is shorter than its header`,
      );
    }
    const written = new Uint8Array(Math.max(header, skip));
    if (number >= 256 ** size) {
      throw new RangeError(`Cannot write ${number} in ${byteCount(size)}`);
    }
    for (let index = size - 1; index >= 0; index--) {
      written[byteAt(index)] = number % 256;
      number = Math.floor(number / 256);
    }
    return written;
  }

  return {
    measure(input) {
      if (input.length < header) return undefined;
      let number = 0;
      for (let index = 0; index < size; index++) number = number * 256 + input.peek(byteAt(index))!;
      const end = number + base;
      if (number > Number.MAX_SAFE_INTEGER || end > Number.MAX_SAFE_INTEGER) {
        throw new MalformedFrameError("length is over 2^53 - 1");
      }
      if (end < header || end < skip) {
        throw new MalformedFrameError(`length ${number} is shorter than the header`);
      }
      input.skip(skip);
      return end - skip;
    },
    write(frame, output) {
      const written = headerOf(frame.length);
      for (let at = Math.max(skip, offset); at < header; at++) {
        if (frame[at - skip] !== written[at]) {
          throw new RangeError(
            `Cannot write frame of ${byteCount(frame.length)}: its header gives another length`,
          );
        }
      }
      output.write(written.subarray(0, skip));
      output.write(frame);
    },
    // A kept header is part of the frame, which is to be checked.
    ...skip < header ? undefined : {
      announce: (length: number, output: ByteWriter) =>
        void output.write(headerOf(length).subarray(0, skip)),
    },
  };
}

/** Returns the position of the first byte that the number counts. */
