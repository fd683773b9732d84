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
  varintOf,
} from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { byteCount } from "../../src/bytes/byte_count.ts";
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

test("tagged() passes verification with all kinds of inner framers", () => {
  verifyFramer(all, [
    { frames: ["0", "1ab", "A", "Aline", "B\0", "B\x02ab"] },
    { frames: ["C0:", "C3:abc", "DContent-Length: 2\r\n\r\n{}", "E<a", "E<", "F\r\n", "Fa\r\n"] },
    { frames: ["G\0\x02", "G\0\x04ab", "Hax", "Hbline", "Hb", "I\x01a", "J\0\x01a"] },
    { frames: ["A".repeat(600), bytes(`I\xd8\x04${"x".repeat(600)}`)] },
    { frames: ["Aone", "Atwo\r", "Alast"], bytes: "Aone\r\nAtwo\r\r\nAlast" },
  ]);
});

test("tagged() of a function passes verification", () => {
  const framer = tagged((type) => [0, 2, lines({ cr: true }), netstring()][type - 0x30]);
  verifyFramer(framer, [
    { frames: ["0", "1ab", "2", "2line", "33:abc"] },
    { frames: ["2a", "0", "2b", "2c"], bytes: "2a\r02b\r\n2c" },
  ]);
  malformed(framer, "4", "unknown frame type 52");
  refuses(framer, "4", TypeError, "Cannot write frame: unknown frame type 52");
});

test("tagged() checks what a function returns", () => {
  for (const entry of [-1, 0.5, NaN, Infinity]) {
    assert.throws(() => decode(tagged(() => entry), "a"), {
      name: "RangeError",
      message: `Invalid length ${entry} of type 97: expected a non-negative integer`,
    });
  }
  for (const entry of [null, "1", lines, {}]) {
    assert.throws(() => decode(tagged(() => entry as never), "a"), {
      name: "TypeError",
      message: "Invalid entry for type 97: expected a length or a framer",
    });
  }
});

test("tagged() over varintOf(4) refuses a fifth length byte at the fourth, as MQTT requires", () => {
  const mqtt = tagged(() => lengthPrefixed(varintOf(4, { minimal: true })));
  verifyFramer(mqtt, [{ frames: [bytes("\xc0\0"), bytes(`\x30\x80\x04${"x".repeat(512)}`)] }]);
  malformed(mqtt, "\x30\xff\xff\xff\xff", "varint has more than 4 bytes");
});

test("tagged() refuses to write a frame from which its inner framer discards bytes", () => {
  const framer = tagged({
    0x2b: lines({ skipEmpty: true }),
    0x2d: marked("<", ">", { noise: "skip" }),
    0x2e: contentLength(),
  });
  for (const frame of ["+\nab", "+\r\n", "-x<a", "-x<a>", ".\r\nContent-Length: 0\r\n\r\n"]) {
    const error = failure(() => encode(framer, frame));
    assert.ok(error instanceof TypeError || error instanceof RangeError, `${error}`);
  }
  assert.equal(
    encode(framer, "+ab", "-<a", ".Content-Length: 0\r\n\r\n"),
    "+ab\n-<a>.Content-Length: 0\r\n\r\n",
  );
});

test("tagged() reads what it writes", () => {
  const pieces = fc.constantFrom(..."01ABCEFGHIJ<>\n\r,:ab\0\x01\x02");
  roundTrips(all, fc.array(pieces, { minLength: 1, maxLength: 6 }).map((list) => list.join("")));
});

test("tagged() keeps the type and the inner header in the frame and drops the inner trailer", () => {
  assert.deepEqual(decode(all, "Aline\r\nC3:abc,B\x02ab0E<a>"), [
    "Aline",
    "C3:abc",
    "B\x02ab",
    "0",
    "E<a",
  ]);
});

test("tagged() refuses an unknown type", () => {
  malformed(all, "x", "unknown frame type 120");
  const error = failure(() => decode(all, "0\xff"));
  assert.equal(error.message, "Cannot read frame at offset 1: unknown frame type 255");
  malformed(tagged({}), "\0", "unknown frame type 0");
});

