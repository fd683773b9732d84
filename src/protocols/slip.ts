import { concat } from "../bytes/concat.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { delimited } from "../framers/delimited.ts";
import type { Protocol } from "../protocol.ts";

const END = 0xc0;
const ESC = 0xdb;
const ESC_END = 0xdc;
const ESC_ESC = 0xdd;

/**
 * Packets on a serial line (RFC 1055, "Protocol").
 *
 * ```text
 *   ┌──────────────────────────────────┬────┐
 *   │ packet, c0 as db dc, db as db dd │ c0 │   a delimiter alone is skipped
 *   └──────────────────────────────────┴────┘
 * ```
 *
 * A packet with an unknown escape is a {@link CodecError}, and the next one can be read; RFC 1055 would keep its
 * bytes. The default limit is 64 KiB of escaped bytes; RFC 1055 recommends packets of at most 1,006 bytes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { slip } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(slip());
 * decoder.push(Uint8Array.of(0xc0, 1, 0xdb, 0xdc, 0xc0));
 * assert.deepEqual(decoder.read(), Uint8Array.of(1, 0xc0));
 * ```
 */
export function slip(): Protocol {
  const framer = delimited(Uint8Array.of(END), { skipEmpty: true });
  return {
    framer,
    codec: {
      decode(frame) {
        let at = frame.indexOf(ESC);
        if (at < 0) return frame;
        const packet = frame.slice();
        let length = at;
        for (; at < frame.length; at++) {
          let byte = frame[at]!;
          if (byte === ESC) {
            const next = frame[++at];
            if (next !== ESC_END && next !== ESC_ESC) {
              throw new MalformedFrameError("packet has an unknown escape");
            }
            byte = next === ESC_END ? END : ESC;
          }
          packet[length++] = byte;
        }
        return packet.subarray(0, length);
      },
      ...writing((packet: Uint8Array, output: ByteWriter) => {
        const pieces: Uint8Array[] = [];
        let from = 0;
        for (let at = 0; at < packet.length; at++) {
          const byte = packet[at]!;
          if (byte !== END && byte !== ESC) continue;
          pieces.push(packet.subarray(from, at));
          pieces.push(Uint8Array.of(ESC, byte === END ? ESC_END : ESC_ESC));
          from = at + 1;
        }
        pieces.push(packet.subarray(from));
        framer.write(concat(pieces), output);
      }),
    },
    maxFrameLength: 65_536,
  };
}
