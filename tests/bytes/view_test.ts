import assert from "node:assert/strict";
import { test } from "node:test";
import { view } from "../../src/bytes/view.ts";
import { bytes } from "../support/bytes.ts";

test("view() shows the same bytes, counted from where the chunk begins in its buffer", () => {
  const chunk = bytes("abcdef").subarray(2);
  const part = view(chunk, 1, 2);
  assert.deepEqual(part, bytes("de"));
  chunk[1] = 0x7a;
  assert.deepEqual(part, bytes("ze"));
  assert.deepEqual(view(chunk, 4, 0), new Uint8Array(0));
});

test("view() is a plain Uint8Array of whatever class the chunk is", () => {
  class Chunk extends Uint8Array {}
  assert.equal(Object.getPrototypeOf(view(new Chunk(4), 0, 2)), Uint8Array.prototype);
});
