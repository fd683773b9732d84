import type { ByteReader } from "../bytes/byte_reader.ts";
import { isLength } from "../bytes/is_length.ts";
import type { DirectCodec } from "../codecs/direct_codec.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import type { LengthPrefix } from "../framers/lengths/length_prefix.ts";
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
 * Requests the next part of a message, in the `read` function of a {@link sequence}:
 *
 * - `yield* part(uint32)` reads an integer, by any {@link LengthPrefix};
 * - `yield* part(12)` reads 12 bytes; a length that is not valid is a {@link MalformedFrameError}, since it
 *   usually comes from the peer;
 * - `yield* part(lines())` reads a frame, and `yield* part({ framer, codec })` the message in it;
 * - `yield* part(value)` reads another sequence, or the same one.
 *
 * A part is a constant without state: `const line = part(lines())` can be shared, and saves its creation
 * for each frame. A protocol's own `maxFrameLength` is checked, too; a protocol without one is only subject to
 * the limit of the whole message.
 *
 * A sequence that requests itself reads recursive formats in linear time, however deep they are nested. Nested
 * generators, by `yield* value()`, need more time for each frame the deeper they are: use them where the depth
 * is limited.
 *
 * @typeParam In The message in the frame; its bytes for a framer alone.
 * @param protocol An integer's encoding, a number of bytes, a framer, a framer and a codec, or a sequence. What
 * the codec throws is thrown by `yield*` as a {@link CodecError}.
 * @throws {MalformedFrameError} The number of bytes is not a non-negative integer.
 * @throws {TypeError} The framer or the codec is missing or invalid.
 * @throws {RangeError} `maxFrameLength` is neither a non-negative integer nor `Infinity`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, part, sequence, uint8 } from "@framewright/framewright";
 *
 * const pairs = sequence({
 *   *read() {
 *     const key = yield* part(uint8);
 *     return { key, value: yield* part(2) };
 *   },
 * });
 * const decoder = new FrameDecoder(pairs);
 * decoder.push(Uint8Array.of(1, 10, 11, 2, 20));
 * assert.deepEqual([...decoder], [{ key: 1, value: Uint8Array.of(10, 11) }]);
 * ```
 */
export function part(protocol: number): Part<Uint8Array>;
/** Requests an integer. */
export function part(protocol: LengthPrefix): Part<number>;
/** Requests a frame or the message in it, or a message of a sequence. */
export function part<In = Uint8Array>(protocol: Framer | ProtocolParts<In, never>): Part<In>;
export function part(
  protocol: number | LengthPrefix | Framer | ProtocolParts<unknown, never>,
): Part {
  if (typeof protocol === "number") {
    return new FramePart(bytesFramer(protocol), undefined);
  }
  const { measure, write, read } = (protocol ?? {}) as Framer & LengthPrefix;
  // Creating a part must be cheap, since the length of a frame is often in another one.
  if (typeof measure === "function" && typeof write === "function") {
    return new FramePart(protocol as Framer, undefined);
  }
  if (typeof read === "function") {
    return new FramePart(integerFramer(protocol as LengthPrefix), integerCodec);
  }
  const given = protocolOf(protocol as Framer | ProtocolParts<unknown, never>);
  const { framer, codec, maxFrameLength } = given;
  if (maxFrameLength !== undefined) frameLimit(given);
  return new FramePart(framer, codec, maxFrameLength);
}

function bytesFramer(length: number): PartFramer {
  if (!isLength(length)) {
    throw new MalformedFrameError(`a part of ${length} bytes`);
  }
  return { measure: () => length };
}

/** Returns a framer of empty frames whose header is the integer. */
function integerFramer(prefix: LengthPrefix): PartFramer {
  return {
    measure(input) {
      const value = prefix.read(input);
      if (value === undefined) return undefined;
      // Kept until the frame has been decoded.
      input.memo = value;
      return 0;
    },
  };
}

const integerCodec: PartCodec = {
  decodeFrom: (taken) => (taken as unknown as ByteReader).memo as number,
};

/** A generator function that reads a message. */
export type Read<In = unknown> = () => Generator<Part, In, unknown>;

/** What a part needs of its codec: one of the two. */
export type PartCodec = Partial<
  Pick<DirectCodec<Uint8Array, unknown, never>, "decode" | "decodeFrom">
>;

/** What a part needs of its framer. That of a sequence has more, so that it can be a part of another one. */
export interface PartFramer extends Pick<Framer, "measure"> {
  readonly read?: Read;
  /** The codec that returns what `read` returns. */
  readonly codec?: PartCodec;
}

/** The frame that a generator waits for. Its own iterator: without state, since no message is `undefined`. */
export class FramePart implements Part, Iterator<Part, unknown, unknown> {
  readonly framer: PartFramer;
  readonly codec: PartCodec | undefined;
  readonly limit: number | undefined;
  /** The generator of a sequence. */
  readonly read: Read | undefined;

  constructor(
    framer: PartFramer,
    codec: PartCodec | undefined,
    limit?: number,
  ) {
    this.framer = framer;
    this.codec = codec;
    this.limit = limit;
    this.read = framer.read;
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
