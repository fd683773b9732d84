/**
 * Ready-made protocols: each function returns a {@link Protocol} for the decoder, streams and connections.
 *
 * @module
 */

export { amqp091, type Amqp091Frame } from "./src/protocols/amqp_091.ts";
export { amqp1, type Amqp1Frame } from "./src/protocols/amqp_1.ts";
export type { AmqpProtocolHeader } from "./src/protocols/amqp_header.ts";
export { connectRpc, type ConnectRpcMessage } from "./src/protocols/connect_rpc.ts";
export { dns, type DnsData, type DnsMessage } from "./src/protocols/dns.ts";
export { docker, type DockerMessage } from "./src/protocols/docker.ts";
export { type DockerStreams, dockerStreams } from "./src/protocols/docker_streams.ts";
export { grpc, type GrpcMessage } from "./src/protocols/grpc.ts";
export { grpcWeb, type GrpcWebMessage } from "./src/protocols/grpc_web.ts";
export { kafka, type KafkaRequest, type KafkaResponse } from "./src/protocols/kafka.ts";
export { mongodb, type MongodbMessage } from "./src/protocols/mongodb.ts";
export {
  mqtt,
  type MqttControl,
  type MqttOptions,
  type MqttPublish,
  type MqttType,
} from "./src/protocols/mqtt.ts";
export { mysql, type MysqlMessage, type ReceivedMysqlMessage } from "./src/protocols/mysql.ts";
export {
  postgres,
  type PostgresAnswer,
  postgresAnswer,
  type PostgresMessage,
} from "./src/protocols/postgres.ts";
export type {
  PostgresCancelRequest,
  PostgresEncryptionRequest,
  PostgresOpening,
  PostgresStartup,
} from "./src/protocols/postgres_opening.ts";
export { protobuf } from "./src/protocols/protobuf.ts";
export { tds, type TdsMessage, type TdsOptions } from "./src/protocols/tds.ts";
