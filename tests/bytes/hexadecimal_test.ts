import assert from "node:assert/strict";
import { test } from "node:test";
import { hexadecimal } from "../../src/bytes/hexadecimal.ts";
import { bounded } from "../support/limits.ts";

test("hexadecimal() writes lower-case digits, at least two by default", bounded, () => {
  assert.equal(hexadecimal(0), "00");
  assert.equal(hexadecimal(10), "0a");
  assert.equal(hexadecimal(255), "ff");
  assert.equal(hexadecimal(256), "100");
  assert.equal(hexadecimal(0xabc, 8), "00000abc");
});
