/**
 * Message framing for TCP and every other stream of bytes: whole messages in, whole messages out.
 *
 * @module
 */

export type { ByteReader, ExpectOptions, FindOptions } from "./src/bytes/byte_reader.ts";
export type { ByteReadable, Chunk, ChunkReader, Chunks } from "./src/bytes/byte_streams.ts";
export type { ByteWriter } from "./src/bytes/byte_writer.ts";
export { FrameDecoder } from "./src/frame_decoder.ts";
export type { OpenFrame } from "./src/frame_parts.ts";
export type { FrameVisitor } from "./src/frame_visitor.ts";
export { FrameEncoder } from "./src/frame_encoder.ts";
export { asymmetric, type Directions } from "./src/asymmetric.ts";
export { stateful } from "./src/stateful.ts";
export type { CodecOf, InvalidFrameHandler, Protocol, ProtocolParts } from "./src/protocol.ts";
export {
  CodecError,
  ConnectionError,
  type ConnectionErrorCode,
  type ConnectionErrorOptions,
  FrameTooLargeError,
  FramingError,
  type FramingErrorOptions,
  MalformedFrameError,
  type TimeoutOption,
  TruncatedFrameError,
} from "./src/errors.ts";

export type { Framer } from "./src/framers/framer.ts";
export { afterBom } from "./src/framers/after_bom.ts";
export { ber } from "./src/framers/ber.ts";
export { contentLength, type ContentLengthOptions } from "./src/framers/content_length.ts";
export { delimited, type DelimitedOptions } from "./src/framers/delimited.ts";
export type { Delimiter } from "./src/framers/delimiter.ts";
export { fixed } from "./src/framers/fixed.ts";
export { headed, type HeadedOptions } from "./src/framers/headed.ts";
export { lengthField, type LengthFieldOptions } from "./src/framers/length_field.ts";
export { lengthPrefixed } from "./src/framers/length_prefixed.ts";
export { decimal, decimalUntil, hex } from "./src/framers/lengths/digits.ts";
export { inclusive } from "./src/framers/lengths/inclusive.ts";
export type { LengthPrefix } from "./src/framers/lengths/length_prefix.ts";
export {
  uint16,
  uint16LE,
  uint24,
  uint24LE,
  uint32,
  uint32LE,
  uint48,
  uint48LE,
  uint64,
  uint64LE,
  uint8,
} from "./src/framers/lengths/uint.ts";
export { varint, varintOf, type VarintOptions } from "./src/framers/lengths/varint.ts";
export { lines, type LinesOptions } from "./src/framers/lines.ts";
export { marked, type MarkedOptions } from "./src/framers/marked.ts";
export { netstring } from "./src/framers/netstring.ts";
export { tagged, type TagLookup, type TagTable } from "./src/framers/tagged.ts";
export { terminated } from "./src/framers/terminated.ts";
export { untilClose } from "./src/framers/until_close.ts";

export { type Part, part } from "./src/sequences/part.ts";
export { sequence, type SequenceOptions, type SequenceProtocol } from "./src/sequences/sequence.ts";

export type { Codec } from "./src/codecs/codec.ts";
export { compose } from "./src/codecs/compose.ts";
export { json } from "./src/codecs/json.ts";
export { owned } from "./src/codecs/owned.ts";
export { text } from "./src/codecs/text.ts";

export type { MessageIterator } from "./src/flow/message_iterator.ts";
export type { ByteBlob, ByteBody, ByteSource } from "./src/flow/byte_source.ts";
export type { ReadStreamOptions, StreamedFrame } from "./src/flow/streamed_frame.ts";
export { FrameDecoderStream } from "./src/streams/frame_decoder_stream.ts";
export { FrameEncoderStream } from "./src/streams/frame_encoder_stream.ts";
export { FrameReader, type ReadOptions } from "./src/streams/frame_reader.ts";
export { readFrames } from "./src/streams/read_frames.ts";

export type { BroadcastOptions } from "./src/connections/broadcast.ts";
export type { CloseReason } from "./src/connections/close_reason.ts";
export { connect, type ConnectOptions } from "./src/connections/connect.ts";
export { Connection } from "./src/connections/connection.ts";
export type { ConnectionOptions } from "./src/connections/connection_options.ts";
export type { ChildConnection } from "./src/connections/child_connection.ts";
export type { CommandOptions } from "./src/connections/options/command.ts";
export type { SendOptions, SendStreamOptions } from "./src/connections/send_options.ts";
export { hexDump } from "./src/taps/hex_dump.ts";
export {
  type CertificateOptions,
  listen,
  Listener,
  type ListenOptions,
} from "./src/connections/listen.ts";
export { Requester, type RequesterOptions, type RequestOptions } from "./src/requests/requester.ts";
export {
  type Handler,
  type HandlerContext,
  serve,
  type ServeOptions,
} from "./src/connections/serve.ts";
export { spawn, type SpawnOptions } from "./src/connections/spawn.ts";
export { stdio } from "./src/connections/stdio.ts";
export type { Server, ShutdownOptions } from "./src/connections/server.ts";
export type {
  BackpressureEvent,
  ChunkEvent,
  Direction,
  EndEvent,
  FrameEvent,
  Tap,
} from "./src/taps/tap.ts";
export type { ExitStatus } from "./src/transports/process/child.ts";
export type { NodeDuplex } from "./src/transports/node/duplex.ts";
export { duplexTransport } from "./src/transports/node/duplex_transport.ts";
export type { BunClientSocket } from "./src/transports/bun/foreign_socket.ts";
export { streamTransport } from "./src/transports/web/stream_transport.ts";
export type {
  OpeningPair,
  PairInfo,
  PairReadable,
  PairReader,
  PairWritable,
  PairWriter,
  StreamPair,
} from "./src/transports/web/stream_pair.ts";
export type {
  Address,
  Pem,
  SocketOptions,
  StartTlsOptions,
  TlsCertificate,
  TlsOptions,
  TlsSession,
  Transport,
} from "./src/transports/transport.ts";
