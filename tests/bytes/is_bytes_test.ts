import assert from "node:assert/strict";
import { test } from "node:test";
import { isBytes } from "../../src/bytes/is_bytes.ts";

test("isBytes() accepts a Uint8Array and its subclasses", () => {
  class Chunk extends Uint8Array {}
  assert.ok(isBytes(new Uint8Array(0)));
  assert.ok(isBytes(new Chunk(3)));
});

test("isBytes() rejects everything else, including views of signed or larger numbers", () => {
  for (
    const value of [
      undefined,
      null,
      "text",
      7,
      {},
      [1, 2],
      new ArrayBuffer(2),
      new DataView(new ArrayBuffer(2)),
      new Int8Array(2),
      new Uint8ClampedArray(2),
      new Uint16Array(2),
      { [Symbol.toStringTag]: "Uint8Array", length: 1, 0: 1 },
    ]
  ) {
    assert.ok(!isBytes(value));
  }
});
