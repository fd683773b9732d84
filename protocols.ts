/**
 * Ready-made protocols: each function returns a {@link Protocol} for the decoder, streams and connections.
 *
 * @module
 */

export { connectRpc, type ConnectRpcMessage } from "./src/protocols/connect_rpc.ts";
export { dns, type DnsData, type DnsMessage } from "./src/protocols/dns.ts";
export { grpc, type GrpcMessage } from "./src/protocols/grpc.ts";
export { grpcWeb, type GrpcWebMessage } from "./src/protocols/grpc_web.ts";
export { mongodb, type MongodbMessage } from "./src/protocols/mongodb.ts";
export { mysql, type MysqlMessage, type ReceivedMysqlMessage } from "./src/protocols/mysql.ts";
export { protobuf } from "./src/protocols/protobuf.ts";
