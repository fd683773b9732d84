import { concat } from "../bytes/concat.ts";
import { FrameTooLargeError, TruncatedFrameError } from "../errors.ts";
import { FrameEncoder } from "../frame_encoder.ts";
import type { Framer } from "../framers/framer.ts";
import { announced } from "./announced.ts";
import { byteByByte, cutsOf, deliver, deliveriesOf, type Delivery } from "./delivery.ts";
import { compareFrames, equalBytes, fail } from "./verification_failure.ts";
import { watchedFramer } from "./watched_framer.ts";

/** Number of deliveries that are cut at random. */
const RANDOM_DELIVERIES = 32;

/** A stream and the frames that it contains. Strings are encoded as UTF-8. */
export interface FramerCase {
  /** The expected frames, in order. */
  readonly frames: readonly (string | Uint8Array)[];
  /** Bytes of the stream; default: the frames as the framer writes them. */
  readonly bytes?: string | Uint8Array;
}

/**
 * Verifies that a framer is correct, or throws an error that says what is wrong and how the stream was
 * cut. It checks that:
 *
 * - a stream gives the same frames whole, byte by byte, cut in two at every offset, and cut at random
 *   with empty chunks in between, however often the decoder is read meanwhile;
 * - `visit` finds the same frames as `read`;
 * - the framer reads the frames that it writes;
 * - a stream that ends at any byte gives complete frames, then {@link TruncatedFrameError} or a clean
 *   end; a frame is cut short only if the end of the stream delimits it;
 * - a limit of the longest frame's length accepts that frame, and a limit of one byte less refuses it
 *   with the same error, however the stream is cut;
 * - delivered frames do not change while more bytes arrive;
 * - when it answers "not yet", the framer leaves the reader as it found it, except for bytes that it discards.
 *
 * @param framer The framer.
 * @param cases Streams and their frames: cover every kind of frame, empty frames, and several in a row.
 * @throws {Error} The framer is incorrect; the message says where.
 * @throws {TypeError} `cases` is empty.
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
  if (cases.length === 0) throw new TypeError("Cannot verify framer: expected at least one case");
  for (const [number, { frames, bytes }] of cases.entries()) {
    const expected = frames.map(toBytes);
    const written = write(framer, expected, `case ${number}`);
    verifyStream(framer, expected, written, `case ${number}, as written`);
    if (!equalBytes(announced(framer, expected) ?? written, written)) {
      fail(`case ${number}`, "frames that are announced differ from frames that are written");
    }
    if (bytes !== undefined) verifyStream(framer, expected, toBytes(bytes), `case ${number}`);
  }
}

function verifyStream(
  framer: Framer,
  expected: readonly Uint8Array[],
  stream: Uint8Array,
  name: string,
): void {
  const original = Uint8Array.from(stream);
  const deliveries = [...deliveriesOf(stream, RANDOM_DELIVERIES)];
  try {
    for (const delivery of deliveries) {
      const { frames, error } = deliver(framer, Infinity, delivery);
      compareAll(frames, expected, error, `${name}, ${delivery.how}`);
    }
    verifyEnds(framer, expected, stream, name);
    verifyLimits(framer, expected, deliveries, name);
    verifyNotYet(framer, stream, name);
  } finally {
    if (!equalBytes(stream, original)) fail(name, "the framer changed the bytes");
  }
}

/** Verifies that a truncated stream gives the frames before its end and is not reported as complete. */
function verifyEnds(
  framer: Framer,
  expected: readonly Uint8Array[],
  stream: Uint8Array,
  name: string,
): void {
  for (const end of cutsOf(stream)) {
    const where = `${name}, ended after ${end} bytes`;
    const outcome = deliver(framer, Infinity, { how: where, chunks: [stream.subarray(0, end)] });
    const before = outcome.frames.slice(0, outcome.beforeEnd);
    compareFrames(before, expected.slice(0, before.length), where);
    if (outcome.frames.length > before.length + 1) {
      fail(where, "the end of the stream ended more than one frame");
    }
    if (outcome.error !== undefined && !(outcome.error instanceof TruncatedFrameError)) {
      fail(where, `failed with an error other than truncation: ${outcome.error}`, outcome.error);
    }
  }
}

/** Verifies that the limit is exact to the byte, wherever the stream is cut. */
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
        const otherwise = error === undefined ? "" : `: ${error}`;
        fail(where, `a frame of ${longest} bytes was not refused as too large${otherwise}`, error);
      }
      compareFrames(frames, before, where);
      message ??= error.message;
      if (error.message !== message) {
        fail(where, `failed with "${error.message}", not with "${message}"`, error);
      }
    }
  }
}

/** Verifies that the framer leaves the reader unchanged whenever it answers "not yet". */
function verifyNotYet(framer: Framer, stream: Uint8Array, name: string): void {
  const deliveries: Delivery[] = [{ how: "byte by byte", chunks: byteByByte(stream) }];
  for (const end of cutsOf(stream)) {
    deliveries.push({ how: `ended after ${end} bytes`, chunks: [stream.subarray(0, end)] });
  }
  for (const delivery of deliveries) {
    let violation: string | undefined;
    deliver(watchedFramer(framer, (left) => violation ??= left), Infinity, delivery);
    if (violation !== undefined) fail(`${name}, ${delivery.how}`, violation);
  }
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
  if (!equalBytes(written, concat(parts))) {
    fail(name, "frames written together differ from frames written one by one");
  }
  return written;
}

/** Verifies that the frames are the expected ones and that no error followed them. */
function compareAll(
  frames: readonly Uint8Array[],
  expected: readonly Uint8Array[],
  error: unknown,
  where: string,
): void {
  compareFrames(frames, error === undefined ? expected : expected.slice(0, frames.length), where);
  if (error !== undefined) fail(where, `failed: ${error}`, error);
}

function toBytes(bytes: string | Uint8Array): Uint8Array {
  return typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
}
