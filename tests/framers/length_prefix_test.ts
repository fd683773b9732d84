import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decimal,
  decimalUntil,
  hex,
  inclusive,
  type LengthPrefix,
  lengthPrefixed,
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
} from "../../mod.ts";
import { ByteQueue } from "../../src/bytes/byte_queue.ts";
import { WriteQueue } from "../../src/bytes/write_queue.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { malformed } from "../support/framing.ts";

/** The length that a prefix reads, and how many bytes it has. */
function read(prefix: LengthPrefix, text: string): [number | undefined, number] {
  const queue = new ByteQueue();
  queue.push(bytes(text));
  const length = prefix.read(queue);
  return [length, text.length - queue.length];
}

function write(prefix: LengthPrefix, length: number): string {
  const output = new WriteQueue();
  prefix.write(length, output);
  return latin1(concat(output.drain()));
}

function refusesLength(prefix: LengthPrefix, text: string, reason: string): void {
  malformed(lengthPrefixed(prefix), text, reason);
}

/** Each prefix and the most that it holds. */
const prefixes: readonly (readonly [name: string, prefix: LengthPrefix, most: number])[] = [
  ["uint8", uint8, 2 ** 8 - 1],
  ["uint16", uint16, 2 ** 16 - 1],
  ["uint16LE", uint16LE, 2 ** 16 - 1],
  ["uint24", uint24, 2 ** 24 - 1],
  ["uint24LE", uint24LE, 2 ** 24 - 1],
  ["uint32", uint32, 2 ** 32 - 1],
  ["uint32LE", uint32LE, 2 ** 32 - 1],
  ["uint48", uint48, 2 ** 48 - 1],
  ["uint48LE", uint48LE, 2 ** 48 - 1],
  ["uint64", uint64, 2 ** 53 - 1],
  ["uint64LE", uint64LE, 2 ** 53 - 1],
  ["varint", varint, 2 ** 53 - 1],
  ["decimal(16)", decimal(16), 2 ** 53 - 1],
  ["decimal(3)", decimal(3), 999],
  ["hex(14)", hex(14), 2 ** 53 - 1],
  ["hex(2)", hex(2), 255],
  ["decimalUntil(' ')", decimalUntil(" "), 2 ** 53 - 1],
  ["inclusive(uint16, 2)", inclusive(uint16, 2), 2 ** 16 - 3],
];

for (const [name, prefix, most] of prefixes) {
  test(`${name} reads what it writes, up to the most that it holds`, () => {
    const lengths = fc.oneof(fc.maxSafeNat(), fc.nat(most), fc.constantFrom(0, 127, 128, most));
    fc.assert(
      fc.property(lengths, (length) => {
        if (length > most) return;
        const text = write(prefix, length);
        assert.deepEqual(read(prefix, text), [length, text.length]);
        assert.equal(read(prefix, text.slice(0, -1))[0], undefined);
      }),
      { numRuns: 100, examples: [[0], [most]] },
    );
  });

  test(`${name} refuses to write a length that it cannot hold`, () => {
    for (const length of [most + 1, 2 ** 53]) {
      if (most < 2 ** 53 - 1) assert.throws(() => write(prefix, length), RangeError);
    }
  });
}

test("uint8 to uint64 are big endian, with LE little endian", () => {
  assert.equal(write(uint16, 0x0102), "\x01\x02");
  assert.equal(write(uint16LE, 0x0102), "\x02\x01");
  assert.equal(write(uint24, 0x010203), "\x01\x02\x03");
  assert.equal(write(uint24LE, 0x010203), "\x03\x02\x01");
  assert.equal(write(uint32, 0xfffefdfc), "\xff\xfe\xfd\xfc");
  assert.equal(write(uint32LE, 0xfffefdfc), "\xfc\xfd\xfe\xff");
  assert.equal(write(uint48, 0x010203040506), "\x01\x02\x03\x04\x05\x06");
  assert.equal(write(uint48LE, 0x010203040506), "\x06\x05\x04\x03\x02\x01");
  assert.equal(write(uint64, 0x01020304050607), "\0\x01\x02\x03\x04\x05\x06\x07");
  assert.equal(write(uint64LE, 0x01020304050607), "\x07\x06\x05\x04\x03\x02\x01\0");
  assert.deepEqual(read(uint64, "\0\x01\x02\x03\x84\x05\x06\x07"), [0x01020384050607, 8]);
  assert.deepEqual(read(uint64LE, "\x07\x06\x05\x84\x03\x02\x01\0"), [0x01020384050607, 8]);
});

