import assert from "node:assert/strict";
import { test } from "node:test";
import { compose, json, owned, text } from "../../mod.ts";
import { bytes } from "../support/outcomes.ts";

test("text() is strict UTF-8 in both directions", () => {
  const codec = text();
  assert.equal(codec.decode(bytes("\xe2\x82\xac")), "€");
  assert.equal(codec.decode(bytes("\xef\xbb\xbfx")), "\ufeffx");
  for (const wrong of ["\xff", "\xe2\x82", "\xc0\x80", "\xed\xa0\x80"]) {
    assert.throws(() => codec.decode(bytes(wrong)), TypeError);
  }
  assert.equal(codec.decode(bytes("still good")), "still good");
  assert.throws(() => codec.encode("\ud800"), TypeError);
  assert.throws(() => codec.encode(1 as unknown as string), TypeError);
  assert.deepEqual(codec.encode("😀"), bytes("\xf0\x9f\x98\x80"));
});

test("json() refuses what is no JSON, and what has none", () => {
  const codec = json();
  assert.deepEqual(codec.decode(codec.encode({ a: [1, null] })), { a: [1, null] });
  assert.throws(() => codec.decode(bytes("{")), SyntaxError);
  assert.throws(() => codec.encode(undefined), TypeError);
  assert.throws(() => codec.encode(1n), TypeError);
});

test("owned() copies what it decodes", () => {
  const frame = bytes("one");
  const copy = owned().decode(frame.subarray(1));
  frame.fill(0);
  assert.deepEqual(copy, bytes("ne"));
  assert.equal(owned().encode(frame), frame);
});

test("compose() puts the second codec behind the first", () => {
  const shout = { decode: (line: string) => line.toUpperCase(), encode: (line: string) => line };
  const codec = compose(text(), shout);
  assert.equal(codec.decode(bytes("hi")), "HI");
  assert.deepEqual(codec.encode("x"), bytes("x"));
});
