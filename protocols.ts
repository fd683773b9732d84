/**
 * Ready-made protocols: each function returns a {@link Protocol} for the decoder, streams and connections.
 *
 * @module
 */

export { grpc, type GrpcMessage } from "./src/protocols/grpc.ts";
