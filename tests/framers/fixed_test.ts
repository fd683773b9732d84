import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fixed, FrameDecoder } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { decode, encode, failure, refuses, roundTrips } from "../support/framing.ts";

test("fixed() passes verification", () => {
  verifyFramer(fixed(1), [{ frames: ["a", "b", "c"], bytes: "abc" }]);
  verifyFramer(fixed(3), [{ frames: ["one", "two"], bytes: "onetwo" }]);
  verifyFramer(fixed(700), [{ frames: ["x".repeat(700), "y".repeat(700)] }]);
});

test("fixed() reads what it writes", () => {
  roundTrips(fixed(3), fc.string({ unit: "binary-ascii", minLength: 3, maxLength: 3 }));
});

test("fixed() writes the frame and nothing else", () => {
  assert.equal(encode(fixed(3), "one", "two"), "onetwo");
});

test("fixed() refuses frames of another length", () => {
  const message = (length: number) => `Cannot write frame of ${length} bytes: expected 3`;
  refuses(fixed(3), "four", RangeError, message(4));
  refuses(fixed(3), "", RangeError, message(0));
});

test("fixed() refuses invalid sizes", () => {
  for (const size of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    const error = failure(() => fixed(size));
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, `Invalid frame size ${size}: expected a non-negative integer`);
  }
});

test("fixed(0) can be read one frame at a time and consumes nothing", () => {
  const decoder = new FrameDecoder({ framer: fixed(0) });
  assert.deepEqual(decoder.read(), new Uint8Array(0));
  decoder.push(bytes("abc"));
  assert.deepEqual(decoder.read(), new Uint8Array(0));
  assert.equal(latin1(decoder.detach()), "abc");
});

test("fixed(0) cannot be iterated over", () => {
  const decoder = new FrameDecoder({ framer: fixed(0) });
  decoder.push(bytes("abc"));
  const message = "Cannot iterate over empty frames: they consume no input";
  for (const all of [() => [...decoder], () => decoder.visit(() => {})]) {
    const error = failure(all);
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, message);
  }
  decoder.switchTo({ framer: fixed(3) });
  assert.equal(latin1(decoder.read()!), "abc");
});

test("fixed() refuses a size over the limit before a byte arrives", () => {
  assert.throws(() => decode(fixed(5), "", 4), /frame of 5 bytes at offset 0: limit is 4$/);
});
