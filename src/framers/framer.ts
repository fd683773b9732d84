import type { ByteReader } from "../bytes/byte_reader.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";

/**
 * A framing: its answer to the one question how long the next frame is, and the inverse of that.
 * Framers look, they never take; they hold no buffer, no limit and no state.
 *
 * @example A framing of your own: one byte of length, counted in words of four bytes
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
   * Says how long the next frame is. What is read on the way is the frame's header; the frame begins
   * where reading stopped. May be asked again about the same bytes until the frame is whole.
   *
   * @returns The length in bytes; `undefined` while too little has arrived to tell.
   * @throws {MalformedFrameError} The bytes cannot be a frame.
   */
  measure(input: ByteReader): number | undefined;

  /**
   * Writes a frame so that `measure` finds it again.
   *
   * @throws {TypeError | RangeError} The frame cannot be framed so: it holds the delimiter, or its
   * length does not fit. Nothing of it is sent then.
   */
  write(frame: Uint8Array, output: ByteWriter): void;
}
