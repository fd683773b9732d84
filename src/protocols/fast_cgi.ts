import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";
import { uint } from "./integers.ts";

/** A record of FastCGI. */
export interface FastCgiRecord {
  /** Type: 1 to begin a request, 4 for parameters, 5 for standard input, 6 for standard output, 3 at the end. */
  readonly type: number;
  /** Request; 0 for the connection. */
  readonly requestId: number;
  /** Content, at most 65,535 bytes; empty at the end of a stream. */
  readonly content: Uint8Array;
}

const HEADER = 8;
const VERSION = 1;

/**
 * FastCGI, for web servers and applications (FastCGI Specification, section 3.3).
 *
 * ```text
 *   ┌─────────┬──────┬────────────┬────────┬─────────────────┬───┬─────────┬─────────┐
 *   │ version │ type │ request id │ length │ padding length  │ 0 │ content │ padding │
 *   └─────────┴──────┴────────────┴────────┴─────────────────┴───┴─────────┴─────────┘
 *     1         1      2            2        1                 1
 * ```
 *
 * Records are written with the padding that aligns the next one to 8 bytes, as the specification recommends.
 * The limit is 65,535 bytes of content, which is all that a length can announce.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { fastCgi } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(fastCgi());
 * decoder.push(Uint8Array.of(1, 6, 0, 1, 0, 2, 6, 0, 0x6f, 0x6b, 0, 0, 0, 0, 0, 0));
 * assert.deepEqual(decoder.read(), { type: 6, requestId: 1, content: Uint8Array.of(0x6f, 0x6b) });
 * ```
 */
export function fastCgi(): Protocol<FastCgiRecord> {
  const record = headerFramer(HEADER, { offset: 4, size: 2, adjust: 2 }, (input) => {
    const version = input.peek();
    if (version !== VERSION) throw new MalformedFrameError(`version ${version} is not supported`);
  });
  return {
    framer: {
      measure(input) {
        const length = record.measure(input);
        if (length !== undefined) input.drop(input.peek(6)!);
        return length;
      },
      write(frame, output) {
        record.write(frame, output);
        output.write(new Uint8Array(frame[6]!));
      },
    },
    codec: {
      decode: (frame) => ({
        type: frame[1]!,
        requestId: uint(frame, 2, 2),
        content: frame.subarray(HEADER),
      }),
      ...writing(({ type, requestId, content }: FastCgiRecord, output) => {
        const padding = -content.length & 7;
        output.writeUint(VERSION, 1);
        output.writeUint(type, 1);
        output.writeUint(requestId, 2);
        output.writeUint(content.length, 2);
        output.writeUint(padding, 1);
        output.writeUint(0, 1);
        output.write(content);
        output.write(new Uint8Array(padding));
      }),
    },
    maxFrameLength: HEADER + 65_535 + 7,
  };
}
