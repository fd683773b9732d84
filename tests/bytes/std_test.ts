import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat } from "../../src/bytes/concat.ts";
import { indexOf } from "../../src/bytes/index_of.ts";

interface StdBytes {
  indexOfNeedle(source: Uint8Array, needle: Uint8Array, start?: number): number;
  concat(chunks: readonly Uint8Array[]): Uint8Array;
}
const name = "@std/bytes";
const std = await import(name).catch(() => undefined) as StdBytes | undefined;
const skip = std === undefined ? "@std/bytes cannot be had where JSR cannot be reached" : false;

/** The plainest search there is. */
function search(bytes: Uint8Array, needle: Uint8Array, start: number, end: number): number {
  for (let at = start; at + needle.length <= end; at++) {
    if (needle.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

const few = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 300 })
  .map((list) => Uint8Array.from(list));
const needles = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 6 })
  .map((list) => Uint8Array.from(list));

test("indexOf() finds what the plainest search finds", () => {
  fc.assert(fc.property(few, needles, fc.nat(300), fc.nat(300), (bytes, needle, one, other) => {
    const start = Math.min(one, other, bytes.length);
    const end = Math.min(Math.max(one, other), bytes.length);
    assert.equal(indexOf(bytes, needle, start, end), search(bytes, needle, start, end));
    assert.equal(indexOf(bytes, needle), search(bytes, needle, 0, bytes.length));
  }));
  assert.equal(indexOf(new Uint8Array(200).fill(1, 150), Uint8Array.of(1), 0, 150), -1);
  assert.equal(indexOf(new Uint8Array(200).fill(1, 150), Uint8Array.of(1), 0, 160), 150);
});

test(
  "indexOf() finds what @std/bytes finds (skipped where JSR cannot be reached)",
  { skip },
  () => {
    fc.assert(fc.property(few, needles, (bytes, needle) => {
      assert.equal(indexOf(bytes, needle), std!.indexOfNeedle(bytes, needle));
    }));
  },
);

test("concat() joins as @std/bytes does (skipped where JSR cannot be reached)", { skip }, () => {
  fc.assert(fc.property(fc.array(few), (chunks) => {
    assert.deepEqual(concat(chunks), std!.concat(chunks));
  }));
});
