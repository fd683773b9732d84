import type { Codec } from "./codec.ts";

/**
 * Copies frames. A frame is otherwise a view of the chunk in which it arrived, and keeps the whole chunk in
 * memory: use this codec for small frames that are kept for a long time.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fixed, FrameDecoder, owned } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder({ framer: fixed(1), codec: owned() });
 * decoder.push(new Uint8Array(65_536));
 * assert.equal(decoder.read()!.buffer.byteLength, 1);
 * ```
 */
export function owned(): Codec<Uint8Array, Uint8Array> {
  return {
    decode: (frame) => new Uint8Array(frame),
    encode: (message) => message,
  };
}
