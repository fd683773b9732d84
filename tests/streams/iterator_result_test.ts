import assert from "node:assert/strict";
import { test } from "node:test";
import { DONE, Yielded } from "../../src/streams/iterator_result.ts";

test("what iterators hand out is a plain object, as of a literal", () => {
  const result = new Yielded("message");
  assert.deepEqual(result, { done: false, value: "message" });
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
  assert.deepEqual(Object.keys(result), ["done", "value"]);
});

test("what all iterators hand out at their end cannot be changed by one of its receivers", () => {
  assert.deepEqual(DONE, { done: true, value: undefined });
  assert.throws(() => Object.assign(DONE, { value: 1 }), TypeError);
});
