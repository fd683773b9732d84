import assert from "node:assert/strict";
import { test } from "node:test";
import { batchesOf, lengthOf } from "../../src/transports/batches.ts";

function chunk(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index);
}

function lengths(batches: Uint8Array[][]): number[][] {
  return batches.map((batch) => batch.map(({ length }) => length));
}

test("batchesOf() keeps chunks together up to the limit", () => {
  assert.deepEqual(lengths(batchesOf([chunk(4), chunk(3), chunk(5)], 12)), [[4, 3, 5]]);
  assert.deepEqual(lengths(batchesOf([chunk(4), chunk(8), chunk(1)], 12)), [[4, 8], [1]]);
});

test("batchesOf() cuts a chunk at the limit without copying it", () => {
  const long = chunk(25);
  const batches = batchesOf([chunk(4), long], 10);
  assert.deepEqual(lengths(batches), [[4, 6], [10], [9]]);
  const slices = batches.flat().slice(1);
  assert.ok(slices.every(({ buffer }) => buffer === long.buffer));
  assert.deepEqual(slices.flatMap((slice) => [...slice]), [...long]);
});

test("batchesOf() omits empty chunks", () => {
  assert.deepEqual(batchesOf([], 10), []);
  assert.deepEqual(lengths(batchesOf([chunk(0), chunk(2), chunk(0)], 2)), [[2]]);
});

test("lengthOf() counts the bytes of all chunks", () => {
  assert.equal(lengthOf([]), 0);
  assert.equal(lengthOf([chunk(3), chunk(0), chunk(4)]), 7);
});
