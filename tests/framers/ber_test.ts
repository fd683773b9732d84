import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ber, FrameDecoder, FrameTooLargeError, TruncatedFrameError } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes, hex, latin1 } from "../support/bytes.ts";
import {
  decode,
  decodeToEnd,
  encode,
  failure,
  malformed,
  refuses,
  roundTrips,
} from "../support/framing.ts";

test("ber() passes verification", () => {
  verifyFramer(ber(), [
    {
      frames: [
        hex("05 00"),
        hex("30 03 02 01 07"),
        hex("30 81 01 00"),
        hex("04 84 00 00 00 01 ff"),
      ],
    },
    { frames: [bytes(`\x04\x82\x02\x08${"x".repeat(520)}`), bytes(`\x04\x7f${"x".repeat(127)}`)] },
    // Tag numbers of 31 and more.
    { frames: [hex("1f 1f 00"), hex("bf 81 00 01 aa"), hex("df ff ff ff ff ff ff ff 7f 00")] },
  ]);
});

test("ber() reads what it writes", () => {
  const content = fc.nat(300).map((size) => "x".repeat(size));
  const encoded = content.map((text) =>
    `\x04${text.length < 128 ? "" : "\x82"}${
      text.length < 128
        ? String.fromCharCode(text.length)
        : String.fromCharCode(text.length >> 8, text.length & 0xff)
    }${text}`
  );
  roundTrips(ber(), encoded);
  assert.equal(encode(ber(), "\x05\0"), "\x05\0");
});

test("ber() refuses an invalid tag or length at the byte that proves it", () => {
  const cases: readonly (readonly [stream: string, reason: string])[] = [
    ["\x30\x80", "its length is indefinite"],
    ["\x30\xff", "its length begins with the reserved byte FF"],
    ["\x1f\x80", "its tag number begins with a zero"],
    [`\x1f${"\xff".repeat(8)}`, "its tag number has more than 8 bytes"],
    ["\x30\x87\x20\0\0\0\0\0\0", "length is over 2^53 - 1"],
    ["\x30\x88\0\x1f\xff\xff\xff\xff\xff\xff", "length is over 2^53 - 1"],
    [`\x30\xfe${"\xff".repeat(7)}`, "length is over 2^53 - 1"],
  ];
  for (const [stream, reason] of cases) malformed(ber(), stream, reason);
});

test("ber() accepts zeros before a length", () => {
  const stream = `\x04\xfe${"\0".repeat(125)}\x01a`;
  assert.deepEqual(decode(ber(), stream), [stream]);
});

test("ber() announces a length before the contents arrive", () => {
  const decoder = new FrameDecoder(ber());
  decoder.push(hex("30 84 40 00 00 00"));
  const error = failure(() => decoder.read());
  assert.ok(error instanceof FrameTooLargeError);
  assert.equal(error.length, 6 + 2 ** 30);
  const cut = failure(() => decodeToEnd(ber(), "\x30\x03\x02"));
  assert.ok(cut instanceof TruncatedFrameError);
  assert.equal(cut.expectedLength, 5);
});

test("ber() refuses to write anything but one whole value", () => {
  refuses(ber(), "\x05", TypeError, "Cannot write frame of 1 byte: its header gives no length");
  refuses(ber(), "\x05\x01", TypeError, "Cannot write frame of 2 bytes: its header gives 3");
  refuses(ber(), "\x05\0\0", TypeError, "Cannot write frame of 3 bytes: its header gives 2");
  refuses(ber(), "\x30\x80", TypeError, "Cannot write frame: its length is indefinite");
  assert.equal(latin1(hex("05 00")), "\x05\0");
});
