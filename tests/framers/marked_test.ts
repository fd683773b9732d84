import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameTooLargeError, marked, TruncatedFrameError } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes, chunksOf } from "../support/bytes.ts";
import {
  decode,
  decodeToEnd,
  encode,
  failure,
  few,
  malformed,
  refuses,
  roundTrips,
} from "../support/framing.ts";
import { deliveries, outcome } from "../support/outcomes.ts";

const mllp = marked("\x0b", "\x1c\r");

test("marked() passes verification", () => {
  verifyFramer(mllp, [{ frames: ["one", "", "\x0b\x1c", "x".repeat(520), "\r"] }]);
  verifyFramer(marked("<<", ">>"), [{ frames: ["a", "", "<<", "><", ">a"] }]);
  verifyFramer(marked("\x1e", "\n"), [{ frames: ["{}", ""], bytes: "\x1e{}\n\x1e\n" }]);
});

test("marked({ noise }) passes verification", () => {
  verifyFramer(marked("\x0b", "\x1c\r", { noise: "skip" }), [
    { frames: ["one", "", "\x0b\x1c"] },
    { frames: ["one", "two"], bytes: "\r\n\x0bone\x1c\r\r\n\x0btwo\x1c\r--" },
  ]);
  verifyFramer(marked("aab", "b", { noise: "skip" }), [
    { frames: ["x", "aa"], bytes: "aaabxbaabaab" },
  ]);
  assert.throws(() => marked("a", "b", { noise: "drop" as "skip" }), {
    name: "TypeError",
    message: 'Invalid noise "drop": expected "refuse" or "skip"',
  });
});

test("marked() reads what it writes", () => {
  roundTrips(marked("<<", ">>"), few("<", ">", "a"));
  roundTrips(marked("aa", "aab"), few("a", "b"));
});

test("marked() writes begin, frame and end", () => {
  assert.equal(encode(mllp, "MSH", ""), "\x0bMSH\x1c\r\x0b\x1c\r");
});

test("marked() refuses anything between frames", () => {
  const reason = "frame does not begin with the begin mark";
  malformed(mllp, "x", reason);
  malformed(marked("<<", ">>"), "<x", reason);
  const error = failure(() => decode(mllp, "\x0ba\x1c\r\n\x0bb\x1c\r"));
  assert.equal(error.message, `Cannot read frame at offset 4: ${reason}`);
});

test("marked() refuses a frame at the byte that proves it too long", () => {
  const framer = marked("<<", ">>");
  assert.deepEqual(decode(framer, "<<abc>>", 3), ["abc"]);
  assert.deepEqual(decode(framer, "<<abc>", 3), []);
  for (const stream of ["<<abcd", "<<abc>x"]) {
    assert.deepEqual(decode(framer, stream.slice(0, -1), 3), []);
    const error = failure(() => decode(framer, stream, 3));
    assert.ok(error instanceof FrameTooLargeError);
    assert.deepEqual([error.length, error.limit, error.offset], [4, 3, 0]);
  }
});

test("marked() reports truncation in its marks and in its frame", () => {
  for (const stream of ["<", "<<", "<<a", "<<a>"]) {
    const error = failure(() => decodeToEnd(marked("<<", ">>"), stream));
    assert.ok(error instanceof TruncatedFrameError);
    assert.equal(error.partial.length, stream.length);
    assert.equal(error.expectedLength, undefined);
  }
});

test("marked() refuses to write a frame that contains its end mark", () => {
  const at = (place: number) => `Cannot write frame: it contains the delimiter at offset ${place}`;
  refuses(marked("<", ">>"), "a>>b", TypeError, at(1));
  refuses(marked("<", ">>"), "a>", TypeError, at(1));
});

test("marked() refuses invalid marks", () => {
  assert.throws(() => marked("", ">"), TypeError);
  assert.throws(() => marked("<", ""), TypeError);
});

test("marked() refuses a begin mark of more than 65,536 bytes", () => {
  assert.throws(
    () => marked(new Uint8Array(65_537), ">"),
    /^RangeError: Invalid begin mark of 65537 bytes: expected at most 65536$/,
  );
  const begin = new Uint8Array(65_536);
  const stream = new Uint8Array(65_536 + 4);
  stream.set([0x61, 0x62, 0x63, 0x3e], 65_536);
  for (const limit of [2, 3]) {
    const framer = marked(begin, ">");
    const whole = outcome(framer, limit, { chunks: [stream], asks: true });
    assert.deepEqual(whole.frames, limit === 3 ? ["abc"] : []);
    for (const size of [1000, 65_535, 65_536, 65_537, 65_538, 65_539]) {
      const delivery = { chunks: chunksOf(stream, size), asks: true };
      assert.deepEqual(outcome(framer, limit, delivery), whole);
    }
  }
});

test("marked() does not count its begin mark toward the limit while it waits", () => {
  const framer = marked("<<<", ">>");
  for (const stream of ["<<<>>", "<<<a>>", "<<<abc>>", "<<<>x>>", "<<<a>b>>"].map(bytes)) {
    const expected = outcome(framer, 3, { chunks: [stream], asks: true });
    assert.equal(expected.end, "clean");
    for (const delivery of deliveries(stream, [{ size: 1, asks: true }])) {
      assert.deepEqual(outcome(framer, 3, delivery), expected);
    }
  }
});
