import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  FrameDecoder,
  lengthPrefixed,
  TruncatedFrameError,
  varint,
  varintOf,
} from "../../../mod.ts";
import { bytes } from "../../support/bytes.ts";
import { failure } from "../../support/framing.ts";
import { read, refusesLength, testPrefix, write } from "../../support/length_prefixes.ts";
import { bounded } from "../../support/limits.ts";
import { deliveries, outcome } from "../../support/outcomes.ts";

testPrefix("varint", varint, 2 ** 53 - 1);
for (let maxBytes = 1; maxBytes <= 7; maxBytes++) {
  testPrefix(`varintOf(${maxBytes})`, varintOf(maxBytes), 128 ** maxBytes - 1);
}
testPrefix("varintOf(4, { minimal })", varintOf(4, { minimal: true }), 268_435_455);
testPrefix("varintOf(8)", varintOf(8), 2 ** 53 - 1);
testPrefix("varintOf(10, { minimal })", varintOf(10, { minimal: true }), 2 ** 53 - 1);

test("varint has seven bits per byte, the least significant first", bounded, () => {
  assert.equal(write(varint, 0), "\0");
  assert.equal(write(varint, 127), "\x7f");
  assert.equal(write(varint, 128), "\x80\x01");
  assert.equal(write(varint, 300), "\xac\x02");
  assert.equal(write(varint, 2 ** 31), "\x80\x80\x80\x80\x08");
  assert.equal(write(varint, 2 ** 53 - 1), "\xff\xff\xff\xff\xff\xff\xff\x0f");
  assert.deepEqual(read(varint, "\xac\x02rest"), [300, 2]);
});

test("varint has at most ten bytes", bounded, () => {
  assert.deepEqual(read(varint, "\x81\x80\x80\x80\x80\x80\x80\x80\x80\0"), [1, 10]);
  refusesLength(varint, "\x80".repeat(10), "varint has more than 10 bytes");
});

test("varint refuses lengths over 2^53 - 1", bounded, () => {
  refusesLength(varint, "\x80\x80\x80\x80\x80\x80\x80\x10", "length is over 2^53 - 1");
  refusesLength(
    varint,
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    "length is over 2^53 - 1",
  );
});

test("varintOf() reads the widths of MQTT 5.0, section 1.5.5", bounded, () => {
  const prefix = varintOf(4, { minimal: true });
  for (
    const [text, length] of [
      ["\0", 0],
      ["\x7f", 127],
      ["\x80\x01", 128],
      ["\xff\x7f", 16_383],
      ["\x80\x80\x01", 16_384],
      ["\xff\xff\x7f", 2_097_151],
      ["\x80\x80\x80\x01", 2_097_152],
      ["\xff\xff\xff\x7f", 268_435_455],
    ] as const
  ) {
    assert.deepEqual(read(prefix, text), [length, text.length]);
    assert.equal(write(prefix, length), text);
  }
});

test("varintOf() refuses a length at the byte that proves it too long", bounded, () => {
  for (let maxBytes = 1; maxBytes <= 10; maxBytes++) {
    const unit = maxBytes === 1 ? "byte" : "bytes";
    for (const last of ["\x80", "\x81", "\xff"]) {
      for (const minimal of [true, false]) {
        const text = "\x80".repeat(maxBytes - 1) + last;
        const reason = `varint has more than ${maxBytes} ${unit}`;
        refusesLength(varintOf(maxBytes, { minimal }), text, reason);
      }
    }
  }
});

test(
  "varintOf({ minimal }) refuses padding that varintOf() accepts",
  bounded,
  () => {
    for (const text of ["\x80\0", "\x81\0", "\x80\x80\0", "\xff\xff\xff\0", "\x80\x80\x80\0"]) {
      refusesLength(varintOf(4, { minimal: true }), text, "varint has more bytes than it needs");
      assert.equal(read(varintOf(4), text)[1], text.length);
      assert.equal(read(varintOf(4, { minimal: false }), text)[1], text.length);
    }
  },
);

test("varintOf() waits until its last byte, and reports truncation before it", bounded, () => {
  for (const text of ["\x80", "\x80\x80", "\xff\xff\xff"]) {
    const decoder = new FrameDecoder(lengthPrefixed(varintOf(4)));
    decoder.push(bytes(text));
    assert.equal(decoder.read(), undefined);
    decoder.end();
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError);
    assert.equal(error.partial.length, text.length);
    assert.equal(error.expectedLength, undefined);
  }
});

test(
  "varintOf() yields the same frames and errors however a hostile stream is cut",
  bounded,
  () => {
    const pieces = fc.constantFrom("\0", "\x01", "\x02", "\x80", "\x81", "\xff", "a");
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 8 }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        (parts, maxBytes, minimal) => {
          const framer = lengthPrefixed(varintOf(maxBytes, { minimal }));
          const stream = bytes(parts.join(""));
          const whole = outcome(framer, 1000, { chunks: [stream], asks: true });
          for (const delivery of deliveries(stream, [{ size: 2, asks: true }])) {
            assert.deepEqual(outcome(framer, 1000, delivery), whole);
          }
        },
      ),
      { numRuns: 200 },
    );
  },
);

test("varintOf() refuses to write a length that needs more bytes", bounded, () => {
  assert.throws(
    () => write(varintOf(4), 268_435_456),
    /^RangeError: Cannot write 268435456 in 4 bytes$/,
  );
  assert.throws(() => write(varintOf(1), 128), /^RangeError: Cannot write 128 in 1 byte$/);
  assert.throws(() => write(varint, -1), RangeError);
  assert.throws(() => write(varint, 0.5), RangeError);
});

test("varintOf() refuses an invalid width", bounded, () => {
  for (const maxBytes of [0, -1, 1.5, NaN, 11, Infinity, undefined]) {
    const error = failure(() => varintOf(maxBytes as number));
    assert.ok(error instanceof (maxBytes === undefined ? TypeError : RangeError));
    assert.equal(
      error.message,
      `Invalid maxBytes ${maxBytes ?? "(undefined)"}: expected an integer from 1 to 10`,
    );
  }
});
