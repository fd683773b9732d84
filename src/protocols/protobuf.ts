import { lengthPrefixed } from "../framers/length_prefixed.ts";
import { varint } from "../framers/lengths/varint.ts";
import type { Protocol } from "../protocol.ts";

/**
 * Delimited messages of Protocol Buffers, as libp2p uses them too: each message follows its length in unsigned
 * LEB128 (Protocol Buffers Documentation, "Streaming Multiple Messages"; `writeDelimitedTo` and
 * `parseDelimitedFrom` of its libraries).
 *
 * ```text
 *   ┌─────────────────┬─────────┐
 *   │ length (varint) │ message │
 *   └─────────────────┴─────────┘
 *     1 to 10
 * ```
 *
 * A message is its serialized bytes; add the generated code as a codec: `{ ...protobuf(), codec }`. The default
 * limit is 4 MiB, as libp2p and gRPC have it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { protobuf } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(protobuf());
 * decoder.push(Uint8Array.of(2, 8, 1, 0));
 * assert.deepEqual([...decoder], [Uint8Array.of(8, 1), new Uint8Array(0)]);
 * ```
 */
export function protobuf(): Protocol {
  return { framer: lengthPrefixed(varint), maxFrameLength: 4 * 2 ** 20 };
}
