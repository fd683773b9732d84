import { isLength } from "../bytes/is_length.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { lengthPrefixed } from "../framers/length_prefixed.ts";
import type { LengthPrefix } from "../framers/lengths/length_prefix.ts";
import { uint16 } from "../framers/lengths/uint.ts";
import type { Protocol } from "../protocol.ts";

/** A message of ISO 8583 as it is sent over TCP. */
export interface Iso8583Message {
  /** The bytes before the message type: for example a TPDU of 5 bytes. */
  readonly header: Uint8Array;
  /** The message, from its type indicator on; empty to keep the connection alive. */
  readonly data: Uint8Array;
}

/** The options of {@link iso8583}. */
export interface Iso8583Options {
  /**
   * Format of the length; default `uint16`. Others in use are `decimal(4)`, `uint16LE`, and
   * `inclusive(uint16, 2)`, which counts itself.
   */
  readonly prefix?: LengthPrefix;
  /** Length of the header in bytes: 5 for a TPDU; default 0. */
  readonly headerLength?: number;
}

/**
 * ISO 8583 over TCP. The standard (ISO 8583:2023) defines messages and no framing; networks agree on a length, and
 * sometimes on a header.
 *
 * ```text
 *   ┌────────┬────────┬──────┐
 *   │ length │ header │ data │
 *   └────────┴────────┴──────┘
 *     2 or 4   0 or 5
 * ```
 *
 * The default limit is 65,535 bytes, which is all that a length of two bytes can announce.
 *
 * @throws {RangeError} `headerLength` is not a non-negative integer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { decimal, FrameDecoder } from "@framewright/framewright";
 * import { iso8583 } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(iso8583({ prefix: decimal(4) }));
 * decoder.push(new TextEncoder().encode("00080800abcd"));
 * assert.equal(new TextDecoder().decode(decoder.read()!.data), "0800abcd");
 * ```
 */
export function iso8583(options: Iso8583Options = {}): Protocol<Iso8583Message> {
  const { prefix = uint16, headerLength = 0 } = options;
  if (!isLength(headerLength)) {
    throw new RangeError(`Invalid headerLength ${headerLength}: expected a non-negative integer`);
  }
  return {
    framer: lengthPrefixed(prefix),
    codec: {
      decode(frame) {
        if (frame.length > 0 && frame.length < headerLength) {
          throw new MalformedFrameError(`its header is shorter than ${headerLength} bytes`);
        }
        return { header: frame.subarray(0, headerLength), data: frame.subarray(headerLength) };
      },
      ...writing(({ header, data }: Iso8583Message, output) => {
        if (header.length !== headerLength && header.length + data.length > 0) {
          throw new RangeError(
            `Cannot write header of ${header.length} bytes: expected ${headerLength}`,
          );
        }
        prefix.write(header.length + data.length, output);
        output.write(header);
        output.write(data);
      }),
    },
    maxFrameLength: 4 + 65_535,
  };
}
