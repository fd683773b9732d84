import assert from "node:assert/strict";
import fc from "fast-check";
import {
  FrameDecoder,
  FrameEncoder,
  type Framer,
  FramingError,
  MalformedFrameError,
} from "../../mod.ts";
import { bytes, latin1 } from "./bytes.ts";

/** Returns the error that a function throws. */
export function failure(run: () => unknown): Error & Record<string, unknown> {
  try {
    run();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error("nothing was thrown");
}

/** Returns the frames of a stream that has not ended. */
export function decode(
  framer: Framer,
  stream: string,
  maxFrameLength: number = Infinity,
): string[] {
  const decoder = new FrameDecoder({ framer, maxFrameLength });
  decoder.push(bytes(stream));
  return Array.from(decoder, latin1);
}

/** Returns the frames of a stream that has ended. */
export function decodeToEnd(
  framer: Framer,
  stream: string,
  maxFrameLength: number = Infinity,
): string[] {
  const decoder = new FrameDecoder({ framer, maxFrameLength });
  decoder.push(bytes(stream));
  decoder.end();
  return Array.from(decoder, latin1);
}

/** Returns the stream of encoded frames. */
export function encode(framer: Framer, ...frames: string[]): string {
  const encoder = new FrameEncoder({ framer, maxFrameLength: Infinity });
  for (const frame of frames) encoder.write(bytes(frame));
  return encoder.drain().map(latin1).join("");
}

/** Requires that a stream is reported as malformed, for a reason, at its last byte and not before. */
export function malformed(framer: Framer, stream: string, reason: string): void {
  decode(framer, stream.slice(0, -1));
  const error = failure(() => decode(framer, stream));
  assert.ok(error instanceof MalformedFrameError, `${error}`);
  assert.ok(error.message.startsWith(`Cannot read frame at offset 0: ${reason}`), error.message);
  assert.ok(error.cause instanceof FramingError);
}

/** Requires that writing a frame throws, and that none of it is written. */
export function refuses(
  framer: Framer,
  frame: string,
  kind: new () => Error,
  message: string,
): void {
  const encoder = new FrameEncoder({ framer, maxFrameLength: Infinity });
  const error = failure(() => encoder.write(bytes(frame)));
  assert.equal(error.constructor, kind);
  assert.equal(error.message, message);
  assert.equal(encoder.pending, 0);
  assert.deepEqual(encoder.drain(), []);
}

/**
 * Requires that each frame is either refused or decoded unchanged, whichever frames surround it and
 * however their stream is cut.
 */
export function roundTrips(framer: Framer, frame: fc.Arbitrary<string>): void {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 6 }),
      fc.array(fc.nat(40), { minLength: 1, maxLength: 8 }),
      (frames, sizes) => {
        const encoder = new FrameEncoder({ framer });
        const accepted = frames.filter((frame) => {
          const before = encoder.pending;
          try {
            encoder.write(bytes(frame));
            return true;
          } catch (error) {
            assert.ok(error instanceof TypeError || error instanceof RangeError, `${error}`);
            assert.equal(encoder.pending, before);
            return false;
          }
        });
        const stream = bytes(encoder.drain().map(latin1).join(""));
        const decoder = new FrameDecoder({ framer });
        const decoded: string[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length]! + (turn >= sizes.length ? 1 : 0);
          decoder.push(stream.slice(at, at + size));
          at += size;
          for (const one of decoder) decoded.push(latin1(one));
        }
        decoder.end();
        for (const one of decoder) decoded.push(latin1(one));
        assert.deepEqual(decoded, accepted);
      },
    ),
    { numRuns: 150 },
  );
}

/** Strings made of a few pieces, so that frames often contain delimiters and parts of them. */
export function few(...pieces: string[]): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(""));
}
