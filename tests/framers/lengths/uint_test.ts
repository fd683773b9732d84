import assert from "node:assert/strict";
import { test } from "node:test";
import {
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
} from "../../../mod.ts";
import { read, refusesLength, testPrefix, write } from "../../support/length_prefixes.ts";
import { bounded } from "../../support/limits.ts";

testPrefix("uint8", uint8, 2 ** 8 - 1);
testPrefix("uint16", uint16, 2 ** 16 - 1);
testPrefix("uint16LE", uint16LE, 2 ** 16 - 1);
testPrefix("uint24", uint24, 2 ** 24 - 1);
testPrefix("uint24LE", uint24LE, 2 ** 24 - 1);
testPrefix("uint32", uint32, 2 ** 32 - 1);
testPrefix("uint32LE", uint32LE, 2 ** 32 - 1);
testPrefix("uint48", uint48, 2 ** 48 - 1);
testPrefix("uint48LE", uint48LE, 2 ** 48 - 1);
testPrefix("uint64", uint64, 2 ** 53 - 1);
testPrefix("uint64LE", uint64LE, 2 ** 53 - 1);

test("uint8 to uint64 are big-endian, and little-endian with LE", bounded, () => {
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

test("uint64 refuses lengths over 2^53 - 1", bounded, () => {
  const reason = "length is over 2^53 - 1";
  refusesLength(uint64, "\0\x20\0\0\0\0\0\0", reason);
  refusesLength(uint64, "\xff\xff\xff\xff\xff\xff\xff\xff", reason);
  refusesLength(uint64LE, "\0\0\0\0\0\0\x20\0", reason);
});
