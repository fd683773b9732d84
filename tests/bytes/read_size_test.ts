import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadSize } from "../../src/bytes/read_size.ts";

test("ReadSize grows fourfold while reads fill their memory, up to 64 KiB", () => {
  const size = new ReadSize();
  const lengths: number[] = [];
  for (let count = 0; count < 5; count++) {
    lengths.push(size.length);
    size.note(size.length, size.length);
  }
  assert.deepEqual(lengths, [2048, 8192, 32_768, 65_536, 65_536]);
});

test("ReadSize stays unchanged while reads fit, and shrinks after many small ones", () => {
  const size = new ReadSize();
  for (let count = 0; count < 3; count++) size.note(size.length, size.length);
  for (let count = 0; count < 100; count++) size.note(5000, size.length);
  assert.equal(size.length, 65_536);
  for (let count = 0; count < 16; count++) size.note(10, size.length);
  size.note(5000, size.length);
  for (let count = 0; count < 16; count++) size.note(10, size.length);
  assert.equal(size.length, 65_536);
  size.note(10, size.length);
  assert.equal(size.length, 16_384);
  for (let count = 0; count < 100; count++) size.note(10, size.length);
  assert.equal(size.length, 2048);
});

test("ReadSize also grows when a read fills the rest of a partly used block", () => {
  const size = new ReadSize();
  size.note(100, 100);
  assert.equal(size.length, 8192);
});
