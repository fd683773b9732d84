import assert from "node:assert/strict";
import { Socket } from "node:net";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { describe } from "../../src/bytes/describe.ts";

test("describe() names the kind of a value, with its article", () => {
  class Order {}
  const names: readonly [unknown, string][] = [
    [null, "null"],
    [undefined, "undefined"],
    ["secret", "a string"],
    [7, "a number"],
    [7n, "a bigint"],
    [true, "a boolean"],
    [Symbol("secret"), "a symbol"],
    [describe, "a function"],
    [Order, "a function"],
    [{}, "an Object"],
    [[], "an Array"],
    [new Order(), "an Order"],
    [new ArrayBuffer(1), "an ArrayBuffer"],
    [new Uint8Array(1), "a Uint8Array"],
    [new DataView(new ArrayBuffer(1)), "a DataView"],
    [Promise.resolve(), "a Promise"],
    [new ReadableStream(), "a ReadableStream"],
    [new Socket(), "a Socket"],
  ];
  for (const [value, name] of names) assert.equal(describe(value), name);
});

test("describe() names values without a class, from another realm, or with misleading members", () => {
  assert.equal(describe(Object.create(null)), "an object");
  assert.equal(describe(new (class {})()), "an object");
  assert.equal(describe(runInNewContext("new ArrayBuffer(1)")), "an ArrayBuffer");
  assert.equal(describe({ constructor: { name: "a peer's text" } }), "an Object");
});
