import assert from "node:assert/strict";
import { test } from "node:test";
import {
  contentLength,
  decimal,
  decimalUntil,
  delimited,
  fixed,
  FrameDecoder,
  FrameEncoder,
  type Framer,
  headed,
  hex,
  inclusive,
  lengthField,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  marked,
  netstring,
  tagged,
  uint16,
  uint16LE,
  uint24,
  uint24LE,
  uint32,
  uint32LE,
  uint48,
  uint48LE,
  uint64,
  uint64LE,
  uint8,
  untilClose,
  varint,
} from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes, latin1 } from "../support/outcomes.ts";

const long = "x".repeat(700);
const lastDigit = (header: Uint8Array) => Number(/(\d+)$/.exec(latin1(header))?.[1]);

function decode(framer: Framer, stream: string): string[] {
  const decoder = new FrameDecoder({ framer, maxFrameLength: Infinity });
  decoder.push(bytes(stream));
  return Array.from(decoder, latin1);
}

function malformed(framer: Framer, stream: string, message: RegExp): void {
  assert.throws(() => decode(framer, stream), (error) => {
    assert.ok(error instanceof MalformedFrameError, `${error}`);
    assert.match(error.message, message);
    return true;
  });
}

/** Refuses the frame, and writes nothing of it. */
function refuses(framer: Framer, frame: string, error: new () => Error): void {
  const encoder = new FrameEncoder({ framer, maxFrameLength: Infinity });
  assert.throws(() => encoder.write(bytes(frame)), error);
  assert.equal(encoder.length, 0);
  assert.deepEqual(encoder.drain(), []);
}

test("fixed() passes verification", () => {
  verifyFramer(fixed(3), [{ frames: ["one", "two"], bytes: "onetwo" }]);
  verifyFramer(fixed(700), [{ frames: [long, long] }]);
});

test("fixed() refuses other lengths, and sizes that are none", () => {
  refuses(fixed(3), "four", RangeError);
  for (const size of [-1, 1.5, NaN]) assert.throws(() => fixed(size), RangeError);
});

test("lines() passes verification", () => {
  verifyFramer(lines(), [
    { frames: ["one", "", "two\r", long, "\rthree\r\r"] },
    { frames: ["one", "two\r", "", "last"], bytes: "one\r\ntwo\r\r\n\nlast" },
  ]);
  verifyFramer(lines({ strict: true }), [{ frames: ["one", "", long] }]);
});

test("lines() refuses a line that holds LF", () => refuses(lines(), "a\nb", TypeError));

test("delimited() passes verification", () => {
  verifyFramer(delimited("\r\n"), [{ frames: ["one", "", "three\r", "\n", long] }]);
  verifyFramer(delimited(["\n", "\r\n", "abc"]), [
    { frames: ["one", "", "three", "ab"], bytes: "one\nabcthree\r\nab\n" },
  ]);
  verifyFramer(delimited(["\n", "\r\n"], { keep: true }), [{ frames: ["one\n", "\n", "two\r\n"] }]);
  verifyFramer(delimited(Uint8Array.of(0)), [{ frames: ["a", ""] }]);
});

test("delimited() refuses frames that a reader would end elsewhere", () => {
  refuses(delimited("\r\n"), "a\r\nb", TypeError);
  refuses(delimited("aa"), "ba", TypeError);
  refuses(delimited(["\n", "\r\n"]), "a\r", TypeError);
  refuses(delimited("\n", { keep: true }), "a", TypeError);
  refuses(delimited("\n", { keep: true }), "a\nb\n", TypeError);
});

test("delimited() ends by the earliest delimiter, by the longest of a tie, and waits for it", () => {
  const framer = delimited(["a", "ab"]);
  const decoder = new FrameDecoder({ framer });
  decoder.push(bytes("xa"));
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("bya"));
  assert.equal(latin1(decoder.read()!), "x");
  assert.equal(decoder.read(), undefined);
  decoder.end();
  assert.equal(latin1(decoder.read()!), "y");
});

test("delimited() refuses delimiters that are none", () => {
  assert.throws(() => delimited([]), TypeError);
  assert.throws(() => delimited(""), TypeError);
  assert.throws(() => delimited(["a", 1 as unknown as string]), TypeError);
});

const prefixes = {
  uint8,
  uint16,
  uint24,
  uint32,
  uint48,
  uint64,
  uint16LE,
  uint24LE,
  uint32LE,
  uint48LE,
  uint64LE,
  varint,
  "decimal(5)": decimal(5),
  "hex(4)": hex(4),
  "decimalUntil(mark)": decimalUntil(":;"),
  "inclusive(uint16)": inclusive(uint16, 2),
};