test("tagged() reports the malformed frames of its inner framers", () => {
  malformed(all, "Cx", 'unexpected "x" in length');
  malformed(all, "Ex", "frame does not begin with the begin mark");
  malformed(all, "Hx", "unknown frame type 120");
  assert.throws(() => decode(all, "C1:ab"), /its trailer is missing$/);
});

test("tagged() counts the type and the inner header toward the limit", () => {
  assert.deepEqual(decode(all, "1ab", 3), ["1ab"]);
  assert.deepEqual(decode(all, "B\x01a", 3), ["B\x01a"]);
  for (const stream of ["B\x02", "C1:", "DContent-Length: 0\r\n\r\n"]) {
    const error = failure(() => decode(all, stream, 2));
    assert.ok(error instanceof FrameTooLargeError);
  }
  assert.equal(failure(() => decode(all, "B\x02", 3)).length, 4);
});

test("tagged() refuses a frame at the byte that proves it too long", () => {
  for (const stream of ["Aabc", "Aab\rx", "Hbab", "E<ab"]) {
    assert.deepEqual(decode(all, stream.slice(0, -1), 3), []);
    assert.throws(() => decode(all, stream, 3), FrameTooLargeError);
  }
  assert.deepEqual(decode(all, "Aab\n", 3), ["Aab"]);
});

