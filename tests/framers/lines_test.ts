import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameDecoder, FrameTooLargeError, lines, TruncatedFrameError } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { byteCount } from "../../src/bytes/byte_count.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import {
  decode,
  decodeToEnd,
  encode,
  failure,
  few,
  refuses,
  roundTrips,
} from "../support/framing.ts";

const long = "x".repeat(520);

test("lines() passes verification", () => {
  verifyFramer(lines(), [
    { frames: ["one", "", "two\r", long, "\rthree\r\r", "\r"] },
    { frames: ["one", "two\r", "", "last"], bytes: "one\r\ntwo\r\r\n\nlast" },
    { frames: [long + "\r", "b"], bytes: `${long}\r\r\nb` },
    { frames: ["", "", ""], bytes: "\n\r\n\n" },
    { frames: ["last\r"], bytes: "last\r" },
    { frames: [], bytes: "" },
  ]);
});

test("lines({ strict }) passes verification", () => {
  verifyFramer(lines({ strict: true }), [
    { frames: ["one", "", "two\r", long] },
    { frames: ["one", ""], bytes: "one\r\n\r\n" },
  ]);
});

test("lines({ cr }) and lines({ skipEmpty }) pass verification", () => {
  verifyFramer(lines({ cr: true }), [
    { frames: ["one", "", "two", long] },
    { frames: ["one", "two", "", "", "last"], bytes: "one\rtwo\r\n\r\n\nlast" },
    { frames: ["one", ""], bytes: "one\r\r\n" },
  ]);
  verifyFramer(lines({ cr: true, strict: true }), [{
    frames: ["one", "two"],
    bytes: "one\rtwo\r\n",
  }]);
  verifyFramer(lines({ cr: true, skipEmpty: true }), [
    { frames: ["one", "two", "last"], bytes: "\r\r\none\r\n\r\rtwo\r\n\nlast" },
  ]);
  verifyFramer(lines({ skipEmpty: true }), [
    { frames: ["one", "two\r", long] },
    { frames: ["one", "\r", "two"], bytes: "\n\r\none\n\n\r\r\n\n\ntwo" },
    { frames: ["one"], bytes: "\r\none\n\n" },
  ]);
});

test("lines({ cr }) and lines({ skipEmpty }) read what they write", () => {
  roundTrips(lines({ cr: true }), few("a", "\r", "\n", "xyz"));
  roundTrips(lines({ skipEmpty: true }), few("a", "\r", "\n", "xyz"));
  roundTrips(lines({ cr: true, skipEmpty: true }), few("a", "\r", "\n"));
});

test("lines() refuses to write a frame that it would not read", () => {
  const cr = lines({ cr: true });
  refuses(cr, "a\rb", TypeError, "Cannot write frame: it contains the delimiter at offset 1");
  const message = "Cannot write frame: it is empty, and skipEmpty is set";
  refuses(lines({ skipEmpty: true }), "", TypeError, message);
});

test("lines() reads what it writes", () => {
  roundTrips(lines(), few("a", "\r", "\n", "xyz"));
  roundTrips(lines({ strict: true }), few("a", "\r", "\n", "xyz"));
});

test("lines() splits like String.split()", () => {
  fc.assert(
    fc.property(few("a", "\r", "\n", "\r\n", "b"), (stream) => {
      const parts = stream.split("\n");
      const last = parts.pop()!;
      const whole = parts.map((line) => line.replace(/\r$/, ""));
      assert.deepEqual(decode(lines(), stream), whole);
      assert.deepEqual(decodeToEnd(lines(), stream), last === "" ? whole : [...whole, last]);
    }),
    { numRuns: 200 },
  );
});

test("lines() strips one carriage return right before the line feed", () => {
  assert.deepEqual(decode(lines(), "one\r\ntwo\n"), ["one", "two"]);
  assert.deepEqual(decode(lines(), "one\r\r\n"), ["one\r"]);
});

test("lines() keeps a carriage return anywhere else", () => {
  assert.deepEqual(decode(lines(), "a\rb\r\n\rc\n"), ["a\rb", "\rc"]);
});

test("lines() keeps a carriage return that ends the stream", () => {
  assert.deepEqual(decodeToEnd(lines(), "one\r"), ["one\r"]);
  assert.deepEqual(decodeToEnd(lines(), "one\n\r"), ["one", "\r"]);
});

test("lines() strips a carriage return that arrives in another chunk than its line feed", () => {
  const decoder = new FrameDecoder({ framer: lines() });
  decoder.push(bytes("one\r"));
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("\n"));
  assert.equal(latin1(decoder.read()!), "one");
  assert.equal(decoder.read(), undefined);
});

test("lines() delivers a last line without a line feed unless it is empty", () => {
  assert.deepEqual(decodeToEnd(lines(), "one\ntwo"), ["one", "two"]);
  assert.deepEqual(decodeToEnd(lines(), "one\n"), ["one"]);
});

test("lines({ strict }) refuses a last line without a line feed", () => {
  for (const last of ["two", "two\r", "\r"]) {
    const decoder = new FrameDecoder({ framer: lines({ strict: true }) });
    decoder.push(bytes(`one\n${last}`));
    decoder.end();
    assert.equal(latin1(decoder.read()!), "one");
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError);
    assert.equal(error.offset, 4);
    assert.equal(latin1(error.partial), last);
    assert.equal(error.expectedLength, undefined);
    const { length } = last;
    assert.equal(
      error.message,
      `Cannot read frame at offset 4: the stream ended after ${byteCount(length)} of it`,
    );
  }
});

test("lines() delivers empty lines", () => {
  assert.deepEqual(decode(lines(), "\n\n\r\na\n\n"), ["", "", "", "a", ""]);
});

test("lines() counts neither the line feed nor its carriage return toward the limit", () => {
  for (const stream of ["abc\n", "abc\r\n", "ab\r\r\n"]) {
    assert.equal(decode(lines(), stream, 3).length, 1);
    const error = failure(() => decode(lines(), stream, 2));
    assert.ok(error instanceof FrameTooLargeError);
    assert.deepEqual([error.length, error.limit, error.offset], [3, 2, 0]);
    assert.equal(
      error.message,
      "Cannot read frame of more than 2 bytes at offset 0: limit is 2",
    );
  }
  assert.deepEqual(decode(lines(), "\n\r\n", 0), ["", ""]);
});

test("lines() refuses a line at the byte that proves it too long", () => {
  for (const line of ["abcd", "abc\rx", "abc\r\r", "\r\r\r\r\r"]) {
    assert.deepEqual(decode(lines(), line.slice(0, -1), 3), []);
    assert.throws(() => decode(lines(), line, 3), FrameTooLargeError);
  }
});

test("lines() applies the limit to a last line without a line feed", () => {
  assert.deepEqual(decodeToEnd(lines(), "abc", 3), ["abc"]);
  assert.throws(() => decodeToEnd(lines(), "abc\r", 3), FrameTooLargeError);
});

test("lines() writes a line feed, and a carriage return before it if the line ends with one", () => {
  assert.equal(encode(lines(), "one", "", "two\r"), "one\n\ntwo\r\r\n");
});

test("lines() refuses to write a line that contains a line feed", () => {
  refuses(lines(), "a\nb", TypeError, "Cannot write frame: it contains the delimiter at offset 1");
  refuses(
    lines(),
    "ab\r\n",
    TypeError,
    "Cannot write frame: it contains the delimiter at offset 3",
  );
});
