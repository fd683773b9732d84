import { lengthPrefixed } from "../framers/length_prefixed.ts";
import { uint16 } from "../framers/lengths/uint.ts";
import type { Protocol } from "../protocol.ts";

/**
 * RTP and RTCP packets over TCP (RFC 4571, section 2). ICE frames STUN and DTLS likewise (RFC 6544, section 3).
 *
 * ```text
 *   ┌────────┬────────┐
 *   │ length │ packet │
 *   └────────┴────────┘
 *     2
 * ```
 *
 * The length 0 codes the null packet, which is read as an empty message: do not pass it on to RTP. The limit is
 * 65,535 bytes, which is all that a length can announce.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { rfc4571 } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(rfc4571());
 * decoder.push(Uint8Array.of(0, 2, 0x80, 0xc8));
 * assert.deepEqual(decoder.read(), Uint8Array.of(0x80, 0xc8));
 * ```
 */
export function rfc4571(): Protocol {
  return { framer: lengthPrefixed(uint16), maxFrameLength: 65_535 };
}
