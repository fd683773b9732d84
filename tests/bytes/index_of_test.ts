import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { indexOf, wordsOf } from "../../src/bytes/index_of.ts";
import { bytes } from "../support/bytes.ts";
import { countLooks } from "../support/counting.ts";

/** A naive search as the reference. */
function search(bytes: Uint8Array, needle: Uint8Array, start: number, end: number): number {
  for (let at = start; at + needle.length <= end; at++) {
    if (needle.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

/** Control characters and others: the search differs between them. */
const one = fc.constantFrom(0, 10, 13, 0x20, 0xff);
const few = fc.array(one, { maxLength: 300 }).map((list) => Uint8Array.from(list));
const needles = fc.oneof(
  fc.array(one, { minLength: 1, maxLength: 6 }),
  fc.array(fc.constantFrom(10, 13), { minLength: 1, maxLength: 6 }),
).map((list) => Uint8Array.from(list));

test("indexOf() agrees with a naive search", () => {
  fc.assert(
    fc.property(few, needles, fc.nat(300), fc.nat(300), (bytes, needle, one, other) => {
      const start = Math.min(one, other, bytes.length);
      const end = Math.min(Math.max(one, other), bytes.length);
      assert.equal(indexOf(bytes, needle, start, end), search(bytes, needle, start, end));
      assert.equal(indexOf(bytes, needle, start), search(bytes, needle, start, bytes.length));
      assert.equal(indexOf(bytes, needle), search(bytes, needle, 0, bytes.length));
    }),
    { numRuns: 200 },
  );
});

test("indexOf() by words agrees with a naive search, at every alignment", () => {
  fc.assert(
    fc.property(few, needles, fc.nat(7), fc.nat(300), (list, needle, skipped, one) => {
      const bytes = new Uint8Array([...new Uint8Array(skipped).fill(1), ...list]).subarray(skipped);
      const words = wordsOf(bytes);
      const start = Math.min(one, bytes.length);
      for (const end of [bytes.length, Math.ceil((start + bytes.length) / 2)]) {
        const expected = search(bytes, needle, start, end);
        assert.equal(indexOf(bytes, needle, start, end, words), expected);
      }
    }),
    { numRuns: 500 },
  );
});

test("indexOf() by words distinguishes all bytes", () => {
  for (let byte = 0; byte < 256; byte++) {
    const needle = Uint8Array.of(byte);
    const bytes = Uint8Array.from(
      { length: 1024 },
      (_, index) => index % 255 + (index % 255 >= byte ? 1 : 0),
    );
    const words = wordsOf(bytes);
    assert.equal(indexOf(bytes, needle, 0, 1024, words), -1);
    bytes[1000] = byte;
    assert.equal(indexOf(bytes, needle, 0, 1024, words), 1000);
  }
});

test("indexOf() finds the first of several matches", () => {
  assert.equal(indexOf(bytes("a,b,c"), bytes(",")), 1);
  assert.equal(indexOf(bytes("a,b,c"), bytes(","), 2), 3);
  assert.equal(indexOf(bytes("aaaa"), bytes("aa")), 0);
  assert.equal(indexOf(bytes("aaaa"), bytes("aa"), 1), 1);
});

test("indexOf() requires the whole needle before the end", () => {
  assert.equal(indexOf(bytes("ab\r\n"), bytes("\r\n"), 0, 3), -1);
  assert.equal(indexOf(bytes("ab\r\n"), bytes("\r\n"), 0, 4), 2);
  assert.equal(indexOf(bytes("a"), bytes("ab")), -1);
  assert.equal(indexOf(new Uint8Array(0), bytes("a")), -1);
});

test("indexOf() finds a single byte in long and short ranges", () => {
  const long = new Uint8Array(200).fill(1, 150);
  const one = Uint8Array.of(1);
  assert.equal(indexOf(long, one), 150);
  assert.equal(indexOf(long, one, 0, 150), -1);
  assert.equal(indexOf(long, one, 0, 151), 150);
  assert.equal(indexOf(long, one, 149, 151), 150);
  assert.equal(indexOf(long, one, 160), 160);
  assert.equal(indexOf(long, one, 200, 100), -1);
});

test("indexOf() does not search beyond the end", () => {
  const looks = countLooks((counted) => {
    const chunk = counted(new Uint8Array(1000));
    for (const needle of [Uint8Array.of(1), Uint8Array.of(1, 2)]) indexOf(chunk, needle, 0, 10);
  });
  // Ten looks for the single byte, at most thirty for the two control characters.
  assert.ok(looks <= 40, `${looks} looks`);
});
