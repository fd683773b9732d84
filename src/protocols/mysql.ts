import { concat } from "../bytes/concat.ts";
import { reading } from "../codecs/reading.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";

/** A message of MySQL to be sent. */
export interface MysqlMessage {
  /** Sequence number of its first packet: 0 for a command, `nextSequence` of the last message for a reply. */
  readonly sequence: number;
  /** The message: of any length, in as many packets as it needs. */
  readonly payload: Uint8Array;
}

/** A received message of MySQL. */
export interface ReceivedMysqlMessage extends MysqlMessage {
  /** Sequence number of the packet that follows in the same command. */
  readonly nextSequence: number;
}

const HEADER = 4;
/** Length of a payload that another packet continues. */
const FULL = 0xffffff;
/** Length of a packet that another one continues. */
const PACKET = HEADER + FULL;

/**
 * MySQL's and MariaDB's packets, for clients and servers ("MySQL Packets" in the MySQL Source Code
 * Documentation). A packet of 16,777,215 bytes is continued by the next one, which may be empty.
 *
 * ```text
 *   ┌─────────────┬──────────┬─────────┐
 *   │ length (LE) │ sequence │ payload │
 *   └─────────────┴──────────┴─────────┘
 *     3             1
 * ```
 *
 * Packets of one message must have consecutive sequence numbers. The compressed protocol has other packets. The
 * default limit is 64 MiB, MySQL's own default of `max_allowed_packet`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { mysql } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(mysql());
 * decoder.push(Uint8Array.of(1, 0, 0, 0, 0x0e));
 * assert.deepEqual(decoder.read(), { sequence: 0, nextSequence: 1, payload: Uint8Array.of(0x0e) });
 * ```
 */
export function mysql(): Protocol<ReceivedMysqlMessage, MysqlMessage> {
  return {
    framer: packets,
    codec: {
      ...reading((bytes, start, end) => {
        const sequence = bytes[start + 3]!;
        const packetCount = 1 + Math.floor((end - start) / PACKET);
        return {
          sequence,
          nextSequence: (sequence + packetCount) & 0xff,
          payload: packetCount === 1
            ? bytes.subarray(start + HEADER, end)
            : joined(bytes, start, end),
        };
      }),
      ...writing(({ sequence, payload }: MysqlMessage, output) => {
        for (let at = 0, number = sequence; at <= payload.length; at += FULL) {
          const part = payload.subarray(at, at + FULL);
          output.writeUint(part.length, 3, true);
          output.writeUint(number, 1);
          output.write(part);
          number = (number + 1) & 0xff;
        }
      }),
    },
    maxFrameLength: 64 * 2 ** 20,
  };
}

/** How far the packets of a message have been scanned, whose first bytes may be released if it is skipped. */
interface Scan {
  /** Where the next packet begins, or the message ends. */
  readonly at: number;
  /** Sequence number of the next packet; `undefined` after the last one. */
  readonly number: number | undefined;
}

/** All packets of a message, with their headers. */
const packets: Framer = {
  measure(input) {
    const scan = input.memo as Scan | undefined;
    let at = scan?.at ?? 0;
    for (let number = scan === undefined ? input.peek(3) : scan.number;;) {
      if (scan !== undefined && number === undefined) return at;
      if (input.length < at + HEADER) {
        input.atLeast(at + HEADER);
        return undefined;
      }
      const next = input.peek(at + 3);
      if (next !== number) {
        throw new MalformedFrameError(`packet has sequence number ${next}: expected ${number}`);
      }
      const length = input.peek(at)! + input.peek(at + 1)! * 256 + input.peek(at + 2)! * 65_536;
      const last = length < FULL;
      const first = at === 0;
      at += HEADER + length;
      number = last ? undefined : (next! + 1) & 0xff;
      if (!(first && last)) input.memo = { at, number } satisfies Scan;
      if (last) return at;
    }
  },
  write: (message, output) => output.write(message),
};

/** Returns the payloads of the packets in `bytes[start, end)`. */
function joined(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const payloads: Uint8Array[] = [];
  for (let at = start; at < end; at += PACKET) {
    payloads.push(bytes.subarray(at + HEADER, Math.min(at + PACKET, end)));
  }
  return concat(payloads);
}
