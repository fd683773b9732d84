import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";
import { uint } from "./integers.ts";

/** A record of TLS. */
export interface TlsRecord {
  /** Content type: 20 change cipher spec, 21 alert, 22 handshake, 23 application data, 24 heartbeat. */
  readonly type: number;
  /** Version; default 0x0303, as TLS 1.2 and 1.3 have it. */
  readonly version?: number;
  /** Content, which is encrypted after the handshake has begun. */
  readonly fragment: Uint8Array;
}

const HEADER = 5;
/** Maximum length of a fragment: 2^14, and 2,048 that encryption may add. */
const MAX_FRAGMENT = 2 ** 14 + 2048;

/**
 * TLS records, for programs that route or observe TLS without decrypting it (RFC 8446, section 5.1; RFC 5246,
 * section 6.2).
 *
 * ```text
 *   ┌──────┬─────────┬────────┬──────────┐
 *   │ type │ version │ length │ fragment │
 *   └──────┴─────────┴────────┴──────────┘
 *     1      2         2
 * ```
 *
 * The limit is 18,432 bytes of fragment, the maximum of TLS 1.2. Bytes that are not TLS are refused once five have
 * arrived.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { tlsRecords } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(tlsRecords());
 * decoder.push(Uint8Array.of(21, 3, 3, 0, 2, 1, 0)); // close_notify
 * assert.deepEqual(decoder.read(), { type: 21, version: 0x0303, fragment: Uint8Array.of(1, 0) });
 * ```
 */
export function tlsRecords(): Protocol<Required<TlsRecord>, TlsRecord> {
  return {
    framer: headerFramer(HEADER, { offset: 3, size: 2 }, (input) => {
      const type = input.peek()!;
      if (type >= 20 && type <= 24 && input.peek(1) === 3) return;
      throw new MalformedFrameError("it is not a TLS record");
    }),
    codec: {
      decode: (frame) => ({
        type: frame[0]!,
        version: uint(frame, 1, 2),
        fragment: frame.subarray(HEADER),
      }),
      ...writing(({ type, version = 0x0303, fragment }: TlsRecord, output) => {
        output.writeUint(type, 1);
        output.writeUint(version, 2);
        output.writeUint(fragment.length, 2);
        output.write(fragment);
      }),
    },
    maxFrameLength: HEADER + MAX_FRAGMENT,
  };
}
