import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import {
  type AmqpProtocolHeader,
  decodeProtocolHeader,
  isProtocolHeader,
  measureProtocolHeader,
  writeProtocolHeader,
} from "./amqp_header.ts";
import { headerFramer } from "./header_framer.ts";
import { uint } from "./integers.ts";

/** A frame of AMQP 1.0. */
export interface Amqp1Frame {
  /** Type. */
  readonly type: "amqp" | "sasl";
  /** Channel; default 0. */
  readonly channel?: number;
  /** A performative and its payload; empty in a heartbeat. */
  readonly body: Uint8Array;
}

const TYPES = ["amqp", "sasl"] as const;
const HEADER = 8;

/**
 * AMQP 1.0, for clients and servers (OASIS AMQP 1.0, part 2, sections 2.2 and 2.3). Both sides send a protocol
 * header first, and again after TLS and SASL.
 *
 * ```text
 *   ┌────────┬────┬─────────┐
 *   │ "AMQP" │ id │ version │                                     protocol header
 *   └────────┴────┴─────────┘
 *   ┌────────┬─────────────┬──────┬─────────┬──────────┬──────┐
 *   │ length │ data offset │ type │ channel │ extended │ body │   frame: the length counts all bytes
 *   └────────┴─────────────┴──────┴─────────┴──────────┴──────┘
 *     4        1             1      2
 * ```
 *
 * The data offset counts words of four bytes; an extended header is left out. The default limit is 1 MiB: more
 * than brokers propose as `max-frame-size`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { amqp1 } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(amqp1());
 * decoder.push(Uint8Array.of(0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0, 0, 0, 0, 9, 2, 1, 0, 0, 0x40));
 * assert.deepEqual([...decoder], [
 *   { type: "protocol", id: 3, version: [1, 0, 0] },
 *   { type: "sasl", channel: 0, body: Uint8Array.of(0x40) },
 * ]);
 * ```
 */
export function amqp1(): Protocol<
  Required<Amqp1Frame> | AmqpProtocolHeader,
  Amqp1Frame | AmqpProtocolHeader
> {
  const frames = headerFramer(HEADER, { counts: "frame" });
  return {
    framer: {
      measure: (input) =>
        isProtocolHeader(input.peek()) ? measureProtocolHeader(input) : frames.measure(input),
      write: (frame, output) =>
        isProtocolHeader(frame[0]) ? output.write(frame) : frames.write(frame, output),
    },
    codec: {
      decode(frame) {
        if (isProtocolHeader(frame[0])) return decodeProtocolHeader(frame);
        const start = 4 * frame[4]!;
        const type = TYPES[frame[5]!];
        if (type === undefined) throw new MalformedFrameError(`unknown frame type ${frame[5]}`);
        if (start < HEADER || start > frame.length) {
          throw new MalformedFrameError(`data offset ${frame[4]} is invalid`);
        }
        return { type, channel: uint(frame, 6, 2), body: frame.subarray(start) };
      },
      ...writing((message: Amqp1Frame | AmqpProtocolHeader, output) => {
        if (message.type === "protocol") return writeProtocolHeader(message, output);
        const { type, channel = 0, body } = message;
        output.writeUint(HEADER + body.length, 4);
        output.writeUint(2, 1);
        output.writeUint(TYPES.indexOf(type), 1);
        output.writeUint(channel, 2);
        output.write(body);
      }),
    },
    maxFrameLength: 2 ** 20,
  };
}
