import type { Framer } from "./framer.ts";

/**
 * Frames that all have the same length.
 *
 * ```text
 *   ┌──────┬──────┬──────┐
 *   │ size │ size │ size │
 *   └──────┴──────┴──────┘
 * ```
 *
 * @param size The length of every frame in bytes, from 0. Frames of no bytes can be read one at a
 * time, to take the body of a message whose header says that it has none.
 * @throws {RangeError} The size is no integer from 0.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fixed, FrameDecoder } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: fixed(2) });
 * decoder.push(Uint8Array.of(1, 2, 3, 4, 5));
 * assert.deepEqual([...decoder], [Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
 * ```
 */
export function fixed(size: number): Framer {
  if (!(Number.isSafeInteger(size) && size >= 0)) {
    throw new RangeError(`Cannot make frames of ${size} bytes: size is an integer from 0`);
  }
  return {
    measure: () => size,
    write(frame, output) {
      if (frame.length !== size) {
        throw new RangeError(
          `Cannot write frame of ${frame.length} bytes: all frames have ${size}`,
        );
      }
      output.write(frame);
    },
  };
}
