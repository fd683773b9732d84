// Node's streams, with or without the DOM types.
// Compiled against the package by scripts/test_npm.ts, but never run.

import type * as net from "node:net";
import { Duplex, PassThrough, Readable, Writable } from "node:stream";
import type * as tls from "node:tls";
import type * as web from "node:stream/web";
import {
  Connection,
  duplexTransport,
  FrameDecoderStream,
  FrameReader,
  lines,
  readFrames,
  streamTransport,
  text,
} from "../../mod.ts";

const protocol = { framer: lines(), codec: text() };

export function sources(
  readable: Readable,
  socket: net.Socket,
  stream: web.ReadableStream<Uint8Array>,
  buffers: web.ReadableStream<Buffer>,
): void {
  readFrames(Readable.toWeb(readable), protocol);
  new FrameReader(Readable.toWeb(readable));
  readFrames(stream, protocol);
  new FrameReader(stream);
  readFrames(buffers, protocol);
  readFrames(readable, protocol);
  readFrames(socket, protocol);
  readFrames(process.stdin, protocol);
  readFrames(new Blob(["text"]), protocol);
}

export function pairs(
  duplex: Duplex,
  socket: net.Socket,
  readable: Readable,
  writable: Writable,
  webReadable: web.ReadableStream<Uint8Array>,
  webWritable: web.WritableStream<Uint8Array>,
  transform: web.TransformStream<Uint8Array, Uint8Array>,
): void {
  new Connection(Duplex.toWeb(duplex), protocol);
  new Connection(Duplex.toWeb(socket), protocol);
  streamTransport(Duplex.toWeb(duplex));
  streamTransport({ readable: Readable.toWeb(readable), writable: Writable.toWeb(writable) });
  new Connection({ readable: webReadable, writable: webWritable }, protocol);
  streamTransport(transform);
}

export function duplexes(duplex: Duplex, socket: net.Socket, secure: tls.TLSSocket): void {
  new Connection(duplexTransport(duplex), protocol);
  duplexTransport(socket);
  duplexTransport(secure);
  duplexTransport(new PassThrough());
}

/** With the DOM types present, Node's `pipeThrough` rejects every `TransformStream` of theirs. */
export function pipes(stream: web.ReadableStream<Uint8Array>): ReadableStream<string> {
  const decoder = new FrameDecoderStream(protocol);
  void stream.pipeTo(decoder.writable);
  return decoder.readable;
}

export function refused(socket: net.Socket, duplex: Duplex): void {
  // @ts-expect-error: a pair of streams is expected
  new Connection(socket, protocol);
  // @ts-expect-error: a pair of streams is expected
  streamTransport(duplex);
  // @ts-expect-error: only readable
  duplexTransport(Readable.from([]));
  // @ts-expect-error: a pair of Web Streams
  duplexTransport(Duplex.toWeb(duplex));
}
