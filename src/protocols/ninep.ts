import { writing } from "../codecs/writing.ts";
import type { Protocol } from "../protocol.ts";
import { headerFramer } from "./header_framer.ts";
import { uintLE } from "./integers.ts";

/** A message of 9P. */
export interface NinepMessage {
  /** Type: 100 for Tversion; a reply has the next number. */
  readonly type: number;
  /** Tag that a reply repeats; 65,535 for Tversion. */
  readonly tag: number;
  /** Fields of the type. */
  readonly body: Uint8Array;
}

const HEADER = 7;

/**
 * 9P2000 and its extensions, for clients and servers (Plan 9 Manual, intro(5)).
 *
 * ```text
 *   ┌─────────────┬──────┬──────────┬──────┐
 *   │ length (LE) │ type │ tag (LE) │ body │   the length counts all bytes
 *   └─────────────┴──────┴──────────┴──────┘
 *     4             1      2
 * ```
 *
 * The default limit is 1 MiB, more than the `msize` on which clients and servers agree by Tversion.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { ninep } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(ninep());
 * decoder.push(Uint8Array.of(7, 0, 0, 0, 121, 1, 0)); // Rclunk
 * assert.deepEqual(decoder.read(), { type: 121, tag: 1, body: new Uint8Array(0) });
 * ```
 */
export function ninep(): Protocol<NinepMessage> {
  return {
    framer: headerFramer(HEADER, { littleEndian: true, counts: "frame" }),
    codec: {
      decode: (frame) => ({
        type: frame[4]!,
        tag: uintLE(frame, 5, 2),
        body: frame.subarray(HEADER),
      }),
      ...writing(({ type, tag, body }: NinepMessage, output) => {
        output.writeUint(HEADER + body.length, 4, true);
        output.writeUint(type, 1);
        output.writeUint(tag, 2, true);
        output.write(body);
      }),
    },
    maxFrameLength: 2 ** 20,
  };
}
