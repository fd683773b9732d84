/**
 * Ready-made protocols: each function returns a {@link Protocol} for the decoder, streams and connections.
 *
 * @module
 */

export { amqp091, type Amqp091Frame } from "./src/protocols/amqp_091.ts";
export { amqp1, type Amqp1Frame } from "./src/protocols/amqp_1.ts";
export type { AmqpProtocolHeader } from "./src/protocols/amqp_header.ts";
export {
  bittorrent,
  type BittorrentFrame,
  type BittorrentHandshake,
  type BittorrentKeepAlive,
  type BittorrentMessage,
} from "./src/protocols/bittorrent.ts";
export { bolt } from "./src/protocols/bolt.ts";
export { boltHandshake, type BoltVersion } from "./src/protocols/bolt_handshake.ts";
export { connectRpc, type ConnectRpcMessage } from "./src/protocols/connect_rpc.ts";
export { cql, type CqlMessage } from "./src/protocols/cql.ts";
export { dbus, type DbusMessage } from "./src/protocols/dbus.ts";
export { dns, type DnsData, type DnsMessage } from "./src/protocols/dns.ts";
export { docker, type DockerMessage } from "./src/protocols/docker.ts";
export { type DockerStreams, dockerStreams } from "./src/protocols/docker_streams.ts";
export { fastCgi, type FastCgiRecord } from "./src/protocols/fast_cgi.ts";
export { grpc, type GrpcMessage } from "./src/protocols/grpc.ts";
export { grpcWeb, type GrpcWebMessage } from "./src/protocols/grpc_web.ts";
export { type Http2Frame, http2Frames, type Http2Preface } from "./src/protocols/http2_frames.ts";
export { iso8583, type Iso8583Message, type Iso8583Options } from "./src/protocols/iso8583.ts";
export { kafka, type KafkaRequest, type KafkaResponse } from "./src/protocols/kafka.ts";
export { ldap, type LdapMessage } from "./src/protocols/ldap.ts";
export { modbusTcp, type ModbusTcpMessage } from "./src/protocols/modbus_tcp.ts";
export { mongodb, type MongodbMessage } from "./src/protocols/mongodb.ts";
export {
  mqtt,
  type MqttControl,
  type MqttOptions,
  type MqttPublish,
  type MqttType,
} from "./src/protocols/mqtt.ts";
export { mysql, type MysqlMessage, type ReceivedMysqlMessage } from "./src/protocols/mysql.ts";
export { nativeMessaging, type NativeMessagingOptions } from "./src/protocols/native_messaging.ts";
export { ninep, type NinepMessage } from "./src/protocols/ninep.ts";
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
export { proxyV1, type ProxyV1Header } from "./src/protocols/proxy_v1.ts";
export { proxyV2, type ProxyV2Header, type ProxyV2Value } from "./src/protocols/proxy_v2.ts";
export { rcon, type RconMessage } from "./src/protocols/rcon.ts";
export { rfc4571 } from "./src/protocols/rfc4571.ts";
export { ssh, type SshLine, type SshPacket } from "./src/protocols/ssh.ts";
export { tds, type TdsMessage, type TdsOptions } from "./src/protocols/tds.ts";
export { thrift } from "./src/protocols/thrift.ts";
export { type TlsRecord, tlsRecords } from "./src/protocols/tls_records.ts";
export { tpkt } from "./src/protocols/tpkt.ts";
export {
  dap,
  type DapEvent,
  type DapMessage,
  type DapRequest,
  type DapResponse,
} from "./src/protocols/dap.ts";
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
export { resp, type RespCommand } from "./src/protocols/resp.ts";
export type {
  RespAttributed,
  RespError,
  RespList,
  RespMap,
  RespValue,
  RespVerbatim,
} from "./src/protocols/resp_values.ts";
export { type CodedReply, replies } from "./src/protocols/replies.ts";
export { dotStuffed } from "./src/protocols/dot_stuffed.ts";
export { imap, type ImapMessage, type ImapOptions } from "./src/protocols/imap.ts";
export { http1, type Http1Request, type Http1Response } from "./src/protocols/http1.ts";
export type { HttpHeaders } from "./src/protocols/http1_head.ts";
export {
  webSocket,
  type WebSocketBinary,
  type WebSocketClose,
  type WebSocketControl,
  type WebSocketMessage,
  type WebSocketText,
} from "./src/protocols/web_socket.ts";
export { type WebSocketFrame, webSocketFrames } from "./src/protocols/web_socket_frames.ts";
export { pktLine, type PktLineMark, type SideBandPacket } from "./src/protocols/pkt_line.ts";
export {
  memcached,
  type MemcachedItem,
  type MemcachedReceivedReply,
  type MemcachedReply,
} from "./src/protocols/memcached.ts";
export { beanstalkd, type BeanstalkdMessage } from "./src/protocols/beanstalkd.ts";
export { memcachedBinary, type MemcachedPacket } from "./src/protocols/memcached_binary.ts";
export {
  nats,
  type NatsDelivery,
  type NatsLine,
  type NatsOperation,
  type NatsPublication,
} from "./src/protocols/nats.ts";
export { stomp, type StompFrame } from "./src/protocols/stomp.ts";
export { syslog, type SyslogMessage, type SyslogOptions } from "./src/protocols/syslog.ts";
export { mllp } from "./src/protocols/mllp.ts";
export { fix, type FixMessage } from "./src/protocols/fix.ts";
export { slip } from "./src/protocols/slip.ts";
export { cobs } from "./src/protocols/cobs.ts";
export {
  rtsp,
  type RtspMessage,
  type RtspPacket,
  type RtspRequest,
  type RtspResponse,
} from "./src/protocols/rtsp.ts";
