import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, hex, inclusive, type LengthPrefix, uint16, uint8 } from "../../../mod.ts";
import { failure } from "../../support/framing.ts";
import { read, refusesLength, testPrefix, write } from "../../support/length_prefixes.ts";
import { bounded } from "../../support/limits.ts";

testPrefix("inclusive(uint16, 2)", inclusive(uint16, 2), 2 ** 16 - 3);
testPrefix("inclusive(uint8, 0)", inclusive(uint8, 0), 255);

test("inclusive() counts its own bytes, and refuses a smaller number", bounded, () => {
  const prefix = inclusive(uint16, 2);
  assert.equal(write(prefix, 0), "\0\x02");
  assert.deepEqual(read(prefix, "\0\x02"), [0, 2]);
  refusesLength(prefix, "\0\x01", "length 1 is less than its own 2 bytes");
  refusesLength(inclusive(hex(4), 4), "0003", "length 3 is less than its own 4 bytes");
});

test("inclusive() refuses an invalid size", bounded, () => {
  for (const size of [-1, 0.5, NaN, Infinity]) {
    const error = failure(() => inclusive(uint8, size));
    assert.ok(error instanceof RangeError);
    assert.equal(error.message, `Invalid prefix size ${size}: expected a non-negative integer`);
  }
});

test(
  "inclusive() refuses an invalid prefix, and a prefix factory that was not called",
  bounded,
  () => {
    for (const prefix of [decimal, undefined, null, {}, 4]) {
      const error = failure(() => inclusive(prefix as unknown as LengthPrefix, 4));
      assert.ok(error instanceof TypeError);
      assert.equal(
        error.message,
        `Invalid length prefix of type ${typeof prefix}: expected an object with read and write`,
      );
    }
  },
);
