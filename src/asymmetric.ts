import type { Framer } from "./framers/framer.ts";
import { frameLimit, type Protocol, protocolOf, type ProtocolParts } from "./protocol.ts";

/** The two directions of {@link asymmetric}. */
export interface Directions<In, Out> {
  /** The protocol of received messages. */
  readonly read: Framer | ProtocolParts<In, never>;
  /** The protocol of sent messages. */
  readonly write: Framer | ProtocolParts<unknown, Out>;
}

/**
 * Combines two protocols into one that reads as the first and writes as the second, each with its own limit:
 * client and server of most protocols send different messages. Either one may be asymmetric itself.
 *
 * @typeParam In A received message.
 * @typeParam Out A sent message.
 * @throws {TypeError} One of the protocols is missing or invalid.
 * @throws {RangeError} A `maxFrameLength` is neither a non-negative integer nor `Infinity`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { asymmetric, FrameDecoder, FrameEncoder, json, lines, text } from "@framewright/framewright";
 *
 * const client = asymmetric({
 *   read: { framer: lines(), codec: json<{ sum: number }>() },
 *   write: { framer: lines(), codec: text(), maxFrameLength: 80 },
 * });
 * const encoder = new FrameEncoder(client);
 * encoder.write("1 2");
 * assert.equal(new TextDecoder().decode(encoder.drain()[0]), "1 2\n");
 * const decoder = new FrameDecoder(client);
 * decoder.push(new TextEncoder().encode('{"sum":3}\n'));
 * assert.deepEqual(decoder.read(), { sum: 3 });
 * ```
 */
export function asymmetric<In = Uint8Array, Out = Uint8Array>(
  directions: Directions<In, Out>,
): Protocol<In, Out> {
  const read = protocolOf(directions.read);
  const write = protocolOf(directions.write);
  const sending = write.sending ?? write;
  frameLimit(read);
  frameLimit(sending);
  return { ...read, sending } as unknown as Protocol<In, Out>;
}
