import { checkMethods } from "../bytes/check_methods.ts";
import type { Framer } from "./framer.ts";
import type { LengthPrefix } from "./lengths/length_prefix.ts";

/**
 * Frames that are preceded by their length.
 *
 * ```text
 *   ┌────────┬──────────────────┬────────┬───────┐
 *   │ length │ frame            │ length │ frame │
 *   └────────┴──────────────────┴────────┴───────┘
 * ```
 *
 * @param prefix Format of the length: {@link uint32}, {@link varint}, {@link decimal} and others.
 * @throws {TypeError} `prefix` is not a length prefix, for example `decimal` in place of `decimal(5)`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decimal, FrameDecoder, lengthPrefixed, text } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: lengthPrefixed(decimal(5)), codec: text() });
 * decoder.push(new TextEncoder().encode("00005hello00000"));
 * assert.deepEqual([...decoder], ["hello", ""]);
 * ```
 */
export function lengthPrefixed(prefix: LengthPrefix): Framer {
  checkMethods("length prefix", prefix, "read", "write");
  return {
    measure: (input) => prefix.read(input),
    write(frame, output) {
      prefix.write(frame.length, output);
      output.write(frame);
    },
    announce: (length, output) => void prefix.write(length, output),
  };
}
