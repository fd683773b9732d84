import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { delimited } from "../framers/delimited.ts";
import type { Protocol } from "../protocol.ts";

/** Maximum number of bytes in a block, its code included. */
const MAX_CODE = 255;

/**
 * Packets without zero bytes, each followed by one (Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM
 * Transactions on Networking, volume 7, number 2; basic encoding).
 *
 * ```text
 *   ┌──────┬───────────┬──────┬───────────┬────┐
 *   │ code │ code − 1  │ code │ code − 1  │ 00 │   after each block but the last, a zero is left out,
 *   │      │ bytes     │      │ bytes     │    │   unless its code is ff
 *   └──────┴───────────┴──────┴───────────┴────┘
 * ```
 *
 * A packet whose blocks are cut costs only itself; zero bytes between packets are ignored. The default limit is
 * 64 KiB: packets on serial lines are much shorter.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { cobs } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(cobs());
 * decoder.push(Uint8Array.of(2, 0x11, 1, 0));
 * assert.deepEqual(decoder.read(), Uint8Array.of(0x11, 0));
 * ```
 */
export function cobs(): Protocol {
  const framer = delimited(Uint8Array.of(0), { skipEmpty: true });
  return {
    framer,
    codec: {
      decode(frame) {
        const packet = new Uint8Array(frame.length);
        let length = 0;
        for (let at = 0; at < frame.length;) {
          const code = frame[at]!;
          const end = at + code;
          if (end > frame.length) throw new MalformedFrameError("packet has an incomplete block");
          for (at++; at < end; at++) packet[length++] = frame[at]!;
          if (code < MAX_CODE && end < frame.length) length++;
        }
        return packet.subarray(0, length);
      },
      ...writing((packet: Uint8Array, output) => {
        const blocks = new Uint8Array(packet.length + Math.ceil(packet.length / 254) + 1);
        let code = 0;
        let length = 1;
        for (let at = 0; at < packet.length; at++) {
          const byte = packet[at]!;
          if (byte !== 0) blocks[length++] = byte;
          const full = length - code === MAX_CODE;
          if (byte !== 0 && !(full && at + 1 < packet.length)) continue;
          blocks[code] = length - code;
          code = length++;
        }
        blocks[code] = length - code;
        framer.write(blocks.subarray(0, length), output);
      }),
    },
    maxFrameLength: 65_536,
  };
}