test("tagged() reports truncation after its type, in its inner header and in its frame", () => {
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

test("tagged() accepts a frame that ends with the stream if its inner framer does", () => {
  assert.deepEqual(decodeToEnd(all, "Aone"), ["Aone"]);
  assert.deepEqual(decodeToEnd(all, "A"), ["A"]);
  assert.deepEqual(decodeToEnd(tagged({ 13: lines() }), "\r"), ["\r"]);
  assert.deepEqual(decodeToEnd(tagged({ 1: untilClose() }), "\x01rest"), ["\x01rest"]);
});

test("tagged() writes type, inner header and inner trailer", () => {
  assert.equal(encode(all, "Aline", "C3:abc", "E<a", "B\x01x"), "Aline\nC3:abc,E<a>B\x01x");
});

test("tagged() refuses to write a frame that is not of its type", () => {
  const gives = (length: number, given: string) =>
    `Cannot write frame of ${byteCount(length)}: its header ${given}`;
  refuses(all, "", TypeError, "Cannot write frame: it has no type byte");
  refuses(all, "x", TypeError, "Cannot write frame: unknown frame type 120");
  refuses(all, "1a", RangeError, "Cannot write frame of 2 bytes: expected 3 for type 49");
  refuses(all, "0a", RangeError, "Cannot write frame of 2 bytes: expected 1 for type 48");
  refuses(all, "B\x05abc", RangeError, gives(5, "gives 7"));
  refuses(all, "B\x02abc", RangeError, gives(5, "gives 4"));
  refuses(all, "B", RangeError, gives(1, "does not give a length"));
  refuses(all, "J\0", RangeError, gives(2, "does not give a length"));
  refuses(all, "DContent-Length: 1\r\n", RangeError, gives(20, "does not give a length"));
  refuses(all, "E", TypeError, "Cannot write frame: frame does not begin with the begin mark");
  refuses(all, "Ex", TypeError, "Cannot write frame: frame does not begin with the begin mark");
});

test("tagged() writes any frame of an inner framer whose trailer is not part of the frame", () => {
  const long = "x".repeat(20_000);
  const framer = tagged({
    0x61: marked("<<", ">>"),
    0x62: lines({ strict: true }),
    0x63: delimited([";", ";;", "abc"]),
    0x64: untilClose(),
    0x65: tagged({ 0x61: tagged({ 0x61: marked("[", "]") }) }),
    0x66: tagged({ 0x61: lines({ strict: true }), 0x62: netstring() }),
    0x67: delimited(["ab", "b"], { keep: true }),
    0x68: lines(),
  });
  for (
    const [frame, written] of [
      ["a<<", "a<<>>"],
      ["a<<<<", "a<<<<>>"],
      [`a<<${long}`, `a<<${long}>>`],
      ["b", "b\n"],
      ["bx\r", "bx\r\r\n"],
      [`b${long}`, `b${long}\n`],
      ["cx", "cx;;"],
      ["d", "d"],
      ["d\n;", "d\n;"],
      ["eaa[x", "eaa[x]"],
      ["fax\r", "fax\r\r\n"],
      ["fb1:x", "fb1:x,"],
      ["gab", "gab"],
      ["gxb", "gxb"],
      ["h", "h\n"],
      ["hx\r", "hx\r\r\n"],
    ] as const
  ) {
    assert.equal(encode(framer, frame), written);
    if (frame[0] !== "d") assert.deepEqual(decode(framer, written), [frame]);
  }
});

test("tagged() refuses to write a frame that its inner framer cannot read", () => {
  const broken = tagged({
    1: { measure: () => undefined, write: (frame, output) => output.write(frame) },
  });
  refuses(
    broken,
    "\x01a",
    RangeError,
    "Cannot write frame of 2 bytes: its header does not give a length",
  );
  const throwing = tagged({
    1: {
      measure: () => {
        throw "no error";
      },
      write: () => {},
    },
  });
  refuses(throwing, "\x01a", TypeError, "Cannot write frame: no error");
});

test("tagged() refuses to write what its inner framer refuses", () => {
  const begins = (at: number) => `Cannot write frame: it contains the delimiter at offset ${at}`;
  refuses(all, "Aa\nb", TypeError, begins(1));
  refuses(all, "E<a>b", TypeError, begins(1));
  refuses(all, "Fa", TypeError, "Cannot write frame: it does not end with its delimiter");
});

test("tagged() refuses to write an invalid inner header", () => {
  refuses(
    all,
    "Cabc",
    TypeError,
    'Cannot write frame: unexpected "a" in length',
  );
  refuses(all, "Hx", TypeError, "Cannot write frame: unknown frame type 120");
});

test("tagged() refuses to write an inner header that differs from the one that is written", () => {
  const message = "Cannot write frame: its header differs from the one that is written";
  refuses(all, "DX: y\r\nContent-Length: 1\r\n\r\na", TypeError, message);
  refuses(all, "Dcontent-length: 1\r\n\r\na", TypeError, message);
  refuses(all, "I\x81\0a", TypeError, message);
  refuses(all, "G\x01\x03a", TypeError, message);
});

test("tagged() refuses invalid types, whatever their spelling", () => {
  for (
    const type of [
      "256",
      "-1",
      "-0",
      "1.5",
      "1.0",
      "a",
      "",
      " ",
      " 1",
      "1 ",
      "01",
      "+1",
      "0x10",
      "0b1",
      "1e1",
      "constructor",
      "__proto__x",
      "Infinity",
      "NaN",
      "null",
    ]
  ) {
    const error = failure(() => tagged({ [type]: 1 } as Record<number, number>));
    assert.ok(error instanceof RangeError, type);
    assert.equal(
      error.message,
      `Invalid type ${JSON.stringify(type)}: expected an integer from 0 to 255`,
    );
  }
  assert.deepEqual(decode(tagged({ 0: 1, 255: 0, "7": 0 }), "\0a\xff\x07"), [
    "\0a",
    "\xff",
    "\x07",
  ]);
});

test("tagged() refuses entries that are neither a length nor a framer", () => {
  for (const length of [-1, 0.5, NaN, Infinity]) {
    const error = failure(() => tagged({ 1: length }));
    assert.ok(error instanceof RangeError);
    assert.equal(
      error.message,
      `Invalid length ${length} of type 1: expected a non-negative integer`,
    );
  }
  for (const entry of [lines, undefined, null, "1", true, {}, { measure: () => 1 }]) {
    const error = failure(() => tagged({ 1: entry as unknown as number }));
    assert.ok(error instanceof TypeError, `${error}`);
    assert.equal(error.message, "Invalid entry for type 1: expected a length or a framer");
  }
});

test("tagged() ignores the prototype of its table", () => {
  const table = Object.assign(Object.create({ 1: 1 }), { 2: 0 }) as Record<number, number>;
  malformed(tagged(table), "\x01", "unknown frame type 1");
  const bare = Object.assign(Object.create(null), { 2: 0 }) as Record<number, number>;
  assert.deepEqual(decode(tagged(bare), "\x02"), ["\x02"]);
});
