import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { uint, uintLE } from "./integers.ts";

/** A message of D-Bus. */
export interface DbusMessage {
  /** Whether its numbers have the least significant byte first; default `true`. */
  readonly littleEndian?: boolean;
  /** Type: 1 for a method call, 2 for a return, 3 for an error, 4 for a signal. */
  readonly type: number;
  /** Flags; default 0. */
  readonly flags?: number;
  /** Identifier that a reply names in its fields; not 0. */
  readonly serial: number;
  /** Header fields, as the content of an array of structures, without its length. */
  readonly fields: Uint8Array;
  /** Body. */
  readonly body: Uint8Array;
}

/** Length of the fixed part of the header, and limits of the fields and of a message, in bytes. */
const HEADER = 16;
const MAX_FIELDS = 2 ** 26;
const MAX_MESSAGE = 2 ** 27;
const VERSION = 1;
const LITTLE = 0x6c;
const BIG = 0x42;

/**
 * D-Bus, for clients and servers, after authentication (D-Bus Specification, "Message Protocol").
 *
 * ```text
 *   ┌────────────┬──────┬───────┬─────────┬─────────────┬────────┬───────────────┐
 *   │ "l" or "B" │ type │ flags │ version │ body length │ serial │ fields length │
 *   └────────────┴──────┴───────┴─────────┴─────────────┴────────┴───────────────┘
 *     1            1      1       1         4             4        4
 *   ┌────────┬──────────────┬──────┐
 *   │ fields │ padding to 8 │ body │
 *   └────────┴──────────────┴──────┘
 * ```
 *
 * Authentication is a zero byte and lines, `delimited("\r\n")`; after the line `BEGIN` both sides switch to this
 * protocol. The limit is 128 MiB, the specification's own.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder, FrameEncoder } from "@framewright/framewright";
 * import { dbus } from "@framewright/framewright/protocols";
 *
 * const encoder = new FrameEncoder(dbus());
 * const none = new Uint8Array(0);
 * encoder.write({ type: 1, serial: 7, fields: none, body: none });
 * const decoder = new FrameDecoder(dbus());
 * for (const chunk of encoder.drain()) decoder.push(chunk);
 * assert.equal(decoder.read()!.serial, 7);
 * ```
 */
export function dbus(): Protocol<Required<DbusMessage>, DbusMessage> {
  return {
    framer: {
      measure(input) {
        const header = input.look(HEADER);
        if (header === undefined) return undefined;
        const [order, , , version] = header;
        if ((order !== LITTLE && order !== BIG) || version !== VERSION) {
          throw new MalformedFrameError("it is not a message of D-Bus, version 1");
        }
        const read = order === LITTLE ? uintLE : uint;
        const fields = read(header, 12, 4);
        if (fields > MAX_FIELDS) {
          throw new MalformedFrameError(
            `header fields have ${fields} bytes: limit is ${MAX_FIELDS}`,
          );
        }
        return bodyAt(fields) + read(header, 4, 4);
      },
      write: (frame, output) => output.write(frame),
    },
    codec: {
      decode(frame) {
        const littleEndian = frame[0] === LITTLE;
        const read = littleEndian ? uintLE : uint;
        const end = HEADER + read(frame, 12, 4);
        return {
          littleEndian,
          type: frame[1]!,
          flags: frame[2]!,
          serial: read(frame, 8, 4),
          fields: frame.subarray(HEADER, end),
          body: frame.subarray(bodyAt(end - HEADER)),
        };
      },
      ...writing((message: DbusMessage, output) => {
        const { littleEndian = true, type, flags = 0, serial, fields, body } = message;
        if (fields.length > MAX_FIELDS) {
          throw new RangeError(
            `Cannot write fields of ${fields.length} bytes: limit is ${MAX_FIELDS}`,
          );
        }
        output.writeUint(littleEndian ? LITTLE : BIG, 1);
        output.writeUint(type, 1);
        output.writeUint(flags, 1);
        output.writeUint(VERSION, 1);
        for (const number of [body.length, serial, fields.length]) {
          output.writeUint(number, 4, littleEndian);
        }
        output.write(fields);
        output.write(new Uint8Array(bodyAt(fields.length) - HEADER - fields.length));
        output.write(body);
      }),
    },
    maxFrameLength: MAX_MESSAGE,
  };
}

/** Returns where the body begins: at a multiple of 8. */
function bodyAt(fields: number): number {
  return HEADER + Math.ceil(fields / 8) * 8;
}