for (const [name, prefix] of Object.entries(prefixes)) {
  test(`lengthPrefixed() passes verification with ${name}`, () => {
    verifyFramer(lengthPrefixed(prefix), [{ frames: ["one", "", "x".repeat(200)] }]);
  });
}

test("lengthPrefixed() reads what others write", () => {
  assert.deepEqual(decode(lengthPrefixed(uint48), "\0\0\0\0\0\x01a"), ["a"]);
  assert.deepEqual(decode(lengthPrefixed(uint64LE), "\x01\0\0\0\0\0\0\0a"), ["a"]);
  assert.deepEqual(decode(lengthPrefixed(varint), "\x81\x80\0a"), ["a"]);
  assert.deepEqual(decode(lengthPrefixed(hex(2)), "0Aabcdefghij0aabcdefghij").length, 2);
});

test("lengthPrefixed() refuses lengths over 2^53 - 1, and varints without end", () => {
  malformed(lengthPrefixed(uint64), "\0\x20\0\0\0\0\0\0", /over 2\^53 - 1/);
  malformed(lengthPrefixed(varint), "\xff".repeat(9) + "\x01", /over 2\^53 - 1/);
  malformed(lengthPrefixed(varint), "\x80".repeat(10), /more than 10 bytes/);
  malformed(lengthPrefixed(decimalUntil(" ")), "9".repeat(16) + " ", /over 2\^53 - 1/);
  malformed(lengthPrefixed(decimalUntil(" ")), "1".repeat(17), /more than 16 digits/);
});

test("decimal lengths are digits only", () => {
  for (const text of ["2abc:", "0x10:", "-5:", "+5:", "1e20:", " 5:", ":"]) {
    malformed(lengthPrefixed(decimalUntil(":")), text, /where a digit/);
    malformed(lengthPrefixed(decimal(5)), `${text}00000`, /where a digit belongs/);
  }
  malformed(lengthPrefixed(decimalUntil("::")), "5:5", /where a digit/);
  malformed(lengthPrefixed(hex(2)), "0\x01", /the byte 01/);
});

test("length prefixes refuse what does not fit them", () => {
  refuses(lengthPrefixed(uint8), "x".repeat(256), RangeError);
  refuses(lengthPrefixed(uint16), "x".repeat(65_536), RangeError);
  refuses(lengthPrefixed(decimal(2)), "x".repeat(100), RangeError);
  refuses(lengthPrefixed(inclusive(uint8, 1)), "x".repeat(255), RangeError);
  malformed(lengthPrefixed(inclusive(uint8, 1)), "\0", /less than the 1 bytes/);
});

test("length prefixes refuse options that are none", () => {
  assert.throws(() => decimal(0), RangeError);
  assert.throws(() => hex(15), RangeError);
  assert.throws(() => decimalUntil("1"), TypeError);
  assert.throws(() => decimalUntil(""), TypeError);
  assert.throws(() => inclusive(uint8, -1), RangeError);
});

test("lengthField() passes verification", () => {
  verifyFramer(lengthField(), [{ frames: ["one", "", long] }]);
  verifyFramer(lengthField({ offset: 1, counts: "field", skip: 0 }), [
    { frames: ["Q\0\0\0\x06ab", "Z\0\0\0\x04"] },
  ]);
  verifyFramer(
    lengthField({ offset: 2, size: 2, counts: "frame", adjust: 3, littleEndian: true }),
    [
      { frames: ["abc", "defghi"] },
    ],
  );
  verifyFramer(lengthField({ offset: 1, size: 3, skip: 2 }), [{
    frames: ["\0\x02ab", "\0\x03abc"],
  }]);
  verifyFramer(lengthField({ size: 1, skip: 3 }), [{ frames: ["a", "bc"] }]);
});

test("lengthField() refuses lengths inside its header, or over 2^53 - 1", () => {
  malformed(lengthField({ counts: "frame", size: 1 }), "\0", /inside its own header/);
  malformed(lengthField({ size: 1, skip: 5 }), "\x01", /inside its own header/);
  malformed(lengthField({ size: 8 }), "\xff".repeat(8), /over 2\^53 - 1/);
});

test("lengthField() refuses to write what is not true", () => {
  refuses(lengthField({ offset: 1, counts: "field", skip: 0 }), "Q\0\0\0\x07ab", RangeError);
  refuses(lengthField({ size: 4, skip: 0 }), "abc", RangeError);
  refuses(lengthField({ size: 1 }), "x".repeat(256), RangeError);
  refuses(lengthField({ size: 1, adjust: 5 }), "abc", RangeError);
});

