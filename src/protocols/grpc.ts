import type { Protocol } from "../protocol.ts";
import { enveloped } from "./envelopes.ts";

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
  return enveloped(
    1,
    (flags, data): GrpcMessage => ({ compressed: flags === 1, data }),
    ({ compressed }) => compressed ? 1 : 0,
  );
}
