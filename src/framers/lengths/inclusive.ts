import { checkMethods } from "../../bytes/check_methods.ts";
import { byteCount } from "../../bytes/byte_count.ts";
import { checkInteger } from "../../bytes/invalid_option.ts";
import { MalformedFrameError } from "../../errors.ts";
import type { LengthPrefix } from "./length_prefix.ts";

/**
 * Length prefix that counts itself: the number is the length of the frame plus `size`.
 *
 * ```text
 *   ┌────────────┬────────────────┐
 *   │ 9 (size 4) │ frame, 5 bytes │
 *   └────────────┴────────────────┘
 * ```
 *
 * @param prefix Format of the number.
 * @param size Number of bytes that it counts in addition to the frame: usually the width of the prefix.
 * @throws {TypeError} `prefix` is not a length prefix.
 * @throws {RangeError | TypeError} `size` is not a non-negative integer.
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
  checkMethods("length prefix", prefix, "read", "write");
  checkInteger("prefix size", size);
  return {
    read(input) {
      const length = prefix.read(input);
      if (length === undefined) return undefined;
      if (length < size) {
        throw new MalformedFrameError(`length ${length} is less than its own ${byteCount(size)}`);
      }
      return length - size;
    },
    write(length, output) {
      if (!(length >= 0)) {
        throw new RangeError(`Cannot write length ${length}: expected a non-negative integer`);
      }
      prefix.write(length + size, output);
    },
  };
}
