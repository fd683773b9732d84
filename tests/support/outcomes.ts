import { FrameDecoder, type Framer } from "../../mod.ts";

/** Bytes of a string's characters, each one byte: `"\xff"` is 255. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The string of such characters. */
export function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** What came of a stream: its frames, then how it ended, with all that an error tells. */
export interface Outcome {
  readonly frames: string[];
  readonly end: unknown;
}

/** How a stream is delivered. */
export interface Delivery {
  readonly chunks: readonly Uint8Array[];
  /** Whether the decoder is asked behind every chunk, or only at the end. */
  readonly eager: boolean;
}

/** Decodes a stream delivered so, its end included. */
export function outcome(framer: Framer, maxFrameLength: number, delivery: Delivery): Outcome {
  const decoder = new FrameDecoder({ framer, maxFrameLength });
  const frames: string[] = [];
  const drain = () => {
    for (const frame of decoder) frames.push(latin1(frame));
  };
  try {
    for (const chunk of delivery.chunks) {
      // A copy of its own: nobody else's bytes stand behind it.
      decoder.push(Uint8Array.from(chunk));
      if (delivery.eager) drain();
    }
    if (delivery.eager) drain();
    decoder.end();
    drain();
    return { frames, end: "clean" };
  } catch (error) {
    const { name, message, offset, length, limit, expected, pending } = error as
      & Record<string, unknown>
      & { pending?: Uint8Array };
    const told = { name, message, offset, length, limit, expected };
    return { frames, end: { ...told, pending: pending && latin1(pending) } };
  }
}

/** Ways to cut a stream: whole, byte by byte, in two anywhere, in three. */
export function* deliveries(stream: Uint8Array): Generator<Delivery> {
  for (const eager of [true, false]) {
    yield { chunks: [stream], eager };
    yield {
      chunks: Array.from(stream, (_, index) => stream.subarray(index, index + 1)),
      eager,
    };
    for (let cut = 1; cut < stream.length; cut++) {
      const [first, second] = [stream.subarray(0, cut), stream.subarray(cut)];
      yield { chunks: [first, second], eager };
      const third = second.subarray(Math.ceil(second.length / 2));
      yield { chunks: [first, second.subarray(0, Math.ceil(second.length / 2)), third], eager };
    }
  }
}
