import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "./framer.ts";

/** The options of {@link lengthField}. */
export interface LengthFieldOptions {
  /** How many bytes stand in front of the field; default 0. */
  readonly offset?: number;
  /** How many bytes the field has, from 1 to 8; default 4. */
  readonly size?: number;
  /** Whether the field's least significant byte comes first; default `false`. */
  readonly littleEndian?: boolean;
  /**
   * What the number counts; default `"payload"`.
   * - `"payload"`: what follows the field;
   * - `"field"`: the field and what follows it;
   * - `"frame"`: all of it, from the first byte in front of the field.
   */
  readonly counts?: "payload" | "field" | "frame";
  /** What is added to the number, for counts that are off; default 0. */
  readonly adjust?: number;
  /** How many leading bytes are left out of the frame; default `offset + size`, 0 keeps the header. */
  readonly skip?: number;
}

/**
 * Frames whose length stands in a field of their header, wherever that is and whatever it counts: the
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
 * On writing, bytes that were skipped in front of the field or behind it are zeros, and a header that
 * was kept must say what is true.
 *
 * @throws {RangeError} An option is out of its range.
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
  const header = offset + size;
  for (
    const [name, value, least, most] of [
      ["offset", offset, 0, Infinity],
      ["size", size, 1, 8],
      ["adjust", adjust, -Infinity, Infinity],
      ["skip", skip, 0, Infinity],
    ] as const
  ) {
    if (!(Number.isSafeInteger(value) && value >= least && value <= most)) {
      throw new RangeError(`Cannot read a length field with ${name} ${value}`);
    }
  }
  /** What is added to the number to give the end of the frame, counted from the first byte. */
  const base = adjust + { payload: header, field: offset, frame: 0 }[counts];
  if (Number.isNaN(base)) {
    throw new RangeError(`Cannot read a length field that counts ${JSON.stringify(counts)}`);
  }
  /** Which byte of the header is the field's `index`-th by significance, the most significant first. */
  const byteAt = (index: number) => offset + (littleEndian ? size - 1 - index : index);

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
        throw new MalformedFrameError(`length ${number} ends the frame inside its own header`);
      }
      input.skip(skip);
      return end - skip;
    },
    write(frame, output) {
      const end = skip + frame.length;
      let number = end - base;
      if (end < header || number < 0) {
        throw new RangeError(
          `Cannot write frame of ${frame.length} bytes: it is shorter than its header`,
        );
      }
      const written = new Uint8Array(Math.max(header, skip));
      if (number >= 256 ** size) throw new RangeError(`Cannot write ${number} in ${size} bytes`);
      for (let index = size - 1; index >= 0; index--) {
        written[byteAt(index)] = number % 256;
        number = Math.floor(number / 256);
      }
      for (let at = Math.max(skip, offset); at < header; at++) {
        if (frame[at - skip] !== written[at]) {
          throw new RangeError(
            `Cannot write frame of ${frame.length} bytes: its header tells another length`,
          );
        }
      }
      output.write(written.subarray(0, skip));
      output.write(frame);
    },
  };
}
