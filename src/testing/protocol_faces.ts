import { Connection } from "../connections/connection.ts";
import { CodecError } from "../errors.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import { emptyFramesError } from "../framing_failure.ts";
import { FrameDecoderStream } from "../streams/frame_decoder_stream.ts";
import { FrameReader } from "../streams/frame_reader.ts";
import { readFrames } from "../streams/read_frames.ts";
import type { Delivery } from "./delivery.ts";
import type { AnyProtocol, Outcome, Subject } from "./protocol_subject.ts";
import { items, streamOf } from "./streams.ts";

/** The messages of a delivered stream, and the errors among and after them. */
export interface Reading extends Outcome {
  readonly messages: unknown[];
  readonly reports: unknown[];
  error: unknown;
  /** Offsets between which each report was caused. */
  readonly places: (readonly [from: number, to: number])[];
  /** Number of messages delivered before the stream ended. */
  beforeEnd: number;
  /** Number of bytes of the unfinished message then. */
  unfinished: number;
  /** Offsets of the ends of the messages, and of the first byte that belongs to none. */
  readonly ends: number[];
  offset: number;
}

/** Ways to read all buffered messages from a decoder. */
export type DecoderFace =
  | "read()"
  | "readAll()"
  | "iteration"
  | "room() and advance()"
  | "read() without onInvalid";

/** All but the first of them, and `visit`, which reads frames. */
export const decoderFaces: readonly (DecoderFace | "visit()")[] = [
  "visit()",
  "readAll()",
  "iteration",
  "room() and advance()",
  "read() without onInvalid",
];

/** Decodes a delivery, including the end of its stream. */
export function decode(
  { create, reporting }: Pick<Subject, "create" | "reporting">,
  delivery: Delivery,
  face: DecoderFace,
  maxFrameLength?: number,
): Reading {
  const { chunks, readsAfter = () => true } = delivery;
  const throwing = face === "read() without onInvalid";
  const { messages, ends, reports, places, ...result } = emptyReading();
  let last = 0;
  const report = (error: unknown) => {
    reports.push(error);
    places.push([last, last = decoder.offset]);
  };
  const protocol = maxFrameLength === undefined ? create() : { ...create(), maxFrameLength };
  const decoder = new FrameDecoder(protocol, reporting && !throwing ? report : undefined);
  const read = () => {
    for (;;) {
      try {
        return decoder.read();
      } catch (error) {
        // An empty frame that consumes no input would be found again.
        if (!throwing || !(error instanceof CodecError) || decoder.offset === last) throw error;
        report(error);
      }
    }
  };
  const drain = () => {
    if (face === "readAll()") {
      // An error after some messages is thrown by the next call.
      for (let all; (all = decoder.readAll()).length > 0;) messages.push(...all);
    } else if (face === "iteration") {
      for (const message of decoder) messages.push(message);
    } else {
      for (let message; (message = read()) !== undefined;) {
        if (decoder.offset === last) throw emptyFramesError();
        messages.push(message);
        ends.push(last = decoder.offset);
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
    try {
      for (const [index, chunk] of chunks.entries()) {
        push(chunk);
        if (readsAfter(index)) drain();
      }
      drain();
    } finally {
      result.beforeEnd = messages.length;
      result.unfinished = decoder.buffered;
    }
    decoder.end();
    drain();
  } catch (error) {
    result.error = error;
  }
  result.offset = decoder.offset;
  return { messages, ends, reports, places, ...result };
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
  { create, reporting }: Subject,
  chunks: readonly Uint8Array[],
  face: StreamFace,
): Promise<Outcome> {
  const reading = emptyReading();
  const onInvalid = (error: unknown) => void reading.reports.push(error);
  const protocol = reporting ? { ...create(), onInvalid } : create();
  try {
    for await (const message of face.read(streamOf(chunks), protocol)) {
      reading.messages.push(message);
    }
  } catch (error) {
    reading.error = error;
  }
  return reading;
}

function emptyReading(): Reading {
  const lists = { messages: [], reports: [], places: [], ends: [] };
  return { ...lists, error: undefined, beforeEnd: 0, unfinished: 0, offset: 0 };
}

function connectionOf(readable: ReadableStream<Uint8Array>, protocol: AnyProtocol) {
  const pair = { readable, writable: new WritableStream<Uint8Array>() };
  return new Connection<unknown>(pair, protocol as never);
}
