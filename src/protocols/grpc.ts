import { writing } from "../codecs/writing.ts";
import { MalformedFrameError } from "../errors.ts";
import { lengthField } from "../framers/length_field.ts";
import type { Protocol } from "../protocol.ts";

/** A message of gRPC. */
export interface GrpcMessage {
  /** The message as it was sent, which may be compressed. */
  readonly data: Uint8Array;
  /** Whether the data is compressed by the encoding that the call's headers name; default `false`. */
  readonly compressed?: boolean;
}

/**
 * gRPC's length-prefixed messages, in the body of a request or a response (gRPC over HTTP2, "Requests").
 *
 * ```text
 *   ┌────────────┬────────┬──────┐
 *   │ compressed │ length │ data │
 *   └────────────┴────────┴──────┘
 *     1            4
 * ```
 *
 * The default limit is 4 MiB of data, as gRPC's own libraries have it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { grpc } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(grpc());
 * decoder.push(Uint8Array.of(0, 0, 0, 0, 2, 8, 1));
 * assert.deepEqual(decoder.read(), { compressed: false, data: Uint8Array.of(8, 1) });
 * ```
 */
export function grpc(): Protocol<GrpcMessage> {
  return {
    framer: lengthField({ offset: 1, skip: 0 }),
    codec: {
      decode: (frame) => ({ compressed: compressed(frame[0]!), data: frame.subarray(5) }),
      ...writing(({ compressed, data }: GrpcMessage, output) => {
        output.writeUint(compressed ? 1 : 0, 1);
        output.writeUint(data.length, 4);
        output.write(data);
      }),
    },
    maxFrameLength: 5 + 4 * 2 ** 20,
  };
}

function compressed(flag: number): boolean {
  if (flag > 1) throw new MalformedFrameError(`unknown flags ${flag}`);
  return flag === 1;
}
