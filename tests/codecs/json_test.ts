import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameDecoder, FrameEncoder, json, lines } from "../../mod.ts";
import { bytes, latin1 } from "../support/bytes.ts";

test("json() decodes what it encodes", () => {
  const codec = json();
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = JSON.stringify(value);
    assert.equal(JSON.stringify(codec.decode(codec.encode(value))), text);
  }));
});

test("json() never writes a line feed, so every value fits in a line", () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ stringUnit: fc.constantFrom(...'a\n\r\u2028"\\\0€😀') }),
      (value) => {
        const encoder = new FrameEncoder({ framer: lines(), codec: json() });
        encoder.write(value);
        const decoder = new FrameDecoder({ framer: lines(), codec: json() });
        for (const chunk of encoder.drain()) decoder.push(chunk);
        assert.equal(JSON.stringify(decoder.read()), JSON.stringify(value));
      },
    ),
  );
});

test("json() refuses bytes that are not JSON or not UTF-8", () => {
  for (const wrong of ["", "{", "1 2", "{a:1}", "undefined"]) {
    assert.throws(() => json().decode(bytes(wrong)), SyntaxError);
  }
  assert.throws(() => json().decode(bytes('"\xff"')), TypeError);
  assert.throws(() => json().decode(bytes("\xef\xbb\xbf1")), SyntaxError);
});

test("json() refuses values that JSON cannot represent", () => {
  for (const wrong of [undefined, () => 1, Symbol("x"), 1n]) {
    assert.throws(() => json().encode(wrong), TypeError);
  }
});

test("json() writes compact UTF-8", () => {
  assert.equal(latin1(json().encode({ a: [1, "€"] })), '{"a":[1,"\xe2\x82\xac"]}');
});
