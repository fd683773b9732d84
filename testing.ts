/**
 * For authors of framers: {@link verifyFramer} puts a framer to every test that a framing must pass.
 *
 * @module
 */

import { concat } from "./src/bytes/concat.ts";
import { FrameTooLargeError, FramingError, TruncatedFrameError } from "./src/errors.ts";
import { FrameDecoder } from "./src/frame_decoder.ts";
import { FrameEncoder } from "./src/frame_encoder.ts";
import type { Framer } from "./src/framers/framer.ts";

/** Frames, and the stream that holds them. Strings stand for their UTF-8. */
export interface FramerCase {
  /** The frames in order, as the framer delivers them. */
  readonly frames: readonly (string | Uint8Array)[];
  /** The stream; default: what the framer writes for the frames. */
  readonly bytes?: string | Uint8Array;
}

/**
 * Verifies a framer, and throws an error that tells what it gets wrong and how the stream was cut:
 *
 * - every cut of the stream into two, byte by byte, whole, and random cuts with empty chunks between
 *   give the frames, however often the decoder was asked in between;
 * - `visit` finds what `read` finds;
 * - what is written for the frames is read as these frames;
 * - a stream that ends at any byte gives whole frames, then {@link TruncatedFrameError} or a clean end,
 *   and never a frame that is shorter than it should be, unless the end of the stream ends a frame;
 * - a limit of the longest frame's length lets it pass, one byte less refuses it, with the same error
 *   for every cut;
 * - frames that were delivered stay as they are while more bytes arrive.
 *
 * @param framer The framer.
 * @param cases Streams with their frames: all kinds of frame, empty ones too, one after the other.
 * @throws {Error} The framer fails; the text says where.
 *
 * @example
 * ```ts
 * import { lines } from "@framewright/framewright";
 * import { verifyFramer } from "@framewright/framewright/testing";
 *
 * verifyFramer(lines(), [
 *   { frames: ["one", "", "three"] },
 *   { frames: ["one", "two"], bytes: "one\r\ntwo" },
 * ]);
 * ```
 */
export function verifyFramer(framer: Framer, cases: readonly FramerCase[]): void {
  if (cases.length === 0) throw new TypeError("Cannot verify framer: there is no case");
  for (const [number, { frames, bytes }] of cases.entries()) {
    const expected = frames.map(toBytes);
    const written = write(framer, expected, `case ${number}`);
    verifyStream(framer, expected, written, `case ${number}, as written`);
    if (bytes !== undefined) verifyStream(framer, expected, toBytes(bytes), `case ${number}`);
  }
}

/** What came of one way to deliver a stream. */
interface Outcome {
  readonly frames: Uint8Array[];
  /** How many of them were at hand before the stream ended. */
  readonly beforeEnd: number;
  readonly error: unknown;
}

/** How a stream is delivered: its chunks, when the decoder is asked, and how. */
interface Delivery {
  readonly how: string;
  readonly chunks: readonly Uint8Array[];
  /** Whether the decoder is asked behind the chunk with this index; default: always. */
  readonly ask?: (index: number) => boolean;
  /** Whether frames are visited, not read; default `false`. */
  readonly visit?: boolean;
}

/** Up to this length a stream is cut at every byte, a longer one at as many places. */
const MOST_CUTS = 2048;

function verifyStream(
  framer: Framer,
  expected: readonly Uint8Array[],
  stream: Uint8Array,
  name: string,
): void {
  const original = Uint8Array.from(stream);
  const deliveries = [...deliveriesOf(stream)];
  try {
    for (const delivery of deliveries) {
      const { frames, error } = deliver(framer, Infinity, delivery);
      const where = `${name}, ${delivery.how}`;
      compareAll(frames, expected, error, where);
    }
    verifyEnds(framer, expected, stream, name);
    verifyLimits(framer, expected, deliveries, name);
  } finally {
    if (!equal(stream, original)) fail(name, "the framer has changed the bytes");
  }
}

/** A stream that ends too early gives the frames before, and never claims to be whole. */
function verifyEnds(
  framer: Framer,
  expected: readonly Uint8Array[],
  stream: Uint8Array,
  name: string,
): void {
  for (const end of cuts(stream.length)) {
    const where = `${name}, ended after ${end} bytes`;
    const outcome = deliver(framer, Infinity, { how: where, chunks: [stream.subarray(0, end)] });
    const before = outcome.frames.slice(0, outcome.beforeEnd);
    compare(before, expected.slice(0, before.length), where);
    if (outcome.frames.length > before.length + 1) {
      fail(where, "the end of the stream ended more than one frame");
    }
    if (outcome.error !== undefined && !(outcome.error instanceof TruncatedFrameError)) {
      fail(where, `failed with another error than truncation: ${outcome.error}`, outcome.error);
    }
  }
}

