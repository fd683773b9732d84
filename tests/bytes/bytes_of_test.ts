import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf } from "../../src/bytes/bytes_of.ts";

const bytes = Uint8Array.of(1, 2, 3, 4);

test("bytesOf() returns a Uint8Array itself", () => {
  assert.equal(bytesOf(bytes), bytes);
});

test("bytesOf() returns views of other buffer sources", () => {
  assert.deepEqual(bytesOf(bytes.buffer), bytes);
  assert.deepEqual(bytesOf(new DataView(bytes.buffer, 1, 2)), Uint8Array.of(2, 3));
  assert.deepEqual(bytesOf(new Uint16Array(bytes.buffer, 2)), Uint8Array.of(3, 4));
});

test("bytesOf() rejects everything else, and names it", () => {
  for (const [chunk, name] of [["text", "string"], [null, "null"], [[1], "Array"]] as const) {
    assert.throws(() => bytesOf(chunk), { name: "TypeError", message: new RegExp(name, "i") });
  }
});
