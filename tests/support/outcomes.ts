import { FrameDecoder, type Framer } from "../../mod.ts";
import { latin1 } from "./bytes.ts";

/** Result of decoding a stream: its frames, and its end or all properties of its error. */
export interface Outcome {
  readonly frames: string[];
  readonly end: unknown;
}

/** How a stream is delivered. */
export interface Delivery {
  readonly chunks: readonly Uint8Array[];
  /** Whether frames are read after every chunk or only at the end, or after which chunks. */
  readonly asks: boolean | readonly boolean[];
}

/** Decodes a stream to its end. */
export function outcome(framer: Framer, maxFrameLength: number, delivery: Delivery): Outcome {
  const { chunks, asks } = delivery;
  const decoder = new FrameDecoder({ framer, maxFrameLength });
  const frames: string[] = [];
  const drain = () => {
    for (const frame of decoder) frames.push(latin1(frame));
  };
  try {
    for (const [index, chunk] of chunks.entries()) {
      // A copy, so that no other bytes follow it in its buffer.
      decoder.push(chunk.slice());
      if (typeof asks === "boolean" ? asks : asks[index % asks.length]) drain();
    }
    if (asks === true) drain();
    decoder.end();
    drain();
    return { frames, end: "clean" };
  } catch (error) {
    const { name, message, offset, length, limit, expectedLength, partial } = error as
      & Record<string, unknown>
      & { partial?: Uint8Array };
    const facts = { name, message, offset, length, limit, expectedLength };
    return { frames, end: { ...facts, partial: partial && latin1(partial) } };
  }
}

/** Yields deliveries of a stream: whole, byte by byte, in two and in three at every place, and by `cuts`. */
export function* deliveries(
  stream: Uint8Array,
  cuts: readonly { readonly size: number; readonly asks: boolean }[],
): Generator<Delivery> {
  for (const asks of [true, false]) {
    yield { chunks: [stream], asks };
    yield {
      chunks: Array.from(stream, (_, index) => stream.subarray(index, index + 1)),
      asks,
    };
    for (let cut = 1; cut < stream.length; cut++) {
      const [first, second] = [stream.subarray(0, cut), stream.subarray(cut)];
      yield { chunks: [first, second], asks };
      const third = second.subarray(Math.ceil(second.length / 2));
      yield { chunks: [first, second.subarray(0, Math.ceil(second.length / 2)), third], asks };
    }
  }
  const chunks: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    // Later rounds add a byte, so that empty chunks alone do not repeat endlessly.
    const size = cuts[turn % cuts.length]!.size + (turn < cuts.length ? 0 : 1);
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  yield { chunks, asks: cuts.map((cut) => cut.asks) };
}
