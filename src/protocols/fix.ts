import type { ByteReader } from "../bytes/byte_reader.ts";
import type { ByteWriter } from "../bytes/byte_writer.ts";
import { concat } from "../bytes/concat.ts";
import { indexOf } from "../bytes/index_of.ts";
import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { latin1 } from "./latin1.ts";

/** A message of FIX. */
export interface FixMessage {
  /** Version, tag 8: `"FIX.4.4"`, `"FIXT.1.1"`. */
  readonly version: string;
  /** The fields from MsgType (tag 35) to the last one before the checksum, each with its SOH. */
  readonly body: Uint8Array;
}

/** Maximum length in bytes of the fields 8 and 9. */
const MAX_HEADER = 64;
/** `10=ddd` and SOH. */
const TRAILER = 7;
const HEADER = /^8=([\x20-\x7e]{1,32})\x019=(\d{1,10})\x01$/;

/**
 * FIX in its tag=value encoding (FIX Session Layer, "TagValue Encoding"; FIX 4.4, volume 1, "Message Format").
 *
 * ```text
 *   ┌───────────┬─────┬─────┬─────┬────────────────────────────┬────────┬─────┐
 *   │ 8=FIX.4.4 │ SOH │ 9=5 │ SOH │ 35=0 SOH                   │ 10=163 │ SOH │
 *   └───────────┴─────┴─────┴─────┴────────────────────────────┴────────┴─────┘
 *                       length of   the body                     sum of all bytes before
 * ```
 *
 * FIX requires that garbled messages are ignored. One with a wrong checksum or without MsgType is a
 * {@link CodecError}. Bytes that do not begin a message, or one whose length is wrong, are discarded up to the next
 * `8=FIX`, and reported to `onInvalid`. The body is bytes, since raw data fields may contain SOH. The default limit is
 * 1 MiB, that of every protocol: FIX has none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { fix } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(fix());
 * decoder.push(new TextEncoder().encode("8=FIX.4.4\x019=5\x0135=0\x0110=163\x01"));
 * const { version, body } = decoder.read()!;
 * assert.equal(version, "FIX.4.4");
 * assert.equal(new TextDecoder().decode(body), "35=0\x01");
 * ```
 */
export function fix(): Protocol<FixMessage> {
  const begin = latin1.encode("8=FIX");
  const soh = Uint8Array.of(1);
  const partial = { partial: true };

  /** Returns the end of a header that has two fields; -1 if the second one is not complete. */
  function headerEnd(bytes: Uint8Array): number {
    const first = indexOf(bytes, soh);
    return first < 0 ? -1 : indexOf(bytes, soh, first + 1) + 1 || -1;
  }

  return {
    framer: {
      measure(input) {
        for (;;) {
          const available = Math.min(input.length, MAX_HEADER);
          const bytes = input.look(available)!;
          let reason = "message does not begin with 8=FIX";
          const begins = begin.every((byte, index) => index >= available || bytes[index] === byte);
          if (begins) {
            const end = headerEnd(bytes);
            if (end < 0 && available < MAX_HEADER) return undefined;
            const digits = HEADER.exec(latin1.decode(bytes.subarray(0, Math.max(end, 0))))?.[2];
            reason = "message has no body length";
            if (digits !== undefined) {
              const length = end + Number(digits) + TRAILER;
              if (input.length < length) {
                input.atLeast(length);
                return undefined;
              }
              if (endsWithTrailer(input, length)) return length;
              reason = "checksum is missing: the body length is wrong";
            }
          }
          const next = input.find(begin, { from: begins ? 1 : 0, ...partial });
          input.discard(next ?? input.length, reason);
          if (input.length === 0) return undefined;
        }
      },
      write: (frame, output) => output.write(frame),
    },
    codec: {
      decode(frame) {
        const start = headerEnd(frame);
        const end = frame.length - TRAILER;
        if (
          Number(latin1.decode(frame.subarray(end + 3, end + 6))) !==
            checksum(frame.subarray(0, end))
        ) {
          throw new MalformedFrameError("checksum is wrong");
        }
        const [, version] = HEADER.exec(latin1.decode(frame.subarray(0, start)))!;
        const body = frame.subarray(start, end);
        if (!hasType(body)) throw new MalformedFrameError("message does not begin with its type");
        return { version: version!, body };
      },
      ...writing(writeMessage),
    },
  };
}

function endsWithTrailer(input: ByteReader, length: number): boolean {
  const at = length - TRAILER - 1;
  input.skip(at);
  const trailer = latin1.decode(input.look(TRAILER + 1)!);
  input.skip(-at);
  return /^\x0110=\d{3}\x01$/.test(trailer);
}

/** Returns whether a body begins with MsgType. */
function hasType(body: Uint8Array): boolean {
  return latin1.decode(body.subarray(0, 3)) === "35=";
}

function writeMessage({ version, body }: FixMessage, output: ByteWriter): void {
  if (!/^FIX[\x20-\x7e]{0,29}$/.test(version)) {
    throw new TypeError("Invalid version: expected FIX and a number");
  }
  if (!(hasType(body) && body[body.length - 1] === 1)) {
    throw new TypeError("Cannot write message: expected a body from tag 35 to SOH");
  }
  const bytes = concat([latin1.encode(`8=${version}\x019=${body.length}\x01`), body]);
  output.write(bytes);
  output.write(latin1.encode(`10=${`${checksum(bytes)}`.padStart(3, "0")}\x01`));
}

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index++) sum = sum + bytes[index]! & 0xff;
  return sum;
}
