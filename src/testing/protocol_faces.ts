import { concat } from "../bytes/concat.ts";
import { Connection } from "../connections/connection.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import type { ProtocolParts } from "../protocol.ts";
import { FrameDecoderStream } from "../streams/frame_decoder_stream.ts";
import { FrameReader } from "../streams/frame_reader.ts";
import { readFrames } from "../streams/read_frames.ts";
import type { Delivery } from "./delivery.ts";

/** The messages of a delivered stream, and the error after them. */
export interface Reading {
  readonly messages: unknown[];
  error: unknown;
  /** Number of messages delivered before the stream ended. */
  beforeEnd: number;
  /** Offsets of the ends of the messages, and of the first byte that belongs to none. */
  readonly ends: number[];
  offset: number;
}

/** A protocol whose messages have any type. */
export type AnyProtocol = ProtocolParts<unknown, never>;

/** Ways to read all buffered messages from a decoder. */
export type DecoderFace = "read()" | "readAll()" | "iteration" | "room() and advance()";

/** All of them. */
export const decoderFaces: readonly DecoderFace[] = [
  "read()",
  "readAll()",
  "iteration",
  "room() and advance()",
];

/** Decodes a delivery, including the end of its stream. */
export function decode(protocol: AnyProtocol, delivery: Delivery, face: DecoderFace): Reading {
  const { chunks, readsAfter = () => true } = delivery;
  const decoder = new FrameDecoder<unknown>(protocol);
  const { messages, ends, ...result } = emptyReading();
  const drain = () => {
    if (face === "readAll()") {
      // An error after some messages is thrown by the next call.
      for (let all; (all = decoder.readAll()).length > 0;) messages.push(...all);
    } else if (face === "iteration") {
      for (const message of decoder) messages.push(message);
    } else {
      for (let message; (message = decoder.read()) !== undefined;) {
        messages.push(message);
        ends.push(decoder.offset);
      }
    }
  };
  const push = (chunk: Uint8Array) => {
    if (face !== "room() and advance()") return decoder.push(chunk);
    for (let at = 0; at < chunk.length;) {
      const room = decoder.room();
      const part = chunk.subarray(at, at + room.length);
      room.set(part);
      decoder.advance(part.length);
      at += part.length;
    }
  };
  try {
    for (const [index, chunk] of chunks.entries()) {
      push(chunk);
      if (readsAfter(index)) drain();
    }
    drain();
    result.beforeEnd = messages.length;
    decoder.end();
    drain();
  } catch (error) {
    result.error = error;
  }
  result.offset = decoder.offset;
  return { messages, ends, ...result };
}

/** A way to read a stream's messages asynchronously. */
export interface StreamFace {
  readonly name: string;
  read(source: ReadableStream<Uint8Array>, protocol: AnyProtocol): AsyncIterable<unknown>;
}

/** All of them. */
export const streamFaces: readonly StreamFace[] = [
  { name: "readFrames()", read: (source, protocol) => readFrames(source, protocol) },
  {
    name: "FrameReader",
    async *read(source, protocol) {
      const reader = new FrameReader(source);
      for (let message; (message = await reader.read(protocol)) !== undefined;) yield message;
    },
  },
  {
    name: "FrameDecoderStream",
    read: (source, protocol) => items(source.pipeThrough(new FrameDecoderStream(protocol))),
  },
  {
    name: "Connection.receive()",
    async *read(source, protocol) {
      const connection = connectionOf(source, protocol);
      for (let message; (message = await connection.receive()) !== undefined;) yield message;
    },
  },
  {
    name: "iteration of a Connection",
    read: (source, protocol) => connectionOf(source, protocol),
  },
  {
    name: "Connection.batches()",
    async *read(source, protocol) {
      for await (const batch of connectionOf(source, protocol).batches()) yield* batch;
    },
  },
  {
    name: "Connection.readable",
    read: (source, protocol) => items(connectionOf(source, protocol).readable),
  },
];

/** Reads the messages of a delivery by a face. */
export async function readStream(
  protocol: AnyProtocol,
  chunks: readonly Uint8Array[],
  face: StreamFace,
): Promise<Reading> {
  const reading = emptyReading();
  try {
    for await (const message of face.read(streamOf(chunks), protocol)) {
      reading.messages.push(message);
    }
  } catch (error) {
    reading.error = error;
  }
  return reading;
}

/** Returns the bytes that a connection sends for these messages. */
export async function sentBytes(
  protocol: ProtocolParts<unknown, unknown>,
  messages: readonly unknown[],
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const writable = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk) });
  const connection = new Connection<unknown>(
    { readable: streamOf([]), writable },
    protocol as never,
  );
  for (const message of messages) await connection.send(message);
  await connection.closeWrite();
  connection.abort();
  return concat(chunks);
}

function emptyReading(): Reading {
  return { messages: [], error: undefined, beforeEnd: 0, ends: [], offset: 0 };
}

function connectionOf(readable: ReadableStream<Uint8Array>, protocol: AnyProtocol) {
  const pair = { readable, writable: new WritableStream<Uint8Array>() };
  return new Connection<unknown>(pair, protocol as never);
}

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[next++];
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
}

async function* items<Item>(readable: ReadableStream<Item>): AsyncGenerator<Item> {
  const reader = readable.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
}
