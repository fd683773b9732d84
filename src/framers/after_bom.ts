import { checkMethods } from "../bytes/check_methods.ts";
import type { ByteReader } from "../bytes/byte_reader.ts";
import type { Framer } from "./framer.ts";

/** U+FEFF in UTF-8. */
const BYTE_ORDER_MARK = /* @__PURE__ */ Uint8Array.of(0xef, 0xbb, 0xbf);

/**
 * Frames of another framer in a stream that may begin with the byte order mark of UTF-8, as text files of some
 * editors do. The mark belongs to no frame. It is not written, and elsewhere in the stream it is not skipped.
 *
 * ```text
 *   ┌──────────┬─────────────────────────┬─────────────────────────┐
 *   │ EF BB BF │ frame of another framer │ frame of another framer │
 *   └──────────┴─────────────────────────┴─────────────────────────┘
 * ```
 *
 * @param framer Determines the frames.
 * @throws {TypeError} The framer is invalid.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { afterBom, FrameDecoder, json, lines } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: afterBom(lines()), codec: json() });
 * decoder.push(new TextEncoder().encode("\ufeff1\n2\n"));
 * assert.deepEqual(decoder.readAll(), [1, 2]);
 * ```
 */
export function afterBom(framer: Framer): Framer {
  checkMethods("framer", framer, "measure", "write");
  return {
    measure: (input) => input.offset === 0 && !skipsMark(input) ? undefined : framer.measure(input),
    write: (frame, output) => framer.write(frame, output),
  };
}

/** Discards the mark, if there is one. Returns whether that is decided. */
function skipsMark(input: ByteReader): boolean {
  for (let index = 0; index < BYTE_ORDER_MARK.length; index++) {
    const byte = input.peek(index);
    if (byte === undefined) return index === 0 || input.ended;
    if (byte !== BYTE_ORDER_MARK[index]) return true;
  }
  input.discard(BYTE_ORDER_MARK.length);
  return true;
}
