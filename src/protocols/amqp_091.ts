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

/** A frame of AMQP 0-9-1. */
export interface Amqp091Frame {
  /** Type. */
  readonly type: "method" | "header" | "body" | "heartbeat";
  /** Channel; 0 for the connection itself. */
  readonly channel: number;
  /** The bytes between header and end: those of a method begin with its class and method identifiers. */
  readonly payload: Uint8Array;
}

/** Types by number. */
const TYPES = [, "method", "header", "body", , , , , "heartbeat"] as const;
const HEADER = 7;
const END = 0xce;

/**
 * AMQP 0-9-1, for clients and servers (AMQP 0-9-1, section 4.2.3). A client sends the protocol header first; a
 * server sends its own in place of a frame if it does not support that version.
 *
 * ```text
 *   ┌────────┬────┬─────────┐
 *   │ "AMQP" │ id │ version │                  protocol header
 *   └────────┴────┴─────────┘
 *   ┌──────┬─────────┬────────┬─────────┬────┐
 *   │ type │ channel │ length │ payload │ CE │   frame
 *   └──────┴─────────┴────────┴─────────┴────┘
 *     1      2         4                  1
 * ```
 *
 * The default limit is 131,072 bytes, the `frame-max` that RabbitMQ proposes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameEncoder, FrameDecoder } from "@framewright/framewright";
 * import { amqp091 } from "@framewright/framewright/protocols";
 *
 * const encoder = new FrameEncoder(amqp091());
 * encoder.write({ type: "protocol", id: 0, version: [0, 9, 1] });
 * assert.deepEqual(encoder.drain()[0], Uint8Array.of(0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1));
 *
 * const decoder = new FrameDecoder(amqp091());
 * decoder.push(Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0xce));
 * assert.equal(decoder.read()!.type, "heartbeat");
 * ```
 */
export function amqp091(): Protocol<Amqp091Frame | AmqpProtocolHeader> {
  const end = Uint8Array.of(END);
  const frames = headerFramer(HEADER, { offset: 3 }, (input) => {
    const type = input.peek()!;
    if (TYPES[type] === undefined) throw new MalformedFrameError(`unknown frame type ${type}`);
  });
  return {
    framer: {
      measure(input) {
        if (isProtocolHeader(input.peek())) return measureProtocolHeader(input);
        const length = frames.measure(input);
        if (length !== undefined) input.expect(end);
        return length;
      },
      write(frame, output) {
        if (isProtocolHeader(frame[0])) return output.write(frame);
        frames.write(frame, output);
        output.write(end);
      },
    },
    codec: {
      decode(frame) {
        if (isProtocolHeader(frame[0])) return decodeProtocolHeader(frame);
        return {
          type: TYPES[frame[0]!]!,
          channel: uint(frame, 1, 2),
          payload: frame.subarray(HEADER),
        };
      },
      ...writing((message: Amqp091Frame | AmqpProtocolHeader, output) => {
        if (message.type === "protocol") return writeProtocolHeader(message, output);
        const { type, channel, payload } = message;
        output.writeUint(TYPES.indexOf(type), 1);
        output.writeUint(channel, 2);
        output.writeUint(payload.length, 4);
        output.write(payload);
        output.writeUint(END, 1);
      }),
    },
    maxFrameLength: 131_072,
  };
}
