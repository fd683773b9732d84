import { FramingError } from "../errors.ts";
import { FrameDecoder } from "../frame_decoder.ts";
import type { Framer } from "../framers/framer.ts";
import { equalBytes, fail } from "./verification_failure.ts";

/** How a stream is delivered: its chunks, and when and how frames are read. */
export interface Delivery {
  /** Description for error messages. */
  readonly how: string;
  readonly chunks: readonly Uint8Array[];
  /** Whether frames are read after the chunk with this index; default: always. */
  readonly readsAfter?: (index: number) => boolean;
  /** Whether frames are visited instead of read; default `false`. */
  readonly visit?: boolean;
}

/** The result of a delivery. */
export interface Outcome {
  readonly frames: Uint8Array[];
  /** Number of frames delivered before the stream ended. */
  readonly beforeEnd: number;
  readonly error: unknown;
}

/** Maximum number of offsets at which a stream is cut; a stream of up to this length is cut at every byte. */
const MAX_CUTS = 2048;

/** Yields the deliveries of a stream: whole, byte by byte, cut in two at every offset, and some cut at random. */
export function* deliveriesOf(stream: Uint8Array, random: number): Generator<Delivery> {
  const single = byteByByte(stream);
  yield { how: "whole", chunks: [stream] };
  yield { how: "whole, visited", chunks: [stream], visit: true };
  yield { how: "byte by byte", chunks: single };
  yield { how: "byte by byte, visited", chunks: single, visit: true };
  yield { how: "byte by byte, read at the end", chunks: single, readsAfter: () => false };
  for (const cut of cutsOf(stream)) {
    const chunks = [stream.subarray(0, cut), stream.subarray(cut)];
    yield { how: `cut at ${cut}`, chunks };
    yield { how: `cut at ${cut}, visited`, chunks, visit: true };
  }
  for (let seed = 1; seed <= random; seed++) {
    const next = randomOf(seed);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < stream.length;) {
      const size = next() < 0.2 ? 0 : Math.ceil(next() * Math.min(seed * seed, stream.length));
      chunks.push(stream.subarray(at, at + size));
      at += size;
    }
    const reads = chunks.map(() => next() < 0.5);
    yield { how: `cut at random (${seed})`, chunks, readsAfter: (index) => reads[index]! };
    yield { how: `cut at random (${seed}), visited`, chunks, visit: true };
  }
}

/** Returns the stream in chunks of one byte. */
export function byteByByte(stream: Uint8Array): Uint8Array[] {
  return Array.from(stream, (_, index) => stream.subarray(index, index + 1));
}

/** Returns the offsets at which a stream is cut. */
export function cutsOf({ length }: Uint8Array): number[] {
  const count = Math.min(length, MAX_CUTS);
  return Array.from({ length: count }, (_, index) => Math.floor(index * length / count));
}

/** Decodes a stream, including its end. */
export function deliver(framer: Framer, maxFrameLength: number, delivery: Delivery): Outcome {
  const { chunks, readsAfter = () => true, visit = false } = delivery;
  const decoder = new FrameDecoder({ framer, maxFrameLength });
  const frames: Uint8Array[] = [];
  const copies: Uint8Array[] = [];
  const take = (frame: Uint8Array) => {
    frames.push(frame);
    copies.push(frame.slice());
  };
  const drain = () => {
    if (visit) decoder.visit((bytes, start, end) => take(bytes.subarray(start, end)));
    else for (const frame of decoder) take(frame);
  };
  let beforeEnd = 0;
  let error: unknown;
  try {
    for (const [index, chunk] of chunks.entries()) {
      decoder.push(chunk);
      if (readsAfter(index)) drain();
    }
    drain();
    beforeEnd = frames.length;
    decoder.end();
    drain();
  } catch (thrown) {
    error = thrown;
    requireSameError(decoder, thrown, delivery.how);
  }
  // A visited frame is valid only during the call.
  for (const [index, copy] of copies.entries()) {
    if (visit) frames[index] = copy;
    else if (!equalBytes(frames[index]!, copy)) {
      fail(delivery.how, `frame ${index} changed after delivery`);
    }
  }
  return { frames, beforeEnd, error };
}

/** Verifies that the decoder rethrows a framing error on later calls. */
function requireSameError(decoder: FrameDecoder, error: unknown, where: string): void {
  if (!(error instanceof FramingError)) return;
  try {
    decoder.read();
  } catch (again) {
    if (again === error) return;
  }
  fail(where, "the decoder did not throw its error again", error);
}

/** Returns a seeded generator of pseudo-random numbers from 0 to 1 (the LCG of Numerical Recipes). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}
