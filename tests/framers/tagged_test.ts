import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  contentLength,
  delimited,
  FrameTooLargeError,
  lengthField,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  tagged,
  TruncatedFrameError,
  uint16,
  uint8,
  untilClose,
  varint,
} from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import {
  decode,
  decodeToEnd,
  encode,
  failure,
  malformed,
  refuses,
  roundTrips,
} from "../support/framing.ts";

const all = tagged({
  0x30: 0,
  0x31: 2,
  0x41: lines(),
  0x42: lengthPrefixed(uint8),
  0x43: netstring(),
  0x44: contentLength(),
  0x45: marked("<", ">"),
  0x46: delimited("\r\n", { keep: true }),
  0x47: lengthField({ offset: 1, size: 1, counts: "frame" }),
  0x48: tagged({ 0x61: 1, 0x62: lines() }),
  0x49: lengthPrefixed(varint),
  0x4a: lengthPrefixed(uint16),
});

test("tagged() passes verification over all kinds of framers", () => {
  verifyFramer(all, [
    { frames: ["0", "1ab", "A", "Aline", "B\0", "B\x02ab"] },
    { frames: ["C0:", "C3:abc", "DContent-Length: 2\r\n\r\n{}", "E<a", "E<", "F\r\n", "Fa\r\n"] },
    { frames: ["G\0\x02", "G\0\x04ab", "Hax", "Hbline", "Hb", "I\x01a", "J\0\x01a"] },
    { frames: ["A".repeat(600), bytes(`I\xd8\x04${"x".repeat(600)}`)] },
    { frames: ["Aone", "Atwo\r", "Alast"], bytes: "Aone\r\nAtwo\r\r\nAlast" },
  ]);
});

test("tagged() finds again what it writes", () => {
  const pieces = fc.constantFrom(..."01ABCEFGHIJ<>\n\r,:ab\0\x01\x02");
  roundTrips(all, fc.array(pieces, { minLength: 1, maxLength: 6 }).map((list) => list.join("")));
});

test("tagged() keeps the type and the inner header in the frame, and drops the inner trailer", () => {
  assert.deepEqual(decode(all, "Aline\r\nC3:abc,B\x02ab0E<a>"), [
    "Aline",
    "C3:abc",
    "B\x02ab",
    "0",
    "E<a",
  ]);
});

test("tagged() refuses a type that is in no table", () => {
  malformed(all, "x", "no frame has type 120");
  const error = failure(() => decode(all, "0\xff"));
  assert.equal(error.message, "Cannot read frame at offset 1: no frame has type 255");
  malformed(tagged({}), "\0", "no frame has type 0");
});

test("tagged() is malformed where its inner framer is", () => {
  malformed(all, "Cx", 'unexpected "x" in length');
  malformed(all, "Ex", "frame does not begin with its mark");
  malformed(all, "Hx", "no frame has type 120");
  assert.throws(() => decode(all, "C1:ab"), /what must follow it does not$/);
});

test("tagged() counts type and inner header against the limit", () => {
  assert.deepEqual(decode(all, "1ab", 3), ["1ab"]);
  assert.deepEqual(decode(all, "B\x01a", 3), ["B\x01a"]);
  for (const stream of ["B\x02", "C1:", "DContent-Length: 0\r\n\r\n"]) {
    const error = failure(() => decode(all, stream, 2));
    assert.ok(error instanceof FrameTooLargeError);
  }
  assert.equal(failure(() => decode(all, "B\x02", 3)).length, 4);
});

test("tagged() refuses a frame at the very byte at which it is certainly too long", () => {
  for (const stream of ["Aabc", "Aab\rx", "Hbab", "E<ab"]) {
    assert.deepEqual(decode(all, stream.slice(0, -1), 3), []);
    assert.throws(() => decode(all, stream, 3), FrameTooLargeError);
  }
  assert.deepEqual(decode(all, "Aab\n", 3), ["Aab"]);
});

test("tagged() is truncated behind its type, in its inner header and in its frame", () => {
  for (
    const [stream, expected] of [
      ["1", 3],
      ["1a", 3],
      ["B", undefined],
      ["B\x02", 4],
      ["B\x02a", 4],
      ["C3:abc", 7],
      ["Fa\r", undefined],
    ] as const
  ) {
    const error = failure(() => decodeToEnd(all, stream));
    assert.ok(error instanceof TruncatedFrameError, stream);
    assert.deepEqual([error.partial.length, error.expectedLength], [stream.length, expected]);
  }
});

test("tagged() lets the end of the stream end what its inner framer lets it end", () => {
  assert.deepEqual(decodeToEnd(all, "Aone"), ["Aone"]);
  assert.deepEqual(decodeToEnd(all, "A"), ["A"]);
  assert.deepEqual(decodeToEnd(tagged({ 13: lines() }), "\r"), ["\r"]);
  assert.deepEqual(decodeToEnd(tagged({ 1: untilClose() }), "\x01rest"), ["\x01rest"]);
});

test("tagged() writes type, inner header and inner trailer", () => {
  assert.equal(encode(all, "Aline", "C3:abc", "E<a", "B\x01x"), "Aline\nC3:abc,E<a>B\x01x");
});

test("tagged() refuses to write a frame that is not of its type", () => {
  const tells = (length: number, told: string | number) =>
    `Cannot write frame of ${length} bytes: its header tells ${told}`;
  refuses(all, "", TypeError, "Cannot write frame: no frame has type undefined");
  refuses(all, "x", TypeError, "Cannot write frame: no frame has type 120");
  refuses(all, "1a", RangeError, "Cannot write frame of 2 bytes: type 49 has 3");
  refuses(all, "0a", RangeError, "Cannot write frame of 2 bytes: type 48 has 1");
  refuses(all, "B\x05abc", RangeError, tells(5, 5));
  refuses(all, "B", RangeError, tells(1, "nothing"));
  refuses(all, "J\0", RangeError, tells(2, "nothing"));
  refuses(all, "E", RangeError, tells(1, "nothing"));
});

test("tagged() refuses to write what its inner framer refuses", () => {
  const begins = (at: number) => `Cannot write frame: its delimiter begins in it at ${at}`;
  refuses(all, "Aa\nb", TypeError, begins(1));
  refuses(all, "E<a>b", TypeError, begins(1));
  refuses(all, "Fa", TypeError, "Cannot write frame: it does not end with its delimiter");
});

test("tagged() refuses to write an inner header that is none", () => {
  refuses(
    all,
    "Cabc",
    TypeError,
    'Cannot write frame: unexpected "a" in length',
  );
  refuses(all, "Hx", TypeError, "Cannot write frame: no frame has type 120");
});

test("tagged() refuses to write an inner header that would come out otherwise", () => {
  const message = "Cannot write frame: its header is not the one that is written";
  refuses(all, "DX: y\r\nContent-Length: 1\r\n\r\na", TypeError, message);
  refuses(all, "Dcontent-length: 1\r\n\r\na", TypeError, message);
  refuses(all, "I\x81\0a", TypeError, message);
  refuses(all, "G\x01\x03a", TypeError, message);
});

test("tagged() refuses tables that are none", () => {
  for (const type of [256, -1, 1.5, "a"]) {
    assert.throws(() => tagged({ [type]: 1 } as Record<number, number>), RangeError);
  }
  for (const length of [-1, 0.5, NaN, Infinity]) {
    assert.throws(() => tagged({ 1: length }), RangeError);
  }
});
