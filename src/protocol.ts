import type { Codec } from "./codecs/codec.ts";
import type { Framer } from "./framers/framer.ts";

/** The most bytes of a frame unless a protocol says otherwise: 1 MiB. */
const MAX_FRAME_LENGTH = 1_048_576;

/**
 * How two peers talk: where frames begin and end, what they mean, and how long they may be. A plain
 * object without state, to be shared by client, server, streams and tests.
 *
 * @typeParam Message What is sent and received; the frames themselves where there is no codec.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, json, lines, type Protocol } from "@framewright/framewright";
 *
 * const orders = {
 *   framer: lines(),
 *   codec: json<{ id: number }>(),
 *   maxFrameLength: 65_536,
 * } satisfies Protocol<{ id: number }>;
 *
 * const decoder = new FrameDecoder(orders);
 * decoder.push(new TextEncoder().encode('{"id":1}\n{"id":2}\n'));
 * assert.deepEqual([...decoder], [{ id: 1 }, { id: 2 }]);
 * ```
 */
export interface Protocol<Message = Uint8Array> {
  /** Where frames begin and end. */
  readonly framer: Framer;
  /** What a frame means; default: itself. */
  readonly codec?: Codec<Uint8Array, Message>;
  /** The most bytes that a frame may have, received or sent; default 1,048,576, `Infinity` for no limit. */
  readonly maxFrameLength?: number;
}

/**
 * The limit that a protocol sets.
 *
 * @throws {RangeError} `maxFrameLength` is neither an integer from 0 nor `Infinity`.
 */
export function frameLimit(protocol: { readonly maxFrameLength?: number }): number {
  const limit = protocol.maxFrameLength ?? MAX_FRAME_LENGTH;
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)) return limit;
  throw new RangeError(
    `Cannot limit frames to ${limit} bytes: maxFrameLength is an integer from 0`,
  );
}

/** A framer alone is the protocol of its bare frames. */
export function protocolOf<Message>(protocol: Framer | Protocol<Message>): Protocol<Message> {
  return "measure" in protocol ? { framer: protocol } : protocol;
}
