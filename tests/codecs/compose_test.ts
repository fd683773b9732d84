import assert from "node:assert/strict";
import { test } from "node:test";
import { type Codec, compose, json, text } from "../../mod.ts";
import { bytes } from "../support/bytes.ts";

const reversed: Codec<string, string> = {
  decode: (text) => [...text].reverse().join(""),
  encode: (text) => [...text].reverse().join(""),
};
const quoted: Codec<string, string> = {
  decode: (text) => text.slice(1, -1),
  encode: (text) => `<${text}>`,
};

test("compose() decodes with the first codec, then the second, and encodes in reverse order", () => {
  const codec = compose(compose(text(), reversed), quoted);
  assert.deepEqual(codec.encode("abc"), bytes(">cba<"));
  assert.equal(codec.decode(bytes(">cba<")), "abc");
});

test("compose() passes on the errors of both codecs", () => {
  const numbers: Codec<unknown, number> = {
    decode(value) {
      if (typeof value !== "number") throw new RangeError("not a number");
      return value;
    },
    encode: (value) => value,
  };
  const codec = compose(json(), numbers);
  assert.equal(codec.decode(bytes("7")), 7);
  assert.throws(() => codec.decode(bytes('"7"')), RangeError);
  assert.throws(() => codec.decode(bytes("{")), SyntaxError);
});
