import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Framer, FrameTooLargeError, lengthField } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes, chunksOf } from "../support/bytes.ts";
import { decode, encode, failure, malformed, refuses, roundTrips } from "../support/framing.ts";
import { outcome } from "../support/outcomes.ts";

const long = "x".repeat(520);

test("lengthField() passes verification", () => {
  verifyFramer(lengthField(), [{ frames: ["one", "", long] }]);
  verifyFramer(lengthField({ size: 1 }), [{ frames: ["one", "", long.slice(0, 255)] }]);
  verifyFramer(lengthField({ size: 8, littleEndian: true }), [{ frames: ["one", "", long] }]);
});

test("lengthField() passes verification for fields at any offset, whatever they count", () => {
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

test("lengthField() reads well-known protocols", () => {
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

test("lengthField() reads what it writes, with all options", () => {
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

test("lengthField() reads what it writes, wherever its stream is cut", () => {
  roundTrips(lengthField({ offset: 1, size: 2, counts: "frame" }), fc.string({ maxLength: 300 }));
});

test("lengthField() refuses a length shorter than its header", () => {
  const reason = (length: number) => `length ${length} is shorter than the header`;
  malformed(lengthField({ counts: "frame", size: 1 }), "\0", reason(0));
  malformed(lengthField({ counts: "field", offset: 1, skip: 0 }), "Q\0\0\0\x03", reason(3));
  malformed(lengthField({ size: 1, skip: 5 }), "\x03", reason(3));
  malformed(lengthField({ size: 1, adjust: -5 }), "\x04", reason(4));
});

test("lengthField() refuses a length over 2^53 - 1", () => {
  malformed(lengthField({ size: 8 }), "\xff".repeat(8), "length is over 2^53 - 1");
  malformed(lengthField({ size: 8 }), "\0\x20\0\0\0\0\0\0", "length is over 2^53 - 1");
  const most = "\0\x1f\xff\xff\xff\xff\xff\xff";
  malformed(lengthField({ size: 8 }), most, "length is over 2^53 - 1");
  assert.deepEqual(decode(lengthField({ size: 8, counts: "frame" }), most), []);
});

test("lengthField() counts the delivered bytes toward the limit", () => {
  const kept = lengthField({ size: 1, skip: 0 });
  assert.deepEqual(decode(kept, "\x02ab", 3), ["\x02ab"]);
  const error = failure(() => decode(kept, "\x03", 3));
  assert.ok(error instanceof FrameTooLargeError);
  assert.equal(error.length, 4);
  assert.deepEqual(decode(lengthField({ size: 1 }), "\x03abc", 3), ["abc"]);
});

test("lengthField() writes zeros for bytes that a reader skips", () => {
  assert.equal(encode(lengthField({ offset: 2, size: 1 }), "ab"), "\0\0\x02ab");
  assert.equal(encode(lengthField({ size: 1, skip: 3 }), "ab"), "\x04\0\0ab");
  const littleEndian = lengthField({ offset: 1, size: 2, littleEndian: true, counts: "frame" });
  assert.equal(encode(littleEndian, "ab"), "\0\x05\0ab");
});

test("lengthField() refuses to write a frame whose header gives another length", () => {
  const kept = lengthField({ offset: 1, counts: "field", skip: 0 });
  refuses(
    kept,
    "Q\0\0\0\x07ab",
    RangeError,
    "Cannot write frame of 7 bytes: its header gives another length",
  );
  refuses(
    kept,
    "Q\0\0\0",
    RangeError,
    "Cannot write frame of 4 bytes: it is shorter than its header",
  );
});

test("lengthField() refuses to write a frame that does not fit", () => {
  const long = "x".repeat(65_536);
  refuses(lengthField({ size: 1 }), long.slice(0, 256), RangeError, "Cannot write 256 in 1 byte");
  refuses(lengthField({ size: 2 }), long, RangeError, "Cannot write 65536 in 2 bytes");
  refuses(
    lengthField({ size: 1, adjust: 5 }),
    "abc",
    RangeError,
    "Cannot write frame of 3 bytes: it is shorter than its header",
  );
});

test("lengthField() refuses invalid options", () => {
  for (
    const [options, reason] of [
      [{ size: 0 }, "size 0: expected an integer from 1 to 8"],
      [{ size: 9 }, "size 9: expected an integer from 1 to 8"],
      [{ size: 1.5 }, "size 1.5: expected an integer from 1 to 8"],
      [{ offset: -1 }, "offset -1: expected an integer from 0 to 65532"],
      [{ offset: NaN }, "offset NaN: expected an integer from 0 to 65532"],
      [{ skip: -1 }, "skip -1: expected an integer from 0 to 65536"],
      [{ skip: 0.5 }, "skip 0.5: expected an integer from 0 to 65536"],
      [{ adjust: 0.5 }, "adjust 0.5: expected an integer"],
      [{ adjust: Infinity }, "adjust Infinity: expected an integer"],
    ] as const
  ) {
    const error = failure(() => lengthField(options));
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, `Invalid ${reason}`);
  }
});

test("lengthField() refuses an invalid value of counts", () => {
  for (
    const counts of [
      "all",
      "",
      "Payload",
      "constructor",
      "toString",
      "valueOf",
      "hasOwnProperty",
      "__proto__",
      null,
      0,
      ["frame"],
      Symbol("frame"),
    ]
  ) {
    const error = failure(() => lengthField({ counts: counts as unknown as "frame" }));
    assert.ok(error instanceof TypeError, `${error}`);
    assert.match(error.message, /^Invalid counts .*: expected "payload", "field" or "frame"$/);
  }
});

test("lengthField() refuses a header of more than 65,536 bytes", () => {
  for (
    const [options, reason] of [
      [{ offset: 70_000, size: 1 }, "offset 70000: expected an integer from 0 to 65535"],
      [{ offset: 65_536, size: 1 }, "offset 65536: expected an integer from 0 to 65535"],
      [{ offset: 65_533 }, "offset 65533: expected an integer from 0 to 65532"],
      [{ offset: 65_529, size: 8 }, "offset 65529: expected an integer from 0 to 65528"],
      [{ skip: 65_537 }, "skip 65537: expected an integer from 0 to 65536"],
    ] as const
  ) {
    const error = failure(() => lengthField(options));
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, `Invalid ${reason}`);
  }
});

test("lengthField() reads a header of 65,536 bytes however it is cut, with any limit", () => {
  const header = new Uint8Array(65_536);
  for (
    const [framer, length] of [
      [lengthField({ offset: 65_535, size: 1 }), 3],
      [lengthField({ offset: 65_528, size: 8, skip: 65_536 }), 3],
      [lengthField({ offset: 65_535, size: 1, skip: 0 }), 65_539],
      [lengthField({ size: 1, skip: 65_536, adjust: 65_535 }), 3],
    ] as const
  ) {
    const stream = new Uint8Array(header.length + 3);
    stream[0] = stream[65_535] = 3;
    for (const limit of [0, 1, 3, 65_538, 65_539]) {
      const outcomes = [1, 7, 4096, 65_535, 65_536, 65_537, 70_000].map((size) => {
        const delivery = { chunks: chunksOf(stream, size), asks: true };
        const { frames, end } = outcome(framer, limit, delivery);
        return { lengths: frames.map((frame) => frame.length), end };
      });
      for (const one of outcomes) assert.deepEqual(one, outcomes[0]);
      assert.deepEqual(outcomes[0]!.lengths, limit < length ? [] : [length]);
    }
  }
});
