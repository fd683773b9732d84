import assert from "node:assert/strict";
import { test } from "node:test";
import { concat } from "../../src/bytes/concat.ts";
import { bytes } from "../support/bytes.ts";

test("concat() joins chunks in order, including empty ones", () => {
  assert.deepEqual(concat([bytes("ab"), bytes(""), bytes("c")]), bytes("abc"));
  assert.deepEqual(concat([]), new Uint8Array(0));
  assert.deepEqual(concat([bytes("")]), new Uint8Array(0));
});

test("concat() copies even a single chunk", () => {
  const chunk = bytes("ab");
  const joined = concat([chunk]);
  chunk.fill(0);
  assert.deepEqual(joined, bytes("ab"));
});
