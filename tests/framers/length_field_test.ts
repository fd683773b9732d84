import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Framer, FrameTooLargeError, lengthField } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { decode, encode, failure, malformed, refuses, roundTrips } from "../support/framing.ts";

const long = "x".repeat(520);

test("lengthField() passes verification", () => {
  verifyFramer(lengthField(), [{ frames: ["one", "", long] }]);
  verifyFramer(lengthField({ size: 1 }), [{ frames: ["one", "", long.slice(0, 255)] }]);
  verifyFramer(lengthField({ size: 8, littleEndian: true }), [{ frames: ["one", "", long] }]);
});

test("lengthField() passes verification wherever the field is and whatever it counts", () => {
  verifyFramer(lengthField({ offset: 1, counts: "field", skip: 0 }), [
    { frames: ["Q\0\0\0\x06ab", "Z\0\0\0\x04", bytes(`D\0\0\x02\x0c${long}`)] },
  ]);
  verifyFramer(
    lengthField({ offset: 2, size: 2, counts: "frame", adjust: 3, littleEndian: true }),
    [{ frames: ["abc", "defghi"] }],
  );
  verifyFramer(lengthField({ offset: 1, size: 3, skip: 2 }), [
    { frames: ["\0\x02ab", "\0\x03abc"] },
  ]);
  verifyFramer(lengthField({ size: 1, skip: 3 }), [{ frames: ["a", "bc", ""] }]);
});

test("lengthField() reads the protocols it is for", () => {
  const cases: [string, Framer, string, string[]][] = [
    ["MongoDB", lengthField({ counts: "frame", littleEndian: true, skip: 0 }), "\x06\0\0\0ab", [
      "\x06\0\0\0ab",
    ]],
    ["MySQL", lengthField({ size: 3, littleEndian: true, adjust: 1, skip: 0 }), "\x02\0\0\x07ab", [
      "\x02\0\0\x07ab",
    ]],
    ["TLS", lengthField({ offset: 3, size: 2, skip: 0 }), "\x16\x03\x01\0\x01a", [
      "\x16\x03\x01\0\x01a",
    ]],
    ["Modbus", lengthField({ offset: 4, size: 2, skip: 6 }), "\0\x01\0\0\0\x02\x11\x03", [
      "\x11\x03",
    ]],
    ["AMQP 1.0", lengthField({ counts: "frame" }), "\0\0\0\x06ab\0\0\0\x04", ["ab", ""]],
    ["HTTP/2", lengthField({ size: 3, adjust: 6, skip: 0 }), "\0\0\x01\0\0\0\0\0\0a", [
      "\0\0\x01\0\0\0\0\0\0a",
    ]],
    ["gRPC", lengthField({ offset: 1, skip: 5 }), "\0\0\0\0\x02ab", ["ab"]],
  ];
  for (const [name, framer, stream, frames] of cases) {
    assert.deepEqual(decode(framer, stream), frames, name);
  }
});

test("lengthField() finds again what it writes, with all options", () => {
  const options = fc.record({
    offset: fc.nat(3),
    size: fc.integer({ min: 1, max: 8 }),
    littleEndian: fc.boolean(),
    counts: fc.constantFrom("payload" as const, "field" as const, "frame" as const),
    adjust: fc.integer({ min: -3, max: 3 }),
    skip: fc.nat(12),
  });
  fc.assert(
    fc.property(options, fc.array(fc.string({ maxLength: 30 }), { maxLength: 4 }), (all, texts) => {
      const framer = lengthField(all);
      const accepted = texts.filter((text) => {
        try {
          return encode(framer, text) !== undefined;
        } catch (error) {
          return assert.ok(error instanceof RangeError);
        }
      });
      assert.deepEqual(decode(framer, encode(framer, ...accepted)), accepted);
    }),
    { numRuns: 300 },
  );
});

test("lengthField() finds again what it writes when its stream is cut anywhere", () => {
  roundTrips(lengthField({ offset: 1, size: 2, counts: "frame" }), fc.string({ maxLength: 300 }));
});

test("lengthField() takes a length inside its own header for malformed", () => {
  const reason = (length: number) => `length ${length} ends the frame inside its own header`;
  malformed(lengthField({ counts: "frame", size: 1 }), "\0", reason(0));
  malformed(lengthField({ counts: "field", offset: 1, skip: 0 }), "Q\0\0\0\x03", reason(3));
  malformed(lengthField({ size: 1, skip: 5 }), "\x03", reason(3));
  malformed(lengthField({ size: 1, adjust: -5 }), "\x04", reason(4));
});

test("lengthField() takes a length over 2^53 - 1 for malformed", () => {
  malformed(lengthField({ size: 8 }), "\xff".repeat(8), "length is over 2^53 - 1");
  malformed(lengthField({ size: 8 }), "\0\x20\0\0\0\0\0\0", "length is over 2^53 - 1");
  const most = "\0\x1f\xff\xff\xff\xff\xff\xff";
  malformed(lengthField({ size: 8 }), most, "length is over 2^53 - 1");
  assert.deepEqual(decode(lengthField({ size: 8, counts: "frame" }), most), []);
});

test("lengthField() counts what it delivers against the limit", () => {
  const kept = lengthField({ size: 1, skip: 0 });
  assert.deepEqual(decode(kept, "\x02ab", 3), ["\x02ab"]);
  const error = failure(() => decode(kept, "\x03", 3));
  assert.ok(error instanceof FrameTooLargeError);
  assert.equal(error.length, 4);
  assert.deepEqual(decode(lengthField({ size: 1 }), "\x03abc", 3), ["abc"]);
});

test("lengthField() writes zeros where bytes were skipped", () => {
  assert.equal(encode(lengthField({ offset: 2, size: 1 }), "ab"), "\0\0\x02ab");
  assert.equal(encode(lengthField({ size: 1, skip: 3 }), "ab"), "\x04\0\0ab");
  const littleEndian = lengthField({ offset: 1, size: 2, littleEndian: true, counts: "frame" });
  assert.equal(encode(littleEndian, "ab"), "\0\x05\0ab");
});

test("lengthField() refuses to write a header that is not true", () => {
  const kept = lengthField({ offset: 1, counts: "field", skip: 0 });
  refuses(
    kept,
    "Q\0\0\0\x07ab",
    RangeError,
    "Cannot write frame of 7 bytes: its header tells another length",
  );
  refuses(
    kept,
    "Q\0\0\0",
    RangeError,
    "Cannot write frame of 4 bytes: it is shorter than its header",
  );
});

test("lengthField() refuses to write what does not fit", () => {
  refuses(lengthField({ size: 1 }), "x".repeat(256), RangeError, "Cannot write 256 in 1 bytes");
  refuses(
    lengthField({ size: 1, adjust: 5 }),
    "abc",
    RangeError,
    "Cannot write frame of 3 bytes: it is shorter than its header",
  );
});

test("lengthField() refuses options that are none", () => {
  for (
    const options of [
      { size: 0 },
      { size: 9 },
      { size: 1.5 },
      { offset: -1 },
      { offset: NaN },
      { skip: -1 },
      { skip: 0.5 },
      { adjust: 0.5 },
      { adjust: Infinity },
    ]
  ) {
    assert.throws(() => lengthField(options), /^RangeError: Cannot read a length field with \w+ /);
  }
  assert.throws(() => lengthField({ counts: "all" as "frame" }), RangeError);
});
