import type { ByteReader } from "../bytes/byte_reader.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";

/**
 * A framing: measures the next frame, and writes frames in the same format. Framers look at bytes, and remove
 * only those that belong to no frame; they have no buffer, no limit and no state.
 *
 * ```text
 *   measure:  ┌─ no frame ─┬─ header ─┬──── frame ────┬─ trailer ─┬─ next header …
 *             └────────────┴──────────┴───────────────┴───────────┴───────────────
 *             ▲ discard    ▲ skip     ▲ cursor        ▲ drop, expect
 * ```
 *
 * `verifyFramer` of `@framewright/framewright/testing` tests a framer of your own.
 *
 * @example A framer of your own: one byte of length, counted in words of four bytes
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, type Framer } from "@framewright/framewright";
 *
 * const words: Framer = {
 *   measure(input) {
 *     const count = input.readUint(1);
 *     return count === undefined ? undefined : count * 4;
 *   },
 *   write(frame, output) {
 *     if (frame.length % 4 !== 0) throw new RangeError("Cannot write half a word");
 *     output.writeUint(frame.length / 4, 1);
 *     output.write(frame);
 *   },
 * };
 * const decoder = new FrameDecoder({ framer: words });
 * decoder.push(Uint8Array.of(1, 10, 11, 12, 13, 0));
 * assert.deepEqual([...decoder], [Uint8Array.of(10, 11, 12, 13), new Uint8Array(0)]);
 * ```
 */
export interface Framer {
  /**
   * Returns the length of the next frame. Bytes that the cursor passes are the frame's header: the frame
   * begins where the cursor is. Called again with more bytes until the frame is complete.
   *
   * A framer that returns `undefined`, meaning "not yet", leaves the reader as it found it: the cursor where
   * it was, nothing dropped, nothing expected. Only `discard`, `atLeast` and `memo` may have been used. Another
   * framer can then be asked, as in `inner.measure(input) ?? other.measure(input)`. Of two framers asked in
   * this way, at most one may use these three, and the length implied by a search of either one is compared
   * with the limit for both.
   *
   * Given 65,536 bytes of a frame, a framer must answer, or imply a minimum length: by a search for the end
   * of the frame, by a search with the option `within`, by `atLeast`, or by `memo`. Otherwise the frame is
   * malformed, however its bytes are split into chunks.
   *
   * @returns The length in bytes; `undefined` if more input is needed.
   * @throws {MalformedFrameError} The bytes are not a valid frame.
   */
  measure(input: ByteReader): number | undefined;

  /**
   * Writes a frame so that `measure` finds it again.
   *
   * @throws {TypeError | RangeError} The frame cannot be written in this format: it contains the
   * delimiter, or its length does not fit. None of it is sent.
   */
  write(frame: Uint8Array, output: ByteWriter): void;
}
