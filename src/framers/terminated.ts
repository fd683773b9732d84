import { checkMethods } from "../bytes/check_methods.ts";
import { type Delimiter, delimiterBytes } from "./delimiter.ts";
import type { Framer } from "./framer.ts";

/**
 * Frames of another framer, each followed by a trailer that must be there. The trailer is left out of the frame.
 *
 * ```text
 *   ┌─────────────────────────┬─────────┬─────────────────────────┬─────────┐
 *   │ frame of another framer │ trailer │ frame of another framer │ trailer │
 *   └─────────────────────────┴─────────┴─────────────────────────┴─────────┘
 * ```
 *
 * @param framer Determines the length of the frame before the trailer.
 * @param trailer A string or bytes, at least one byte long. Other bytes in its place are malformed.
 * @throws {TypeError} The framer is invalid, or the trailer is empty, or not a string or bytes.
 *
 * @example The frames of AMQP 0-9-1: a header of 7 bytes, the payload, and the byte CE
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, lengthField, terminated } from "@framewright/framewright";
 *
 * const framer = terminated(lengthField({ offset: 3, skip: 0 }), Uint8Array.of(0xce));
 * const decoder = new FrameDecoder(framer);
 * decoder.push(Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0xce, 8, 0, 0, 0, 0, 0, 0, 0xff));
 * assert.deepEqual(decoder.read(), Uint8Array.of(8, 0, 0, 0, 0, 0, 0));
 * assert.throws(() => decoder.read(), /its trailer is missing/);
 * ```
 */
export function terminated(framer: Framer, trailer: Delimiter): Framer {
  checkMethods("framer", framer, "measure", "write");
  const end = delimiterBytes(trailer);
  return {
    measure(input) {
      const length = framer.measure(input);
      if (length !== undefined) input.expect(end);
      return length;
    },
    write(frame, output) {
      framer.write(frame, output);
      output.write(end);
    },
  };
}
