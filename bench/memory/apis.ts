import {
  Connection,
  FrameDecoderStream,
  FrameEncoderStream,
  readFrames,
  type Transport,
} from "../../mod.ts";
import { reading } from "../support/framed.ts";
import { Count } from "../support/tally.ts";
import type { Work } from "../support/work.ts";
import { arriving, chunksOf, framesOf, type Workload } from "../support/workloads.ts";
import { type Loop, uint32Loop } from "./by_hand.ts";

/** Asynchronous APIs that deliver frames as they arrive, by name. */
export function apis(work: Workload): Record<string, Work> {
  if (work.name !== "W1" && work.name !== "W2") return {};
  const chunks = chunksOf(work);
  const frames = framesOf(work);
  const protocol = { framer: work.framer };
  return {
    "decoder by itself": reading(work),
    "async iterator by hand": async () => {
      const count = new Count();
      for await (const frame of framesByHand(arriving(chunks))) count.add(frame);
      return count;
    },
    "readFrames, for await": async () => {
      const count = new Count();
      for await (const frame of readFrames(arriving(chunks), protocol)) count.add(frame);
      return count;
    },
    "Connection, for await": async () => {
      const count = new Count();
      for await (const frame of connection(chunks)) count.add(frame);
      return count;
    },
    "Connection, batches": async () => {
      const count = new Count();
      for await (const batch of connection(chunks).batches()) {
        for (const frame of batch) count.add(frame);
      }
      return count;
    },
    "Connection, visit": async () => {
      const count = new Count();
      await connection(chunks).visit(count.visit);
      return count;
    },
    "TransformStream by hand, decoding": () => counted(streamOf(chunks).pipeThrough(byHand())),
    "FrameDecoderStream": () =>
      counted(streamOf(chunks).pipeThrough(new FrameDecoderStream(protocol))),
    "TransformStream by hand, encoding": () => encoded(new TransformStream({ transform: joined })),
    "FrameEncoderStream": () => encoded(new FrameEncoderStream(protocol)),
  };

  function connection(chunks: readonly Uint8Array[]): Connection {
    return new Connection(transportOf(chunks), protocol);
  }

  /** Writes all frames, and counts the bytes that come out. */
  async function encoded(through: ReadableWritablePair<Uint8Array, Uint8Array>): Promise<Count> {
    const count = new Count();
    let length = 0;
    const reader = streamOf(frames).pipeThrough(through).getReader();
    for (let next; !(next = await reader.read()).done;) length += next.value.length;
    if (length !== work.bytes.length) throw new Error(`Encoded ${length} bytes`);
    for (const frame of frames) count.add(frame);
    return count;
  }
}

/** A loop without a library: one promise per frame, and nothing else. */
function framesByHand(source: AsyncIterable<Uint8Array>): AsyncIterableIterator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  let found: Uint8Array[] = [];
  let at = 0;
  let current: Uint8Array;
  const push = viewsInto((frame) => found.push(frame));
  const iterator: AsyncIterableIterator<Uint8Array> = {
    async next() {
      while (at === found.length) {
        const { done, value } = await chunks.next();
        if (done) return { done: true, value: undefined };
        found = [];
        at = 0;
        push(current = value);
      }
      return { done: false, value: found[at++]! };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;

  function viewsInto(take: (frame: Uint8Array) => void): Loop {
    return uint32Loop((bytes, start, end) =>
      take(bytes === current ? bytes.subarray(start, end) : bytes.slice(start, end))
    );
  }
}

function byHand(): TransformStream<Uint8Array, Uint8Array> {
  let current: Uint8Array;
  let out: TransformStreamDefaultController<Uint8Array>;
  const push = uint32Loop((bytes, start, end) =>
    out.enqueue(bytes === current ? bytes.subarray(start, end) : bytes.slice(start, end))
  );
  return new TransformStream({
    transform(chunk, controller) {
      out = controller;
      push(current = chunk);
    },
  });
}

function joined(frame: Uint8Array, out: TransformStreamDefaultController<Uint8Array>): void {
  const chunk = new Uint8Array(4 + frame.length);
  new DataView(chunk.buffer).setUint32(0, frame.length);
  chunk.set(frame, 4);
  out.enqueue(chunk);
}

async function counted(stream: ReadableStream<Uint8Array>): Promise<Count> {
  const count = new Count();
  const reader = stream.getReader();
  for (let next; !(next = await reader.read()).done;) count.add(next.value);
  return count;
}

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at === chunks.length) controller.close();
      else controller.enqueue(chunks[at++]!);
    },
  });
}

function transportOf(chunks: readonly Uint8Array[]): Transport {
  let at = 0;
  return {
    read: () => Promise.resolve(chunks[at++]),
    write: () => undefined,
    written: 0,
    closeWrite: () => Promise.resolve(),
    close: () => {},
    abort: () => {},
  };
}
