import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { concat } from "../../src/bytes/concat.ts";
import { indexOf } from "../../src/bytes/index_of.ts";
import { unless } from "../support/unless.ts";

interface StdBytes {
  indexOfNeedle(source: Uint8Array, needle: Uint8Array, start?: number): number;
  concat(chunks: readonly Uint8Array[]): Uint8Array;
}
// Imported through a variable, so that bundlers and type checkers do not resolve it.
const name = "@std/bytes";
const std = await import(name).catch(() => undefined) as StdBytes | undefined;
const missing = std === undefined ? "@std/bytes cannot be loaded" : undefined;

const few = fc.array(fc.nat(2), { maxLength: 300 }).map((list) => Uint8Array.from(list));
const needles = fc.array(fc.nat(2), { minLength: 1, maxLength: 6 })
  .map((list) => Uint8Array.from(list));

test(
  ...unless(missing, "indexOf() agrees with @std/bytes"),
  () => {
    fc.assert(fc.property(few, needles, fc.nat(300), (bytes, needle, start) => {
      assert.equal(indexOf(bytes, needle, start), std!.indexOfNeedle(bytes, needle, start));
    }));
  },
);

test(...unless(missing, "concat() agrees with @std/bytes"), () => {
  fc.assert(fc.property(fc.array(few), (chunks) => {
    assert.deepEqual(concat(chunks), std!.concat(chunks));
  }));
});
