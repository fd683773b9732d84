import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameDecoder, MalformedFrameError, netstring, TruncatedFrameError } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { decode, decodeToEnd, encode, failure, malformed, roundTrips } from "../support/framing.ts";
import { bounded } from "../support/limits.ts";

test("netstring() passes verification", () => {
  const long = "x".repeat(520);
  verifyFramer(netstring(), [
    { frames: ["one", "", long, ","], bytes: `3:one,0:,520:${long},1:,,` },
    { frames: [] },
  ]);
});

test("netstring() reads what it writes", () => {
  roundTrips(netstring(), fc.string({ unit: "binary-ascii", maxLength: 120 }));
});

test("netstring() writes digits, colon, frame and comma", () => {
  assert.equal(encode(netstring(), "hello world!", ""), "12:hello world!,0:,");
});

test("netstring() refuses leading zeros", () => {
  malformed(netstring(), "03", "length has a leading zero");
  malformed(netstring(), "00", "length has a leading zero");
  assert.deepEqual(decode(netstring(), "0:,10:abcdefghij,"), ["", "abcdefghij"]);
});

test("netstring() refuses a length that is not a plain decimal number", bounded, () => {
  for (const text of ["a", "-", "+", ":", "1x", "1,", " "]) {
    malformed(netstring(), text, `unexpected "${text.at(-1)}" in length`);
  }
  malformed(netstring(), "\0", 'unexpected "\\x00" in length');
  malformed(netstring(), "9007199254740993:", "length is over 2^53 - 1");
  malformed(netstring(), "1".repeat(17), "length has more than 16 digits");
});

test("netstring() refuses another byte in place of its comma as soon as it arrives", () => {
  for (const stream of ["3:onex", "3:one;", "0:x", "3:onetwo,"]) {
    const decoder = new FrameDecoder({ framer: netstring() });
    decoder.push(bytes(`1:a,${stream.slice(0, 2)}`));
    assert.equal(latin1(decoder.read()!), "a");
    assert.equal(decoder.read(), undefined);
    decoder.push(bytes(stream.slice(2)));
    const error = failure(() => decoder.read());
    assert.ok(error instanceof MalformedFrameError);
    assert.equal(error.offset, 4);
    assert.equal(error.message, "Cannot read frame at offset 4: its trailer is missing");
    assert.equal(failure(() => decoder.read()), error);
  }
});

test("netstring() reports truncation if its comma is missing", () => {
  const error = failure(() => decodeToEnd(netstring(), "3:one"));
  assert.ok(error instanceof TruncatedFrameError);
  assert.equal(error.expectedLength, 6);
});

test("netstring() counts neither its length nor its comma toward the limit", () => {
  assert.deepEqual(decode(netstring(), "3:one,", 3), ["one"]);
  assert.throws(() => decode(netstring(), "4:", 3), /frame of 4 bytes at offset 0: limit is 3/);
});
