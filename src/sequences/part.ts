import type { DirectCodec } from "../codecs/direct_codec.ts";
import type { Framer } from "../framers/framer.ts";
import type { SequenceFramer } from "../framers/sequence_framer.ts";
import { frameLimit, protocolOf, type ProtocolParts } from "../protocol.ts";

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
 * for each frame. A part with a `maxFrameLength` of its own is checked against it; otherwise only the limit of
 * the whole message applies.
 *
 * The part may be another sequence, or the same one: `yield* part(value)` reads recursive formats in linear
 * time, however deep they are nested. `yield* value()` is shorter, but its time for each frame grows with the
 * depth: use it where the depth is limited.
 *
 * @typeParam In The message in the frame; its bytes for a framer alone.
 * @param protocol A framer, a framer and a codec, or a sequence. What the codec throws is thrown by `yield*`
 * as a {@link CodecError}.
 * @throws {TypeError} The framer or the codec is missing or invalid.
 * @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`.
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
  if (typeof measure === "function" && typeof write === "function") {
    return new FramePart(protocol as Framer, undefined, Infinity) as Part<In>;
  }
  const { framer, codec, maxFrameLength = Infinity } = protocolOf(protocol);
  return new FramePart(framer, codec, frameLimit({ maxFrameLength })) as Part<In>;
}

/** A generator function that reads a message. */
export type Read<In = unknown> = () => Generator<Part, In, unknown>;

/** The framer of a sequence, which can be read as a part of another one. */
export interface NestableFramer extends SequenceFramer {
  readonly read?: Read;
  /** The codec that returns what `read` returns. */
  readonly codec?: DirectCodec<Uint8Array, unknown, never>;
}

/** The frame that a generator waits for. Its own iterator: without state, since no message is `undefined`. */
export class FramePart implements Part, Iterator<Part, unknown, unknown> {
  readonly framer: NestableFramer;
  readonly codec: DirectCodec<Uint8Array, unknown, never> | undefined;
  readonly limit: number;

  constructor(
    framer: NestableFramer,
    codec: DirectCodec<Uint8Array, unknown, never> | undefined,
    limit: number,
  ) {
    this.framer = framer;
    this.codec = codec;
    this.limit = limit;
  }

  next(message?: unknown): IteratorResult<Part, unknown> {
    return message === undefined ? { done: false, value: this } : { done: true, value: message };
  }

  throw(error: unknown): never {
    throw error;
  }

  [Symbol.iterator](): this {
    return this;
  }
}
