import { byteCount } from "../bytes/byte_count.ts";
import { checkInteger } from "../bytes/invalid_option.ts";
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
 * @param size Length of every frame in bytes, at least 0. `fixed(0)` reads one empty frame at a time, for
 * a message without a body; it cannot be iterated over.
 * @throws {RangeError | TypeError} `size` is not a non-negative integer.
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
  checkInteger("frame size", size);
  function announce(length: number): undefined {
    if (length === size) return;
    throw new RangeError(`Cannot write frame of ${byteCount(length)}: expected ${size}`);
  }
  return {
    measure: () => size,
    write(frame, output) {
      announce(frame.length);
      output.write(frame);
    },
    announce,
  };
}
