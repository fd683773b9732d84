import assert from "node:assert/strict";
import { test } from "node:test";
import { byteCount } from "../../src/bytes/byte_count.ts";
import { bounded } from "../support/limits.ts";

test("byteCount() uses the singular for one byte only", bounded, () => {
  assert.equal(byteCount(0), "0 bytes");
  assert.equal(byteCount(1), "1 byte");
  assert.equal(byteCount(2), "2 bytes");
  assert.equal(byteCount(0.5), "0.5 bytes");
  assert.equal(byteCount(NaN), "NaN bytes");
});
