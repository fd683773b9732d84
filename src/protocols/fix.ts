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
const SOH = 1;
const HEADER = /^8=([\x20-\x7e]{1,32})\x019=(\d{1,10})\x01$/;

/**
 * FIX in its tag=value encoding (FIX Session Layer, "TagValue Encoding"; FIX 4.4, volume 1, "Message Format").
 *
 * ```text
 *   ┌───────────┬─────┬─────┬─────┬────────────────────────────┬────────┬─────┐
 *   │ 8=FIX.4.4 │ SOH │ 9=5 │ SOH │ 35=0 SOH                   │ 10=163 │ SOH │
 *   └───────────┴─────┴─────┴─────┴────────────────────────────┴────────┴─────┘
 *                       length of       the body                 sum of all bytes before
 * ```
 *
 * A message whose checksum is wrong or missing is a {@link CodecError}, as FIX requires: it is ignored. Bytes that
 * do not begin a message are discarded up to the next `8=FIX`, and reported to `onInvalid`. The body is bytes,
 * since raw data fields may contain SOH. The default limit is 1 MiB.
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
  const soh = Uint8Array.of(SOH);
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
            const length = HEADER.exec(latin1.decode(bytes.subarray(0, Math.max(end, 0))))?.[2];
            if (length !== undefined) return end + Number(length) + TRAILER;
            reason = "message has no body length";
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
        const [, digits] = /^10=(\d{3})\x01$/.exec(latin1.decode(frame.subarray(end))) ?? [];
        if (digits === undefined || frame[end - 1] !== SOH) {
          throw new MalformedFrameError("checksum is missing: the body length is wrong");
        }
        if (Number(digits) !== checksum(frame.subarray(0, end))) {
          throw new MalformedFrameError("checksum is wrong");
        }
        const [, version] = HEADER.exec(latin1.decode(frame.subarray(0, start)))!;
        return { version: version!, body: frame.subarray(start, end) };
      },
      ...writing(writeMessage),
    },
  };
}

function writeMessage({ version, body }: FixMessage, output: ByteWriter): void {
  if (!/^FIX[\x20-\x7e]{0,29}$/.test(version)) {
    throw new TypeError("Invalid version: expected FIX and a number");
  }
  if (body[body.length - 1] !== SOH) {
    throw new TypeError("Cannot write message: its body does not end with SOH");
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
