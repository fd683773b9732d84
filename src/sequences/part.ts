import type { DirectCodec } from "../codecs/direct_codec.ts";
import type { Framer } from "../framers/framer.ts";
import { protocolOf, type ProtocolParts } from "../protocol.ts";

/**
 * A request of a {@link sequence} for its next frame: `const frame = yield* part(framer)`.
 *
 * @typeParam In The message in the frame.
 */
export interface Part<In = unknown> {
  /** Yields the request, and returns the message in the frame. */
  [Symbol.iterator](): Iterator<Part, In, unknown>;
}

/**
 * Requests the next frame of a message, in the `read` function of a {@link sequence}.
 *
 * A part is a constant without state: `const line = part(lines())` can be shared, and saves its creation
 * for each frame.
 *
 * @typeParam In The message in the frame; its bytes for a framer alone.
 * @param protocol A framer, or a framer and a codec. What the codec throws is thrown by `yield*` as a
 * {@link CodecError}.
 * @throws {TypeError} The framer or the codec is missing or invalid.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fixed, FrameDecoder, part, sequence, uint8 } from "@framewright/framewright";
 *
 * const pairs = sequence({
 *   *read() {
 *     const [key] = yield* part(fixed(1));
 *     const [value] = yield* part(fixed(1));
 *     return { key, value };
 *   },
 * });
 * const decoder = new FrameDecoder(pairs);
 * decoder.push(Uint8Array.of(1, 10, 2, 20, 3));
 * assert.deepEqual([...decoder], [{ key: 1, value: 10 }, { key: 2, value: 20 }]);
 * ```
 */
export function part<In = Uint8Array>(protocol: Framer | ProtocolParts<In, never>): Part<In> {
  const { measure, write } = protocol as Framer;
  // Creating a part must be cheap, since the length of a frame is often in another one.
  const quick = typeof measure === "function" && typeof write === "function";
  const { framer, codec } = quick ? { framer: protocol as Framer } : protocolOf(protocol);
  return new FramePart(framer, codec) as Part<In>;
}

/** The frame that a generator waits for. Its own iterator: without state, since no message is `undefined`. */
export class FramePart implements Part, Iterator<Part, unknown, unknown> {
  readonly framer: Framer;
  readonly codec: DirectCodec<Uint8Array, unknown, never> | undefined;

  constructor(framer: Framer, codec: DirectCodec<Uint8Array, unknown, never> | undefined) {
    this.framer = framer;
    this.codec = codec;
  }

  next(message?: unknown): IteratorResult<Part, unknown> {
    return message === undefined ? { done: false, value: this } : { done: true, value: message };
  }

  [Symbol.iterator](): this {
    return this;
  }
}
