/**
 * Ready-made protocols: each function returns a {@link Protocol} for the decoder, streams and connections.
 *
 * @module
 */

export {
  dap,
  type DapEvent,
  type DapMessage,
  type DapRequest,
  type DapResponse,
} from "./src/protocols/dap.ts";
export { grpc, type GrpcMessage } from "./src/protocols/grpc.ts";
export { jsonRpc, jsonRpcLines } from "./src/protocols/json_rpc.ts";
export type {
  JsonRpcErrorObject,
  JsonRpcId,
  JsonRpcMessage,
  JsonRpcNotification,
  JsonRpcRequest,
  JsonRpcResponse,
} from "./src/protocols/json_rpc_message.ts";
export type { JsonRpcCall } from "./src/protocols/json_rpc_call.ts";
export type { JsonRpcCancellation, JsonRpcMethods } from "./src/protocols/json_rpc_calls.ts";
export { JsonRpcError } from "./src/protocols/json_rpc_error.ts";
export { JsonRpcPeer, type JsonRpcPeerOptions } from "./src/protocols/json_rpc_peer.ts";
export { jsonSeq } from "./src/protocols/json_seq.ts";
export { jsonValues } from "./src/protocols/json_values.ts";
export { ndjson, type NdjsonOptions } from "./src/protocols/ndjson.ts";
export { type ServerSentEvent, sse } from "./src/protocols/sse.ts";
