import assert from "node:assert/strict";
import { test } from "node:test";
import { view } from "../../src/bytes/view.ts";
import { bytes } from "../support/bytes.ts";

test("view() shares the bytes of the chunk, counted from its start", () => {
  const chunk = bytes("abcdef").subarray(2);
  const part = view(chunk, 1, 2);
  assert.deepEqual(part, bytes("de"));
  chunk[1] = 0x7a;
  assert.deepEqual(part, bytes("ze"));
  assert.deepEqual(view(chunk, 4, 0), new Uint8Array(0));
});

test("view() returns a plain Uint8Array whatever the class of the chunk", () => {
  class Chunk extends Uint8Array {}
  assert.equal(Object.getPrototypeOf(view(new Chunk(4), 0, 2)), Uint8Array.prototype);
});
