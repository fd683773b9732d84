import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";

const HEADER = 4;
const VERSION = 3;
const MAX_LENGTH = 65_535;

/**
 * TPKT: packets over TCP that carry OSI transport, for S7, MMS and RDP, or messages of H.323 (RFC 1006, section 6; RFC
 * 2126).
 *
 * ```text
 *   ┌─────────┬───┬────────┬──────┐
 *   │ version │ 0 │ length │ TPDU │   the length counts all bytes
 *   └─────────┴───┴────────┴──────┘
 *     1 (3)     1   2
 * ```
 *
 * A message is the transport protocol data unit. It has 3 bytes or more in OSI transport; H.323 sends an empty one to
 * keep the connection alive. RDP's fast-path packets are not TPKT, and are refused. The limit is 65,535 bytes, which
 * is all that a length can announce.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { tpkt } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(tpkt());
 * decoder.push(Uint8Array.of(3, 0, 0, 7, 2, 0xf0, 0x80));
 * assert.deepEqual(decoder.read(), Uint8Array.of(2, 0xf0, 0x80));
 * ```
 */
export function tpkt(): Protocol {
  return {
    framer: headerFramer(HEADER, { offset: 2, size: 2, counts: "frame" }, (input) => {
      const version = input.peek();
      if (version !== VERSION) throw new MalformedFrameError(`version ${version} is not supported`);
    }),
    codec: {
      decode: (frame) => frame.subarray(HEADER),
      ...writing((message: Uint8Array, output) => {
        output.writeUint(VERSION, 1);
        output.writeUint(0, 1);
        output.writeUint(HEADER + message.length, 2);
        output.write(message);
      }),
    },
    maxFrameLength: MAX_LENGTH,
  };
}
