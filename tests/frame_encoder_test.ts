import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Codec,
  fixed,
  FrameDecoder,
  FrameEncoder,
  type Framer,
  json,
  lengthPrefixed,
  lines,
  text,
  uint32,
  uint8,
} from "../mod.ts";
import { bytes, latin1, numbered } from "./support/bytes.ts";
import { failure } from "./support/framing.ts";

test("FrameEncoder joins the frames of small messages in one chunk", () => {
  const encoder = new FrameEncoder({ framer: lines(), codec: text() });
  encoder.write("one");
  encoder.write("two");
  assert.equal(encoder.pending, 8);
  assert.deepEqual(encoder.drain(), [bytes("one\ntwo\n")]);
  assert.equal(encoder.pending, 0);
  assert.deepEqual(encoder.drain(), []);
});

test("FrameEncoder writes header and body of a small frame in one chunk", () => {
  const encoder = new FrameEncoder({ framer: lengthPrefixed(uint32) });
  encoder.write(numbered(8191));
  assert.equal(encoder.drain().length, 1);
});

test("FrameEncoder passes large frames on without copying", () => {
  const encoder = new FrameEncoder({ framer: lengthPrefixed(uint32) });
  const large = numbered(100_000);
  encoder.write(large);
  const [header, body] = encoder.drain();
  assert.deepEqual(header, bytes("\0\x01\x86\xa0"));
  assert.equal(body, large);
});

test("FrameEncoder copies small frames, so the caller may change them afterwards", () => {
  const encoder = new FrameEncoder({ framer: lines() });
  const frame = bytes("abc");
  encoder.write(frame);
  frame.fill(0);
  assert.deepEqual(encoder.drain(), [bytes("abc\n")]);
});

test("FrameEncoder refuses a frame over the limit and writes nothing of it", () => {
  const encoder = new FrameEncoder({ framer: lines(), maxFrameLength: 3 });
  encoder.write(bytes("abc"));
  const error = failure(() => encoder.write(bytes("abcd")));
  assert.ok(error instanceof RangeError);
  assert.equal(error.message, "Cannot write frame of 4 bytes: limit is 3");
  encoder.write(bytes("x"));
  assert.deepEqual(encoder.drain(), [bytes("abc\nx\n")]);
});

test("FrameEncoder discards what a framer wrote before it threw", () => {
  const large = numbered(20_000);
  const half: Framer = {
    write(frame, output) {
      output.write(bytes("half "));
      output.write(large);
      output.writeUint(7, 2);
      if (frame.length > 0) throw new TypeError("refused");
    },
    measure: () => undefined,
  };
  const encoder = new FrameEncoder({ framer: lines() });
  encoder.write(bytes("one"));
  const other = encoder.switchTo({ framer: half });
  assert.throws(() => other.write(bytes("x")), /^TypeError: refused$/);
  assert.equal(encoder.pending, 4);
  other.switchTo({ framer: lines() }).write(bytes("two"));
  assert.equal(encoder.drain().map(latin1).join(""), "one\ntwo\n");
});

test("FrameEncoder writes nothing of a message that its codec refuses to encode", () => {
  const encoder = new FrameEncoder({ framer: lines(), codec: json() });
  assert.throws(() => encoder.write(undefined), TypeError);
  assert.equal(encoder.pending, 0);
});

test("FrameEncoder refuses frames that are not Uint8Arrays", () => {
  const encoder = new FrameEncoder({ framer: lines() });
  for (const frame of ["text", undefined, null, [1], {}, new Uint16Array(1), new Int8Array(1)]) {
    const error = failure(() => encoder.write(frame as Uint8Array));
    assert.ok(error instanceof TypeError);
    assert.equal(error.message, "Cannot write message: expected a Uint8Array as its frame");
  }
  const codec = { encode: (message: string) => message, decode: String } as unknown;
  const texts = new FrameEncoder({ framer: lines(), codec: codec as Codec<Uint8Array, string> });
  assert.throws(() => texts.write("text"), TypeError);
  assert.equal(encoder.pending + texts.pending, 0);
});

test("FrameEncoder.switchTo() keeps the frames already written", () => {
  const encoder = new FrameEncoder({ framer: lines(), codec: text() });
  encoder.write("one");
  const frames = encoder.switchTo({ framer: lengthPrefixed(uint8), maxFrameLength: 2 });
  frames.write(bytes("ab"));
  assert.throws(() => frames.write(bytes("abc")), RangeError);
  assert.deepEqual(frames.drain(), [bytes("one\n\x02ab")]);
});

test("FrameEncoder keeps the order of small and large frames", () => {
  const sizes = fc.constantFrom(0, 1, 100, 1000, 8191, 8192, 20_000);
  fc.assert(
    fc.property(fc.array(sizes, { maxLength: 30 }), (lengths) => {
      const protocol = { framer: lengthPrefixed(uint32) };
      const encoder = new FrameEncoder(protocol);
      const decoder = new FrameDecoder(protocol);
      for (const [index, length] of lengths.entries()) {
        encoder.write(numbered(length));
        if (index % 3 === 0) encoder.drain().forEach((chunk) => decoder.push(chunk));
      }
      encoder.drain().forEach((chunk) => decoder.push(chunk));
      const frames = [...decoder];
      assert.deepEqual(frames, lengths.map(numbered));
    }),
    { numRuns: 50 },
  );
});

test("FrameEncoder writes many frames in few chunks", () => {
  const encoder = new FrameEncoder({ framer: fixed(1000) });
  for (let count = 0; count < 160; count++) encoder.write(new Uint8Array(1000));
  const chunks = encoder.drain();
  assert.equal(chunks.reduce((sum, { length }) => sum + length, 0), 160_000);
  assert.ok(chunks.length <= 10, `${chunks.length} chunks`);
});
