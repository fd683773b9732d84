import { concat } from "../bytes/concat.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { type Part, part } from "../sequences/part.ts";
import { sequence } from "../sequences/sequence.ts";
import { headerFramer } from "./header_framer.ts";

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
 * default limit is 64 MiB, the server's default of `max_allowed_packet`.
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
  const packet = part(headerFramer(HEADER, { size: 3, littleEndian: true, adjust: 1 }));
  return sequence({
    *read(): Generator<Part, ReceivedMysqlMessage, unknown> {
      let frame = yield* packet;
      const sequence = frame[3]!;
      let nextSequence = (sequence + 1) & 0xff;
      let payload = frame.subarray(HEADER);
      if (payload.length < FULL) return { sequence, nextSequence, payload };
      const payloads = [payload];
      do {
        frame = yield* packet;
        if (frame[3] !== nextSequence) {
          throw new MalformedFrameError(
            `packet has sequence number ${frame[3]}: expected ${nextSequence}`,
          );
        }
        nextSequence = (nextSequence + 1) & 0xff;
        payloads.push(payload = frame.subarray(HEADER));
      } while (payload.length === FULL);
      return { sequence, nextSequence, payload: concat(payloads) };
    },
    write({ sequence, payload }: MysqlMessage, output) {
      for (let at = 0, number = sequence; at <= payload.length; at += FULL) {
        const part = payload.subarray(at, at + FULL);
        output.writeUint(part.length, 3, true);
        output.writeUint(number, 1);
        output.write(part);
        number = (number + 1) & 0xff;
      }
    },
    maxFrameLength: 64 * 2 ** 20,
  });
}
