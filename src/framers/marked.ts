import { MalformedFrameError } from "../errors.ts";
import { type Delimiter, delimiterBytes, refuseDelimiter } from "./delimiter.ts";
import type { Framer } from "./framer.ts";

/**
 * Frames between two marks: a begin mark in front, an end mark behind, nothing in between frames.
 *
 * ```text
 *   ┌───────┬───────┬─────┬───────┬───────┬─────┐
 *   │ begin │ frame │ end │ begin │ frame │ end │
 *   └───────┴───────┴─────┴───────┴───────┴─────┘
 * ```
 *
 * @param begin What every frame begins with; its own bytes may stand in a frame too.
 * @param end What every frame ends with, and cannot hold.
 * @throws {TypeError} A mark is empty.
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
 */
export function marked(begin: Delimiter, end: Delimiter): Framer {
  const beginMark = delimiterBytes(begin);
  const endMark = delimiterBytes(end);
  return {
    measure(input) {
      for (const expected of beginMark) {
        const byte = input.readUint(1);
        if (byte === undefined) return undefined;
        if (byte !== expected) throw new MalformedFrameError("frame does not begin with its mark");
      }
      const length = input.find(endMark);
      if (length !== undefined) input.drop(endMark.length);
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
