// Web Streams of the global classes, whichever library declares them.
// Compiled against the package by scripts/test_npm.ts, but never run.

import {
  Connection,
  FrameDecoderStream,
  FrameEncoderStream,
  FrameReader,
  json,
  lines,
  readFrames,
  streamTransport,
  text,
} from "../../mod.ts";

const protocol = { framer: lines(), codec: text() };
const numbers = { framer: lines(), codec: json<number>() };

/** The shape of a `Deno.Conn`. */
interface DenoConn {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  read(bytes: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
  closeWrite(): Promise<void>;
  ref(): void;
  unref(): void;
}

/** The shape of a socket of Workers. */
interface WorkersSocket {
  get readable(): ReadableStream;
  get writable(): WritableStream;
  get closed(): Promise<void>;
  get opened(): Promise<{ remoteAddress?: string; localAddress?: string }>;
  get upgraded(): boolean;
  get secureTransport(): "on" | "off" | "starttls";
  close(): Promise<void>;
  startTls(options?: { expectedServerHostname?: string }): WorkersSocket;
}

/** The shape of a `TCPSocket` of Direct Sockets. */
interface TCPSocket {
  readonly opened: Promise<TCPSocketOpenInfo>;
  readonly closed: Promise<undefined>;
  close(): Promise<undefined>;
}
interface TCPSocketOpenInfo {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

/** The shape of a `WebSocketStream`. */
interface WebSocketStream {
  readonly url: string;
  readonly opened: Promise<{
    readonly readable: ReadableStream<string | ArrayBuffer>;
    readonly writable: WritableStream<string | ArrayBuffer | ArrayBufferView>;
    readonly extensions: string;
    readonly protocol: string;
  }>;
  readonly closed: Promise<{ readonly closeCode: number; readonly reason: string }>;
  close(info?: { readonly closeCode?: number; readonly reason?: string }): void;
}

/** The shape of a socket of WinterTC's sockets API. */
interface WinterSocket {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
  readonly opened: Promise<
    { remoteAddress?: string; localAddress?: string; alpn?: string | null }
  >;
  readonly closed: Promise<void>;
  readonly upgraded: boolean;
  readonly secureTransport: "on" | "off" | "starttls";
  close(reason?: unknown): Promise<void>;
  startTls(): WinterSocket;
}

export function sources(
  bytes: ReadableStream<Uint8Array>,
  buffers: ReadableStream<ArrayBuffer>,
  views: ReadableStream<ArrayBufferView>,
  chunks: AsyncIterable<Uint8Array>,
  batches: AsyncIterable<Uint8Array[]>,
  generator: Generator<Uint8Array[] | DataView>,
): void {
  readFrames(batches, protocol);
  readFrames(generator, protocol);
  readFrames([new Uint8Array(1), new ArrayBuffer(1)], protocol);
  new FrameReader(batches);
  readFrames(bytes, protocol);
  readFrames(bytes, lines());
  readFrames(buffers, protocol);
  readFrames(views, protocol);
  readFrames(chunks, protocol);
  new FrameReader(bytes);
  new FrameReader(buffers);
  new FrameReader(chunks);
  readFrames(new FrameReader(bytes).detach().readable, protocol);
}

export function pairs(
  readable: ReadableStream<Uint8Array>,
  writable: WritableStream<Uint8Array>,
  anyBytes: WritableStream<ArrayBuffer | ArrayBufferView>,
  transform: TransformStream<Uint8Array, Uint8Array>,
  denoConn: DenoConn,
  workersSocket: WorkersSocket,
  tcpSocket: TCPSocket,
  webSocket: WebSocketStream,
  winterSocket: WinterSocket,
): void {
  new Connection(tcpSocket, protocol);
  new Connection(webSocket, protocol);
  new Connection(winterSocket, protocol);
  streamTransport(tcpSocket);
  streamTransport(webSocket);
  streamTransport(winterSocket);
  new Connection({ readable, writable }, protocol);
  new Connection({ readable, writable: anyBytes }, protocol);
  new Connection(transform, protocol);
  new Connection(denoConn, protocol);
  new Connection(workersSocket, protocol);
  new Connection(streamTransport({ readable, writable }), protocol);
  streamTransport({ readable, writable: anyBytes });
  streamTransport(transform);
  streamTransport(denoConn);
  streamTransport(workersSocket);
}

export function pipes(bytes: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const messages: ReadableStream<number> = bytes.pipeThrough(new FrameDecoderStream(numbers));
  return messages.pipeThrough(new FrameEncoderStream(numbers));
}

export function faces(connection: Connection<number>): [
  ReadableStream<number>,
  WritableStream<number>,
] {
  return [connection.readable, connection.writable];
}

export function refused(
  bytes: ReadableStream<Uint8Array>,
  strings: ReadableStream<string>,
  words: AsyncIterable<string>,
): void {
  // @ts-expect-error: a stream of strings
  readFrames(strings, protocol);
  // @ts-expect-error: a stream of strings
  new FrameReader(strings);
  // @ts-expect-error: an iterable of strings
  readFrames(words, protocol);
  // @ts-expect-error: a string
  readFrames("text", protocol);
  // @ts-expect-error: bytes are no stream
  readFrames(new Uint8Array(1), protocol);
  // @ts-expect-error: an array of strings
  readFrames(["text"], protocol);
  // @ts-expect-error: a promise
  readFrames(Promise.resolve([new Uint8Array(1)]), protocol);
  // @ts-expect-error: no source
  readFrames(null, protocol);
  // @ts-expect-error: no writable
  streamTransport({ readable: bytes });
  // @ts-expect-error: opens to no streams
  streamTransport({ opened: Promise.resolve() });
  // @ts-expect-error: decodes numbers
  const messages: ReadableStream<string> = bytes.pipeThrough(new FrameDecoderStream(numbers));
  void messages;
}
