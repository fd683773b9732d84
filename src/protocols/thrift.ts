import { lengthPrefixed } from "../framers/length_prefixed.ts";
import { uint32 } from "../framers/lengths/uint.ts";
import type { Protocol } from "../protocol.ts";

/**
 * Thrift's framed transport, `TFramedTransport`: each message follows its length (Apache Thrift,
 * `doc/specs/thrift-rpc.md`, "Framed vs. unframed transport").
 *
 * ```text
 *   ┌────────┬─────────┐
 *   │ length │ message │
 *   └────────┴─────────┘
 *     4
 * ```
 *
 * A message is the bytes that `TBinaryProtocol` or `TCompactProtocol` encode; add a codec for them:
 * `{ ...thrift(), codec }`. The default limit is 16,384,000 bytes, the specification's own.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { thrift } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(thrift());
 * decoder.push(Uint8Array.of(0, 0, 0, 2, 0x80, 1));
 * assert.deepEqual(decoder.read(), Uint8Array.of(0x80, 1));
 * ```
 */
export function thrift(): Protocol {
  return { framer: lengthPrefixed(uint32), maxFrameLength: 16_384_000 };
}
