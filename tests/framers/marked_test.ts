import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameTooLargeError, marked, TruncatedFrameError } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
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

const mllp = marked("\x0b", "\x1c\r");

test("marked() passes verification", () => {
  verifyFramer(mllp, [{ frames: ["one", "", "\x0b\x1c", "x".repeat(520), "\r"] }]);
  verifyFramer(marked("<<", ">>"), [{ frames: ["a", "", "<<", "><", ">a"] }]);
  verifyFramer(marked("\x1e", "\n"), [{ frames: ["{}", ""], bytes: "\x1e{}\n\x1e\n" }]);
});

test("marked() finds again what it writes", () => {
  roundTrips(marked("<<", ">>"), few("<", ">", "a"));
  roundTrips(marked("aa", "aab"), few("a", "b"));
});

test("marked() writes begin, frame and end", () => {
  assert.equal(encode(mllp, "MSH", ""), "\x0bMSH\x1c\r\x0b\x1c\r");
});

test("marked() refuses anything between frames", () => {
  const reason = "frame does not begin with its mark";
  malformed(mllp, "x", reason);
  malformed(marked("<<", ">>"), "<x", reason);
  const error = failure(() => decode(mllp, "\x0ba\x1c\r\n\x0bb\x1c\r"));
  assert.equal(error.message, `Cannot read frame at offset 4: ${reason}`);
});

test("marked() refuses a frame at the very byte at which it is certainly too long", () => {
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

test("marked() is truncated in its marks and in its frame", () => {
  for (const stream of ["<", "<<", "<<a", "<<a>"]) {
    const error = failure(() => decodeToEnd(marked("<<", ">>"), stream));
    assert.ok(error instanceof TruncatedFrameError);
    assert.equal(error.partial.length, stream.length);
    assert.equal(error.expectedLength, undefined);
  }
});

test("marked() refuses to write a frame that holds its end", () => {
  const at = (place: number) => `Cannot write frame: its delimiter begins in it at ${place}`;
  refuses(marked("<", ">>"), "a>>b", TypeError, at(1));
  refuses(marked("<", ">>"), "a>", TypeError, at(1));
});

test("marked() refuses marks that are none", () => {
  assert.throws(() => marked("", ">"), TypeError);
  assert.throws(() => marked("<", ""), TypeError);
});
