import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { text } from "../../mod.ts";
import { lenientText } from "../../src/codecs/text.ts";
import { bytes } from "../support/bytes.ts";

test("text() decodes what it encodes", () => {
  const codec = text();
  const scalars = fc.oneof(fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10ffff }));
  fc.assert(fc.property(fc.array(scalars), (list) => {
    const message = String.fromCodePoint(...list);
    assert.equal(codec.decode(codec.encode(message)), message);
  }));
});

test("text() encodes and decodes UTF-8", () => {
  assert.deepEqual(text().encode("aé€😀"), bytes("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
  assert.equal(text().decode(bytes("\xe2\x82\xac")), "€");
  assert.equal(text().decode(bytes("")), "");
});

test("text() keeps a byte order mark", () => {
  assert.equal(text().decode(bytes("\xef\xbb\xbfx")), "\ufeffx");
  assert.deepEqual(text().encode("\ufeffx"), bytes("\xef\xbb\xbfx"));
});

test("text() refuses bytes that are not UTF-8, and decodes the next frame", () => {
  const codec = text();
  for (
    const wrong of ["\xff", "\xe2\x82", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80"]
  ) {
    assert.throws(() => codec.decode(bytes(wrong)), TypeError);
    assert.equal(codec.decode(bytes("good")), "good");
  }
});

test("text() refuses strings with lone surrogates", () => {
  for (const wrong of ["\ud800", "a\udc00", "\ud83d", "\ude00\ud83d"]) {
    assert.throws(() => text().encode(wrong), TypeError);
  }
});

test("text() refuses values that are not strings", () => {
  for (const wrong of [1, undefined, null, bytes("a")]) {
    assert.throws(() => text().encode(wrong as unknown as string), TypeError);
  }
});

test("text() decodes a view of a larger buffer", () => {
  assert.equal(text().decode(bytes("xhellox").subarray(1, 6)), "hello");
});

test("lenientText() replaces invalid UTF-8, and keeps a byte order mark", () => {
  const codec = lenientText();
  assert.equal(codec.decode(bytes("a\xff\xe2\x82")), "a\ufffd\ufffd");
  assert.equal(codec.decode(bytes("\xef\xbb\xbfa")), "\ufeffa");
  assert.deepEqual(codec.encode("€"), bytes("\xe2\x82\xac"));
});
