import { NOTHING } from "../bytes/nothing.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";
import { uint } from "./integers.ts";

/** A packet of memcached's binary protocol. */
export interface MemcachedPacket {
  /** Kind of the packet. */
  readonly type: "request" | "response";
  /** Command: 0 for Get, 1 for Set. */
  readonly opcode: number;
  /** Status of a response, 0 for success; default 0. In a request, the number of its virtual bucket. */
  readonly status?: number;
  /** Number that the response repeats; default 0. */
  readonly opaque?: number;
  /** Version of the data; default `0n`. */
  readonly cas?: bigint;
  /** Fields of the command, such as flags and expiry; default: none. */
  readonly extras?: Uint8Array;
  /** Key; default: none. */
  readonly key?: Uint8Array;
  /** Value; default: none. */
  readonly value?: Uint8Array;
}

const HEADER = 24;
const REQUEST = 0x80;
const RESPONSE = 0x81;

/**
 * memcached's binary protocol, for clients and servers (memcached, "BinaryProtocolRevamped",
 * "Packet Structure").
 *
 * ```text
 *   ┌───────┬────────┬────────────┬───────────────┬───┬────────┬────────┬────────┬─────┐
 *   │ magic │ opcode │ key length │ extras length │ 0 │ status │ length │ opaque │ cas │
 *   └───────┴────────┴────────────┴───────────────┴───┴────────┴────────┴────────┴─────┘
 *     1       1        2            1               1   2        4        4        8
 *   ┌────────┬─────┬───────┐
 *   │ extras │ key │ value │   length: that of all three
 *   └────────┴─────┴───────┘
 * ```
 *
 * The protocol is deprecated in favor of the meta commands of {@link memcached}. The default limit is 2 MiB:
 * memcached's items have at most 1 MiB unless configured otherwise.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, FrameEncoder } from "@framewright/framewright";
 * import { memcachedBinary } from "@framewright/framewright/protocols";
 *
 * const encoder = new FrameEncoder(memcachedBinary());
 * encoder.write({ type: "request", opcode: 0, key: new TextEncoder().encode("Hello") });
 * const decoder = new FrameDecoder(memcachedBinary());
 * for (const chunk of encoder.drain()) decoder.push(chunk);
 * assert.equal(new TextDecoder().decode(decoder.read()!.key), "Hello");
 * ```
 */
export function memcachedBinary(): Protocol<Required<MemcachedPacket>, MemcachedPacket> {
  return {
    framer: headerFramer(HEADER, { offset: 8, adjust: 12 }, (input) => {
      const magic = input.peek();
      if (magic !== REQUEST && magic !== RESPONSE) {
        throw new MalformedFrameError(`magic number ${magic} is unknown`);
      }
    }),
    codec: {
      decode(frame) {
        const keyAt = HEADER + frame[4]!;
        const valueAt = keyAt + uint(frame, 2, 2);
        if (valueAt > frame.length) {
          throw new MalformedFrameError("extras and key are longer than the packet");
        }
        return {
          type: frame[0] === REQUEST ? "request" : "response",
          opcode: frame[1]!,
          status: uint(frame, 6, 2),
          opaque: uint(frame, 12, 4),
          cas: BigInt(uint(frame, 16, 4)) << 32n | BigInt(uint(frame, 20, 4)),
          extras: frame.subarray(HEADER, keyAt),
          key: frame.subarray(keyAt, valueAt),
          value: frame.subarray(valueAt),
        };
      },
      ...writing((message: MemcachedPacket, output) => {
        const { type, opcode, status = 0, opaque = 0, cas = 0n } = message;
        const { extras = NOTHING, key = NOTHING, value = NOTHING } = message;
        output.writeUint(type === "request" ? REQUEST : RESPONSE, 1);
        output.writeUint(opcode, 1);
        output.writeUint(key.length, 2);
        output.writeUint(extras.length, 1);
        output.writeUint(0, 1);
        output.writeUint(status, 2);
        output.writeUint(extras.length + key.length + value.length, 4);
        output.writeUint(opaque, 4);
        output.writeUint(Number(cas >> 32n), 4);
        output.writeUint(Number(cas & 0xffffffffn), 4);
        output.write(extras);
        output.write(key);
        output.write(value);
      }),
    },
    maxFrameLength: 2 * 2 ** 20,
  };
}
