import type { Protocol } from "../protocol.ts";
import { enveloped } from "./envelopes.ts";
import type { GrpcMessage } from "./grpc.ts";

/** An enveloped message of the Connect protocol. */
export interface ConnectRpcMessage extends GrpcMessage {
  /**
   * Whether this is the last message of a response: its data is a JSON object with error and trailers;
   * default `false`.
   */
  readonly endStream?: boolean;
}

/**
 * The Connect protocol's enveloped messages, in the bodies of streaming calls (Connect Protocol Reference,
 * "Streaming RPCs"). Unary calls have no envelopes.
 *
 * ```text
 *   ┌───────┬────────┬──────┐
 *   │ flags │ length │ data │   flags: 01 compressed, 02 end of stream
 *   └───────┴────────┴──────┘
 *     1       4
 * ```
 *
 * The default limit is 4 MiB of data, as gRPC's own libraries have it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FrameDecoder } from "@framewright/framewright";
 * import { connectRpc } from "@framewright/framewright/protocols";
 *
 * const decoder = new FrameDecoder(connectRpc());
 * decoder.push(Uint8Array.of(2, 0, 0, 0, 2, 0x7b, 0x7d));
 * const { endStream, data } = decoder.read()!;
 * assert.equal(endStream, true);
 * assert.equal(new TextDecoder().decode(data), "{}");
 * ```
 */
export function connectRpc(): Protocol<ConnectRpcMessage> {
  return enveloped(
    3,
    (flags, data): ConnectRpcMessage => ({
      endStream: flags >= 2,
      compressed: (flags & 1) === 1,
      data,
    }),
    ({ endStream, compressed }) => (endStream ? 2 : 0) + (compressed ? 1 : 0),
  );
}
