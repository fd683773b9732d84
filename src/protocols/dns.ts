import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { lengthPrefixed } from "../framers/length_prefixed.ts";
import { uint16 } from "../framers/lengths/uint.ts";
import type { Protocol } from "../protocol.ts";
import { uint } from "./integers.ts";

/** A message of DNS to be sent. */
export interface DnsData {
  /** The whole message, from its header on, as a DNS packet library encodes and decodes it. */
  readonly data: Uint8Array;
  /** The identifier, written in place of that in the header; default: that in the header. */
  readonly id?: number;
}

/** A received message of DNS. */
export interface DnsMessage extends DnsData {
  /** The identifier in its header. */
  readonly id: number;
  /** Whether it is a response. */
  readonly response: boolean;
}

/** Length of a message's header in bytes. */
const HEADER = 12;

/**
 * DNS over TCP (RFC 1035, section 4.2.2; RFC 7766) and TLS (RFC 7858).
 *
 * ```text
 *   ┌────────┬────┬───────┬────────┬───────────────────────┐
 *   │ length │ id │ flags │ counts │ questions and records │
 *   └────────┴────┴───────┴────────┴───────────────────────┘
 *     2        2    2       8
 * ```
 *
 * Responses arrive in any order: a `Requester` with `match: ({ id }) => id` finds their requests. A zone transfer
 * is several messages with the same identifier. The limit is 65,535 bytes, which is all that a length can announce.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { dns } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(dns());
 * decoder.push(Uint8Array.of(0, 12, 0x12, 0x34, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0, 0));
 * const { id, response } = decoder.read()!;
 * assert.deepEqual([id, response], [0x1234, true]);
 * ```
 */
export function dns(): Protocol<DnsMessage, DnsData> {
  return {
    framer: lengthPrefixed(uint16),
    codec: {
      decode(data) {
        if (data.length < HEADER) throw new MalformedFrameError("DNS header is incomplete");
        return { id: uint(data, 0, 2), response: data[2]! >= 0x80, data };
      },
      ...writing(({ data, id = uint(data, 0, 2) }: DnsData, output) => {
        if (data.length < HEADER) {
          throw new TypeError("Cannot write DNS message: its header is incomplete");
        }
        output.writeUint(data.length, 2);
        output.writeUint(id, 2);
        output.write(data.subarray(2));
      }),
    },
    maxFrameLength: 2 + 65_535,
  };
}
