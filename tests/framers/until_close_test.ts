import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameTooLargeError, untilClose } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { decode, decodeToEnd, encode, failure } from "../support/framing.ts";

test("untilClose() passes verification", () => {
  verifyFramer(untilClose(), [
    { frames: ["x".repeat(700)] },
    { frames: ["a\r\n\0"] },
    { frames: [] },
  ]);
});

test("untilClose() delivers everything when the stream has ended, and nothing before", () => {
  const decoder = new FrameDecoder({ framer: untilClose() });
  decoder.push(bytes("all "));
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("of it"));
  assert.equal(decoder.read(), undefined);
  decoder.end();
  assert.equal(latin1(decoder.read()!), "all of it");
  assert.equal(decoder.read(), undefined);
});

test("untilClose() delivers no frame of an empty stream", () => {
  assert.deepEqual(decodeToEnd(untilClose(), ""), []);
});

test("untilClose() refuses a stream at the byte that makes it too long", () => {
  assert.deepEqual(decodeToEnd(untilClose(), "abc", 3), ["abc"]);
  const error = failure(() => decode(untilClose(), "abcd", 3));
  assert.ok(error instanceof FrameTooLargeError);
  assert.deepEqual([error.length, error.limit], [4, 3]);
  assert.throws(() => decode(untilClose(), "a", 0), FrameTooLargeError);
});

test("untilClose() writes the frame and nothing else", () => {
  assert.equal(encode(untilClose(), "a", "b"), "ab");
});
