import type { Protocol } from "../protocol.ts";
import { enveloped } from "./envelopes.ts";
import type { GrpcMessage } from "./grpc.ts";

/** A message of gRPC-Web, or the trailers after the last one. */
export interface GrpcWebMessage extends GrpcMessage {
  /** Whether the data is the call's trailers, as lines such as `grpc-status: 0`; default `false`. */
  readonly trailers?: boolean;
}

/**
 * gRPC-Web's messages in the body of a request or a response, and its trailers, which HTTP/1.1 cannot carry
 * elsewhere (gRPC Web, "Protocol differences vs gRPC over HTTP2").
 *
 * ```text
 *   ┌───────┬────────┬──────┐
 *   │ flags │ length │ data │   flags: 01 compressed, 80 trailers
 *   └───────┴────────┴──────┘
 *     1       4
 * ```
 *
 * The body is binary: decode `application/grpc-web-text` from base64 first. The default limit is 4 MiB of
 * data, as gRPC's own libraries have it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { grpcWeb } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(grpcWeb());
 * decoder.push(Uint8Array.of(0x80, 0, 0, 0, 15));
 * decoder.push(new TextEncoder().encode("grpc-status:0\r\n"));
 * const { trailers, data } = decoder.read()!;
 * assert.equal(trailers, true);
 * assert.equal(new TextDecoder().decode(data), "grpc-status:0\r\n");
 * ```
 */
export function grpcWeb(): Protocol<GrpcWebMessage> {
  return enveloped(
    0x81,
    (flags, data): GrpcWebMessage => ({
      trailers: flags >= 0x80,
      compressed: (flags & 1) === 1,
      data,
    }),
    ({ trailers, compressed }) => (trailers ? 0x80 : 0) + (compressed ? 1 : 0),
  );
}