test("lengths over 2^53 - 1 are malformed", () => {
  const reason = "length is over 2^53 - 1";
  refusesLength(uint64, "\0\x20\0\0\0\0\0\0", reason);
  refusesLength(uint64, "\xff\xff\xff\xff\xff\xff\xff\xff", reason);
  refusesLength(uint64LE, "\0\0\0\0\0\0\x20\0", reason);
  refusesLength(varint, "\x80\x80\x80\x80\x80\x80\x80\x10", reason);
  refusesLength(varint, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", reason);
  refusesLength(decimal(16), "9007199254740992", reason);
  refusesLength(decimalUntil(" "), "9007199254740993 ", reason);
  refusesLength(hex(14), "20000000000000", reason);
});

test("varint has seven bits a byte, the least significant first", () => {
  assert.equal(write(varint, 0), "\0");
  assert.equal(write(varint, 127), "\x7f");
  assert.equal(write(varint, 128), "\x80\x01");
  assert.equal(write(varint, 300), "\xac\x02");
  assert.equal(write(varint, 2 ** 31), "\x80\x80\x80\x80\x08");
  assert.equal(write(varint, 2 ** 53 - 1), "\xff\xff\xff\xff\xff\xff\xff\x0f");
  assert.deepEqual(read(varint, "\xac\x02rest"), [300, 2]);
});

test("varint is read with up to ten bytes, and no more", () => {
  assert.deepEqual(read(varint, "\x81\x80\x80\x80\x80\x80\x80\x80\x80\0"), [1, 10]);
  refusesLength(varint, "\x80".repeat(10), "varint has more than 10 bytes");
  assert.throws(() => write(varint, -1), RangeError);
  assert.throws(() => write(varint, 0.5), RangeError);
});

test("decimal() takes digits only", () => {
  assert.deepEqual(read(decimal(5), "00042"), [42, 5]);
  for (const text of ["2a", "0x", "-", "+", "1e", "1.", "1,", "/", ":"]) {
    const wrong = JSON.stringify(text.at(-1));
    refusesLength(decimal(5), text, `length has ${wrong} where a digit belongs`);
  }
  refusesLength(decimal(5), " ", "length has the byte 20 where a digit belongs");
  refusesLength(decimal(5), "4\0", "length has the byte 00 where a digit belongs");
  refusesLength(decimal(5), "\xb2", "length has the byte b2 where a digit belongs");
});

test("hex() takes digits in either case, and writes lower", () => {
  assert.deepEqual(read(hex(4), "00fF"), [255, 4]);
  assert.equal(write(hex(4), 0xabc), "0abc");
  for (const text of ["g", "0x", "`", "@", "G"]) {
    const wrong = JSON.stringify(text.at(-1));
    refusesLength(hex(4), text, `length has ${wrong} where a digit belongs`);
  }
});

test("decimalUntil() takes digits only, at least one, at most 16", () => {
  const prefix = decimalUntil(":");
  assert.deepEqual(read(prefix, "42:rest"), [42, 3]);
  assert.deepEqual(read(prefix, "0042:"), [42, 5]);
  for (const text of ["2a", "0x", "-", "+", "1e", "1.", ":", "a"]) {
    const wrong = JSON.stringify(text.at(-1));
    refusesLength(prefix, text, `length has ${wrong} where a digit or its end belongs`);
  }
  refusesLength(prefix, " ", "length has the byte 20 where a digit or its end belongs");
  refusesLength(prefix, "1 ", "length has the byte 20 where a digit or its end belongs");
  assert.deepEqual(read(prefix, "0000000000000001:"), [1, 17]);
  refusesLength(prefix, "0".repeat(17), "length has more than 16 digits");
});

test("decimalUntil() wants its mark whole", () => {
  const prefix = decimalUntil("\r\n");
  assert.deepEqual(read(prefix, "7\r\nx"), [7, 3]);
  assert.equal(read(prefix, "7\r")[0], undefined);
  refusesLength(prefix, "7\r7", 'length has "7" where a digit or its end belongs');
  refusesLength(prefix, "7\n", "length has the byte 0a where a digit or its end belongs");
  assert.deepEqual(read(decimalUntil("aa"), "7aa"), [7, 3]);
  assert.deepEqual(read(decimalUntil(Uint8Array.of(0)), "7\0"), [7, 2]);
});

test("decimalUntil() refuses marks that no reader would find", () => {
  assert.throws(() => decimalUntil(""), TypeError);
  for (const mark of ["0", "9:", "5"]) {
    assert.throws(
      () => decimalUntil(mark),
      /^TypeError: Cannot end a decimal length: its mark begins with a digit$/,
    );
  }
});

test("inclusive() counts its own bytes, and refuses a number below them", () => {
  const prefix = inclusive(uint16, 2);
  assert.equal(write(prefix, 0), "\0\x02");
  assert.deepEqual(read(prefix, "\0\x02"), [0, 2]);
  assert.equal(read(prefix, "\0")[0], undefined);
  refusesLength(prefix, "\0\x01", "length 1 is less than the 2 bytes of its prefix");
  refusesLength(inclusive(hex(4), 4), "0003", "length 3 is less than the 4 bytes of its prefix");
});

test("prefixes refuse options that are none", () => {
  for (const digits of [0, -1, 1.5, NaN, 17, Infinity]) {
    assert.throws(() => decimal(digits), RangeError);
    assert.throws(() => hex(digits), RangeError);
  }
  assert.throws(() => hex(15), /^RangeError: Cannot write a length in 15 digits: 1 to 14 are/);
  for (const size of [-1, 0.5, NaN, Infinity]) {
    assert.throws(() => inclusive(uint8, size), RangeError);
  }
});
