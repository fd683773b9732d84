import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameDecoder } from "../../mod.ts";
import { jsonValues } from "../../protocols.ts";
import { verifyFramer } from "../../testing.ts";
import {
  outcomeOf,
  sent,
  toBytes,
  verifyCases,
  verifyCodecError,
  verifySkipped,
} from "../support/protocols.ts";

test("jsonValues() passes verification", () => {
  verifyFramer(jsonValues().framer, [
    { frames: ['{"a":[1,"}"]}', "[]", '"a\\""', "12", "true"] },
    { frames: ["{}", "[1,2]", '"x"'], bytes: '{}[1,2]  "x"\n\n' },
  ]);
});

test("jsonValues() reads values one after another, however they are cut", () => {
  verifyCases(jsonValues(), [
    {
      messages: [{ a: 1 }, [2], "3", 4, null, true, -1.5e3],
      bytes: '{"a":1}[2]"3"4 null\ttrue -1.5e3',
    },
    { messages: [1, "a", 2, [], 3, {}], bytes: '1"a"2[]3{}' },
    {
      messages: [{ "}": ["]", '"', "\\"] }, "\\\\", '"'],
      bytes: '{"}":["]","\\"","\\\\"]}"\\\\\\\\""\\""',
    },
    { messages: [[[[]]], { a: { b: [{}] } }], bytes: '[[[]]]\n{\n  "a": {\r\n "b": [{}] }\n}\n\n' },
    { messages: [], bytes: "\ufeff \r\n\t" },
    { messages: [12], bytes: "\ufeff12" },
    { messages: ["€\u2028", "\\u1e"], bytes: '"€\u2028""\\\\u1e"' },
    {
      messages: [1, [2], 3],
      bytes: "1 trues [2]{]}, 3",
      reports: ["CodecError", "CodecError", "CodecError"],
    },
  ]);
});

test("jsonValues() reads what it writes, and any white space between values", () => {
  const space = fc.array(fc.constantFrom(" ", "\n", "\r", "\t"), { minLength: 1, maxLength: 3 });
  const values = fc.array(fc.tuple(fc.jsonValue(), space, fc.nat(4)));
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 20 }), (values, size) => {
    const texts = values.map(([value, space, indent]) =>
      JSON.stringify(value, undefined, indent) + space.join("")
    );
    const expected = values.map(([value]) => JSON.stringify(value));
    const messages = values.map(([value]) => value);
    for (const stream of [texts.join(""), sent(jsonValues(), messages)]) {
      const bytes = toBytes(stream);
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
      const { messages, error } = outcomeOf(jsonValues(), chunks);
      assert.equal(error, undefined);
      assert.deepEqual(messages.map((value) => JSON.stringify(value)), expected);
    }
  }));
});

test("jsonValues() reads an object as soon as its last byte has arrived", () => {
  const decoder = new FrameDecoder(jsonValues());
  for (
    const [text, value] of [['{"a":[]', undefined], ["}", { a: [] }], ["1", undefined], [" ", 1]]
  ) {
    decoder.push(toBytes(text as string));
    assert.deepEqual(decoder.read(), value);
  }
  assert.equal(decoder.read(), undefined);
  assert.equal(decoder.buffered, 0);
});

test("jsonValues() requires the end of an object, and skips a value over the limit", () => {
  for (const cut of ['{"a":1', '"a', "[1,", '{"a":"}']) {
    const { messages, error } = outcomeOf(jsonValues(), [toBytes(`1 ${cut}`)]);
    assert.deepEqual(messages, [1]);
    assert.equal((error as Error).name, "TruncatedFrameError");
  }
  const protocol = { ...jsonValues(), maxFrameLength: 100 };
  verifySkipped(protocol, `{"a":1}{"b":"${'\\"}'.repeat(1000)}"} 2`, [{ a: 1 }, 2]);
  verifySkipped(protocol, `1 ${"1".repeat(5000)}\n2 `, [1, 2]);
  verifyCodecError(jsonValues(), "} 1 ", "Cannot decode frame of 1 byte", 1);
});

test("jsonValues() gets past a separator that does not belong to the format", () => {
  verifyCodecError(jsonValues(), "\x1e 1 ", "Cannot decode frame of 1 byte", 1);
  verifyCases(jsonValues(), [
    {
      messages: [1, 2],
      bytes: '1\x1e\x1e "a\x1e 2',
      reports: Array(4).fill("CodecError"),
      written: false,
    },
  ]);
});

test("jsonValues() finds the end of a value at any depth, and of white space at any length", () => {
  const depth = 200_000;
  const deep = "[".repeat(depth) + "]".repeat(depth);
  const invalid: string[] = [];
  const decoder = new FrameDecoder(jsonValues(), (error) => invalid.push(error.name));
  // Decoding may refuse the depth, depending on the runtime; the value after it is read in any case.
  decoder.push(toBytes(`${deep}1 ${" \n".repeat(1_000_000)}2 `));
  const values = decoder.readAll();
  assert.deepEqual(values.slice(-2), [1, 2]);
  assert.equal(values.length + invalid.length, 3);
});
