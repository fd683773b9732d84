import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decimal,
  decimalUntil,
  FrameDecoder,
  FrameTooLargeError,
  hex,
  inclusive,
  type LengthPrefix,
  lengthPrefixed,
  TruncatedFrameError,
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
  varint,
  varintOf,
} from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { byteCount } from "../../src/bytes/byte_count.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { allocated } from "../support/counting.ts";
import { decode, encode, failure, refuses, roundTrips } from "../support/framing.ts";

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
  "varintOf(2)": varintOf(2),
  "varintOf(4, { minimal })": varintOf(4, { minimal: true }),
  "decimal(5)": decimal(5),
  "hex(4)": hex(4),
  "decimalUntil(' ')": decimalUntil(" "),
  "decimalUntil(':;')": decimalUntil(":;"),
  "inclusive(uint16, 2)": inclusive(uint16, 2),
  "inclusive(hex(4), 4)": inclusive(hex(4), 4),
};

for (const [name, prefix] of Object.entries(prefixes)) {
  test(`lengthPrefixed(${name}) passes verification`, () => {
    const long = prefix === uint8 ? "x".repeat(255) : "x".repeat(520);
    verifyFramer(lengthPrefixed(prefix), [{ frames: ["one", "", long, "a"] }, { frames: [] }]);
  });

  test(`lengthPrefixed(${name}) reads what it writes`, () => {
    roundTrips(lengthPrefixed(prefix), fc.string({ unit: "binary-ascii", maxLength: 300 }));
  });
}

test("lengthPrefixed() writes the length, then the frame", () => {
  assert.equal(encode(lengthPrefixed(uint8), "one", ""), "\x03one\0");
  assert.equal(encode(lengthPrefixed(uint32), "one"), "\0\0\0\x03one");
  assert.equal(encode(lengthPrefixed(uint32LE), "one"), "\x03\0\0\0one");
  assert.equal(encode(lengthPrefixed(varint), "x".repeat(300)), "\xac\x02" + "x".repeat(300));
  assert.equal(encode(lengthPrefixed(decimal(5)), "hello"), "00005hello");
  assert.equal(encode(lengthPrefixed(inclusive(hex(4), 4)), "hello"), "0009hello");
});

test("lengthPrefixed() delivers empty frames", () => {
  assert.deepEqual(decode(lengthPrefixed(uint8), "\0\0\x01a\0"), ["", "", "a", ""]);
});

test("lengthPrefixed() reports truncation at each byte with the partial frame and its expected length", () => {
  for (let count = 1; count < 7; count++) {
    const decoder = new FrameDecoder({ framer: lengthPrefixed(uint32) });
    const stream = "\0\0\0\x01x" + "\0\0\0\x03ab".slice(0, count);
    decoder.push(bytes(stream));
    decoder.end();
    assert.equal(latin1(decoder.read()!), "x");
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError);
    const expected = count < 4 ? undefined : 7;
    assert.deepEqual([error.offset, error.expectedLength], [5, expected]);
    assert.equal(latin1(error.partial), stream.slice(5));
    const arrived = expected === undefined ? byteCount(count) : `${count} of 7 bytes`;
    assert.equal(
      error.message,
      `Cannot read frame at offset 5: the stream ended after ${arrived} of it`,
    );
  }
});

test("lengthPrefixed() refuses an announced length over the limit before its bytes arrive", () => {
  const framer = lengthPrefixed(uint32);
  assert.deepEqual(decode(framer, "\0\0\0\x03", 3), []);
  assert.deepEqual(decode(framer, "\0\0\0\x03abc", 3), ["abc"]);
  assert.deepEqual(decode(framer, "\0\0\0", 3), []);
  const error = failure(() => decode(framer, "\0\0\0\x04", 3));
  assert.ok(error instanceof FrameTooLargeError);
  assert.deepEqual([error.length, error.limit, error.offset], [4, 3, 0]);
  assert.equal(error.message, "Cannot read frame of 4 bytes at offset 0: limit is 3");
});

test("lengthPrefixed() allocates nothing for a false length", () => {
  for (
    const [prefix, header, length] of [
      [uint48, "\x01\0\0\0\0\0", 2 ** 40],
      [uint64, "\0\x1f\xff\xff\xff\xff\xff\xff", 2 ** 53 - 1],
      [varint, "\x80\x80\x80\x80\x80\x20", 2 ** 40],
      [decimalUntil(" "), "1099511627776 ", 2 ** 40],
    ] as const
  ) {
    const decoder = new FrameDecoder({
      framer: lengthPrefixed(prefix),
      maxFrameLength: Infinity,
    });
    const sum = allocated(() => {
      decoder.push(bytes(header));
      assert.equal(decoder.read(), undefined);
      decoder.push(bytes("ab"));
      assert.equal(decoder.read(), undefined);
    });
    assert.ok(sum < 2048, `${sum} bytes for a frame of ${length}`);
    decoder.end();
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError);
    assert.equal(error.expectedLength, header.length + length);
    assert.equal(latin1(error.partial), `${header}ab`);
  }
});

test("lengthPrefixed() refuses frames that do not fit their prefix", () => {
  const long = "x".repeat(65_536);
  refuses(lengthPrefixed(uint8), long, RangeError, "Cannot write 65536 in 1 byte");
  refuses(lengthPrefixed(uint16), long, RangeError, "Cannot write 65536 in 2 bytes");
  refuses(lengthPrefixed(uint16LE), long, RangeError, "Cannot write 65536 in 2 bytes");
  refuses(lengthPrefixed(decimal(4)), long, RangeError, "Cannot write 65536 in 4 digits");
  refuses(lengthPrefixed(hex(4)), long, RangeError, "Cannot write 65536 in 4 digits");
  const counted = lengthPrefixed(inclusive(uint16, 2));
  refuses(counted, long.slice(2), RangeError, "Cannot write 65536 in 2 bytes");
  assert.equal(encode(counted, long.slice(3)).length, 65_535);
  assert.equal(encode(lengthPrefixed(uint16), long.slice(1)).length, 65_537);
});

test("lengthPrefixed() refuses an invalid prefix, and a prefix factory that was not called", () => {
  for (const prefix of [decimal, undefined, null, 4, {}, { read: () => 1 }]) {
    assert.throws(
      () => lengthPrefixed(prefix as unknown as LengthPrefix),
      /^TypeError: Invalid length prefix of type \w+: expected an object with read and write$/,
    );
  }
});
