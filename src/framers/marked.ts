import { checkChoice } from "../bytes/invalid_option.ts";
import { MAX_HEADER } from "../bytes/max_header.ts";
import { MalformedFrameError } from "../errors.ts";
import { type Delimiter, delimiterBytes, refuseDelimiter } from "./delimiter.ts";
import type { Framer } from "./framer.ts";

const PARTIAL = { partial: true };

/** The options of {@link marked}. */
export interface MarkedOptions {
  /**
   * Treatment of bytes that are not between two marks; default `"refuse"`: the stream is malformed. With `"skip"`
   * they are discarded, and each run of them is reported to `onInvalid`.
   */
  readonly noise?: "refuse" | "skip";
}

/**
 * Frames between two marks: a begin mark before and an end mark after each frame, and nothing between
 * frames.
 *
 * ```text
 *   ┌───────┬───────┬─────┬───────┬───────┬─────┐
 *   │ begin │ frame │ end │ begin │ frame │ end │
 *   └───────┴───────┴─────┴───────┴───────┴─────┘
 * ```
 *
 * @param begin Mark before every frame, from 1 to 65,536 bytes; it may occur inside a frame.
 * @param end Mark after every frame, at least one byte long; it cannot occur inside a frame.
 * @throws {TypeError} A mark is empty, or not a string or bytes, or `noise` is unknown.
 * @throws {RangeError} The begin mark is longer than 65,536 bytes.
 *
 * @example The lower layer of HL7 (MLLP)
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, marked, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: marked("\x0b", "\x1c\r"), codec: text() });
 * decoder.push(new TextEncoder().encode("\x0bMSH|1\x1c\r\x0bMSH|2\x1c\r"));
 * assert.deepEqual([...decoder], ["MSH|1", "MSH|2"]);
 * ```
 *
 * @example Noise between frames is skipped and reported
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, marked, text } from "@framewright/framewright";
 *
 * const reports: string[] = [];
 * const decoder = new FrameDecoder(
 *   { framer: marked("<", ">", { noise: "skip" }), codec: text() },
 *   (error) => reports.push(error.message),
 * );
 * decoder.push(new TextEncoder().encode("<a>?!<b>"));
 * assert.deepEqual([...decoder], ["a", "b"]);
 * assert.deepEqual(reports, [
 *   "Cannot read frame at offset 3: frame does not begin with the begin mark",
 * ]);
 * ```
 */
export function marked(
  begin: Delimiter,
  end: Delimiter,
  options: MarkedOptions = {},
): Framer {
  const { noise = "refuse" } = options;
  checkChoice("noise", noise, ["refuse", "skip"]);
  const beginMark = delimiterBytes(begin);
  const endMark = delimiterBytes(end);
  if (beginMark.length > MAX_HEADER) {
    throw new RangeError(
      `Invalid begin mark of ${beginMark.length} bytes: expected at most ${MAX_HEADER}`,
    );
  }
  return {
    measure(input) {
      for (let index = 0; index < beginMark.length; index++) {
        const byte = input.peek(index);
        if (byte === undefined) return undefined;
        if (byte === beginMark[index]) continue;
        const reason = "frame does not begin with the begin mark";
        if (noise === "refuse") throw new MalformedFrameError(reason);
        input.discard(input.find(beginMark, PARTIAL) ?? input.length, reason);
        index = -1;
      }
      input.skip(beginMark.length);
      const length = input.find(endMark);
      if (length === undefined) input.skip(-beginMark.length);
      else input.drop(endMark.length);
      return length;
    },
    write(frame, output) {
      refuseDelimiter(frame, [endMark], endMark);
      output.write(beginMark);
      output.write(frame);
      output.write(endMark);
    },
  };
}
