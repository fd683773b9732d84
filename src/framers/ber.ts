import type { ByteReader } from "../bytes/byte_reader.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Framer } from "./framer.ts";
import { safeLength } from "./lengths/safe_length.ts";
import { refuseOtherLength } from "./self_measure.ts";

/** Maximum number of bytes of a tag number of 31 or more, seven bits each. */
const MAX_TAG_BYTES = 8;

/**
 * Values of ASN.1 in BER or DER, as in LDAP, SNMP and certificates (ITU-T X.690, section 8.1). The frame is the
 * whole encoding: tag, length and contents.
 *
 * ```text
 *   ┌─────┬────────┬──────────┐
 *   │ tag │ length │ contents │
 *   └─────┴────────┴──────────┘
 * ```
 *
 * A length of 128 or more is preceded by 128 plus the number of its bytes. Malformed are the indefinite length, a
 * length over 2^53 - 1, the reserved byte FF as the length, a tag number that begins with a zero, and one of
 * more than 8 bytes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ber, FrameDecoder } from "@framewright/framewright";
 *
 * const decoder = new FrameDecoder(ber());
 * decoder.push(Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x07, 0x05, 0x00));
 * assert.deepEqual(decoder.readAll(), [
 *   Uint8Array.of(0x30, 0x03, 0x02, 0x01, 0x07),
 *   Uint8Array.of(0x05, 0x00),
 * ]);
 * ```
 */
export function ber(): Framer {
  const framer: Framer = {
    measure: measureBer,
    write(frame, output) {
      refuseOtherLength(framer, frame);
      output.write(frame);
    },
  };
  return framer;
}

/** Measures an element of BER, tag and length included. */
export function measureBer(input: Pick<ByteReader, "peek">): number | undefined {
  const tag = tagLength(input);
  if (tag === undefined) return undefined;
  const first = input.peek(tag);
  if (first === undefined) return undefined;
  if (first < 0x80) return tag + 1 + first;
  if (first === 0x80) throw new MalformedFrameError("its length is indefinite");
  if (first === 0xff) throw new MalformedFrameError("its length begins with the reserved byte FF");
  let at = tag + 1;
  let length = 0;
  for (const end = at + (first & 0x7f); at < end; at++) {
    const byte = input.peek(at);
    if (byte === undefined) return undefined;
    length = safeLength(length * 256 + byte);
  }
  return safeLength(at + length);
}

function tagLength(input: Pick<ByteReader, "peek">): number | undefined {
  const first = input.peek();
  if (first === undefined) return undefined;
  if ((first & 0x1f) !== 0x1f) return 1;
  for (let index = 1; index <= MAX_TAG_BYTES; index++) {
    const byte = input.peek(index);
    if (byte === undefined) return undefined;
    if (byte === 0x80 && index === 1) {
      throw new MalformedFrameError("its tag number begins with a zero");
    }
    if (byte < 0x80) return index + 1;
  }
  throw new MalformedFrameError(`its tag number has more than ${MAX_TAG_BYTES} bytes`);
}
