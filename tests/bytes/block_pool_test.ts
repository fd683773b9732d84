import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockPool } from "../../src/bytes/block_pool.ts";

test("BlockPool.take() returns the longest free block, once", () => {
  const pool = new BlockPool();
  assert.equal(pool.take(1), undefined);
  const [short, long] = [new Uint8Array(10), new Uint8Array(20)];
  pool.give(short);
  pool.give(long);
  pool.give(new Uint8Array(15));
  assert.equal(pool.take(21), undefined);
  assert.equal(pool.take(20), long);
  assert.equal(pool.take(1), undefined);
});