/** The limit is met to the byte, and wherever the stream is cut. */
function verifyLimits(
  framer: Framer,
  expected: readonly Uint8Array[],
  deliveries: readonly Delivery[],
  name: string,
): void {
  const longest = Math.max(...expected.map((frame) => frame.length));
  const before = expected.slice(0, expected.findIndex((frame) => frame.length === longest));
  let message: string | undefined;
  for (const delivery of deliveries) {
    for (const limit of [longest - 1, longest, longest + 1]) {
      if (limit < 0) continue;
      const where = `${name}, ${delivery.how}, with a limit of ${limit}`;
      const { frames, error } = deliver(framer, limit, delivery);
      if (limit >= longest) {
        compareAll(frames, expected, error, where);
        continue;
      }
      if (!(error instanceof FrameTooLargeError)) {
        fail(where, `read a frame of ${longest} bytes, or failed otherwise: ${error}`, error);
      }
      compare(frames, before, where);
      message ??= error.message;
      if (error.message !== message) {
        fail(where, `failed with "${error.message}", not with "${message}"`, error);
      }
    }
  }
}

function* deliveriesOf(stream: Uint8Array): Generator<Delivery> {
  const single = Array.from(stream, (_, index) => stream.subarray(index, index + 1));
  yield { how: "whole", chunks: [stream] };
  yield { how: "whole, visited", chunks: [stream], visit: true };
  yield { how: "byte by byte", chunks: single };
  yield { how: "byte by byte, visited", chunks: single, visit: true };
  yield { how: "byte by byte, asked at the end", chunks: single, ask: () => false };
  for (const cut of cuts(stream.length)) {
    const chunks = [stream.subarray(0, cut), stream.subarray(cut)];
    yield { how: `cut at ${cut}`, chunks };
    yield { how: `cut at ${cut}, visited`, chunks, visit: true };
  }
  for (let seed = 1; seed <= 32; seed++) {
    const random = randomOf(seed);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < stream.length;) {
      const size = random() < 0.2 ? 0 : Math.ceil(random() * Math.min(seed * seed, stream.length));
      chunks.push(stream.subarray(at, at + size));
      at += size;
    }
    const asked = chunks.map(() => random() < 0.5);
    yield { how: `cut at random (${seed})`, chunks, ask: (index) => asked[index]! };
    yield { how: `cut at random (${seed}), visited`, chunks, visit: true };
  }
}

function deliver(framer: Framer, maxFrameLength: number, delivery: Delivery): Outcome {
  const { chunks, ask = () => true, visit = false } = delivery;
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
      if (ask(index)) drain();
    }
    drain();
    beforeEnd = frames.length;
    decoder.end();
    drain();
  } catch (thrown) {
    error = thrown;
    verifyFailure(decoder, thrown, delivery.how);
  }
  for (const [index, copy] of copies.entries()) {
    if (!equal(frames[index]!, copy)) fail(delivery.how, `frame ${index} changed after delivery`);
  }
  return { frames, beforeEnd, error };
}

/** An error of framing lasts. */
function verifyFailure(decoder: FrameDecoder, error: unknown, where: string): void {
  if (!(error instanceof FramingError)) return;
  try {
    decoder.read();
  } catch (again) {
    if (again === error) return;
  }
  fail(where, "the decoder forgot its error", error);
}

function write(framer: Framer, frames: readonly Uint8Array[], name: string): Uint8Array {
  const encoder = new FrameEncoder({ framer, maxFrameLength: Infinity });
  const one = new FrameEncoder({ framer, maxFrameLength: Infinity });
  const parts: Uint8Array[] = [];
  for (const frame of frames) {
    encoder.write(frame);
    one.write(frame);
    parts.push(concat(one.drain()));
  }
  const written = concat(encoder.drain());
  if (!equal(written, concat(parts))) fail(name, "frames written together differ from single ones");
  return written;
}

/** The frames are the expected ones, and no error came behind them. */
function compareAll(
  frames: readonly Uint8Array[],
  expected: readonly Uint8Array[],
  error: unknown,
  where: string,
): void {
  compare(frames, error === undefined ? expected : expected.slice(0, frames.length), where);
  if (error !== undefined) fail(where, `failed: ${error}`, error);
}

function compare(
  frames: readonly Uint8Array[],
  expected: readonly Uint8Array[],
  where: string,
): void {
  for (let index = 0; index < Math.max(frames.length, expected.length); index++) {
    const [actual, wanted] = [frames[index], expected[index]];
    if (actual !== undefined && wanted !== undefined && equal(actual, wanted)) continue;
    fail(where, `frame ${index} is ${show(actual)}, not ${show(wanted)}`);
  }
}

function cuts(length: number): number[] {
  const count = Math.min(length, MOST_CUTS);
  return Array.from({ length: count }, (_, index) => Math.floor(index * length / count));
}

/** Pseudo-random numbers from 0 to 1, always the same for a seed (Numerical Recipes' generator). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

function show(frame: Uint8Array | undefined): string {
  if (frame === undefined) return "missing";
  const shown = Array.from(frame.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0"));
  return `<${shown.join(" ")}${frame.length > 16 ? " …" : ""}> (${frame.length} bytes)`;
}

function fail(where: string, what: string, cause?: unknown): never {
  throw new Error(`Framer fails verification: ${where}: ${what}`, { cause });
}

function toBytes(bytes: string | Uint8Array): Uint8Array {
  return typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
}