test("lengthField() refuses options that are none", () => {
  assert.throws(() => lengthField({ size: 9 }), RangeError);
  assert.throws(() => lengthField({ offset: -1 }), RangeError);
  assert.throws(() => lengthField({ skip: 0.5 }), RangeError);
  assert.throws(() => lengthField({ counts: "all" as "frame" }), RangeError);
});

test("netstring() passes verification", () => {
  verifyFramer(netstring(), [{ frames: ["one", "", long], bytes: `3:one,0:,700:${long},` }]);
});

test("netstring() refuses leading zeros and a missing comma", () => {
  malformed(netstring(), "03:one,", /leading zero/);
  malformed(netstring(), "3:one;", /what must follow/);
});

test("tagged() passes verification", () => {
  const framer = tagged({ 0x23: 2, 0x2b: lines(), 0x24: lengthPrefixed(uint8), 0x25: netstring() });
  verifyFramer(framer, [{ frames: ["#ab", "+OK", "$\x03abc", "+", "%3:abc"] }]);
});

test("tagged() refuses types that nobody knows, and frames that are not of their type", () => {
  const framer = tagged({ 1: 2, 2: lengthPrefixed(uint8) });
  malformed(framer, "\x03", /no frame has type 3/);
  refuses(framer, "\x03", TypeError);
  refuses(framer, "", TypeError);
  refuses(framer, "\x01a", RangeError);
  refuses(framer, "\x02\x05abc", RangeError);
  assert.throws(() => tagged({ 256: 1 }), RangeError);
  assert.throws(() => tagged({ 1: -1 }), RangeError);
});

test("headed() passes verification", () => {
  const header = (length: number) => bytes(`size ${length}`);
  verifyFramer(headed("\r\n", lastDigit, { header }), [{ frames: ["one", "", long] }]);
  verifyFramer(headed("\n", lastDigit, { keep: true }), [{ frames: ["x 3\nabc", "0\n"] }]);
});

test("headed() refuses headers that are too long or tell no length", () => {
  malformed(headed("\n", lastDigit, { maxHeaderLength: 3 }), "1234\n", /more than 3 bytes/);
  malformed(headed("\n", lastDigit), "none\n", /tells no length/);
});

test("headed() refuses to write what is not true", () => {
  refuses(headed("\n", lastDigit), "a", TypeError);
  refuses(headed("\n", lastDigit, { keep: true }), "2\na", TypeError);
  refuses(headed("\n", lastDigit, { keep: true }), "1", TypeError);
  refuses(headed("\n", lastDigit, { keep: true }), "x\n", TypeError);
  refuses(headed("\n", lastDigit, { header: () => "a\nb" }), "a", TypeError);
  refuses(headed("\n", lastDigit, { header: () => "12", maxHeaderLength: 1 }), "a", RangeError);
  assert.throws(() => headed("\n", lastDigit, { maxHeaderLength: -1 }), RangeError);
});

test("contentLength() passes verification", () => {
  verifyFramer(contentLength(), [
    { frames: ["one", "", long] },
    { frames: ["abc"], bytes: "X: y\r\ncontent-length:\t3 \r\n\r\nabc" },
  ]);
});

test("contentLength() refuses anything but one length of plain digits", () => {
  for (const value of ["2abc", "0x10", "-5", "+5", "1e20", "", "1 2", "1".repeat(17)]) {
    malformed(contentLength(), `Content-Length: ${value}\r\n\r\n`, /Content-Length is/);
  }
  malformed(contentLength(), "Content-Length: 9999999999999999\r\n\r\n", /tells no length/);
  malformed(contentLength(), "Content-Length: 2\r\nContent-Length: 3\r\n\r\n", /twice/);
  malformed(contentLength(), "X: 1\r\n\r\n", /no Content-Length/);
  malformed(contentLength(), "Content-Length: 2\nX: 1\r\n\r\n", /has the line/);
  malformed(contentLength(), "Content-Length: 2\x7f\r\n\r\n", /has the line/);
  malformed(contentLength(), "nothing\r\n\r\n", /has the line/);
});

test("marked() passes verification, and refuses other beginnings", () => {
  verifyFramer(marked("\x0b", "\x1c\r"), [{ frames: ["one", "", "\x0b\x1c", long] }]);
  malformed(marked("<<", ">>"), "<x", /does not begin/);
  refuses(marked("<", ">>"), "a>>b", TypeError);
});

test("untilClose() passes verification", () => verifyFramer(untilClose(), [{ frames: [long] }]));
