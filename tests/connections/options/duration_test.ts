import assert from "node:assert/strict";
import { test } from "node:test";
import { duration } from "../../../src/connections/options/duration.ts";

test("duration() returns milliseconds, or Infinity if no timer can run that long", () => {
  assert.equal(duration("idleTimeout", undefined), Infinity);
  assert.equal(duration("idleTimeout", Infinity), Infinity);
  assert.equal(duration("idleTimeout", 0.5), 0.5);
  assert.equal(duration("idleTimeout", 2 ** 31 - 1), 2 ** 31 - 1);
  assert.equal(duration("idleTimeout", 2 ** 31), Infinity);
});

test("duration() refuses numbers that are not positive, and values of other types", () => {
  const expected = "expected a positive number of milliseconds or Infinity";
  for (const time of [0, -0, -1, NaN, -Infinity]) {
    assert.throws(() => duration("idleTimeout", time), {
      name: "RangeError",
      message: `Invalid idleTimeout ${time}: ${expected}`,
    });
  }
  for (
    const [value, shown] of [["5000", '"5000"'], [null, "(null)"], [true, "true"], [
      5n,
      "(a bigint)",
    ]]
  ) {
    assert.throws(() => duration("idleTimeout", value as never), {
      name: "TypeError",
      message: `Invalid idleTimeout ${shown}: ${expected}`,
    });
  }
});
