import type { Codec } from "./codec.ts";

/**
 * Frames as copies. A frame is a view of the chunk in which it arrived, and keeps the whole chunk in memory:
 * copy small frames that are kept for long.
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
