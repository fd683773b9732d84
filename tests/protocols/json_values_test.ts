import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodecError, FrameDecoder, FrameTooLargeError } from "../../mod.ts";
import { jsonValues } from "../../protocols.ts";
import { verifyFramer, verifyProtocol } from "../../testing.ts";
import { bytes, chunksOf } from "../support/bytes.ts";
import { bounded } from "../support/limits.ts";

test("jsonValues() passes verification", () => {
  verifyFramer(jsonValues().framer, [
    { frames: ['{"a":[1,"}"]}', "[]", '"a\\""', "12", "true"] },
    { frames: ["{}", "[1,2]", '"x"'], bytes: '{}[1,2]  "x"\n\n' },
  ]);
});

test(
  "jsonValues() reads and writes values one after another, however they are cut",
  bounded,
  async () => {
    await verifyProtocol<unknown>(
      jsonValues(),
      [
        { messages: [{ a: 1 }, [2], "3", 4, null], bytes: '{"a":1}\n[2]\n"3"\n4\nnull\n' },
        {
          messages: [{ a: 1 }, [2], "3", 4, null, true, -1.5e3],
          bytes: '{"a":1}[2]"3"4 null\ttrue -1.5e3',
          written: false,
        },
        { messages: [1, "a", 2, [], 3, {}], bytes: '1"a"2[]3{}', written: false },
        {
          messages: [{ "}": ["]", '"', "\\"] }, "\\\\", '"'],
          bytes: '{"}":["]","\\"","\\\\"]}"\\\\\\\\""\\""',
          written: false,
        },
        {
          messages: [[[[]]], { a: { b: [{}] } }],
          bytes: '[[[]]]\n{\n  "a": {\r\n "b": [{}] }\n}\n\n',
          written: false,
        },
        { messages: [], bytes: "\ufeff \r\n\t" },
        { messages: [12], bytes: "\ufeff12", written: false },
        { messages: ["€\u2028", "\\u1e"], bytes: '"€\u2028""\\\\u1e"', written: false },
        {
          messages: [1, [2], 3],
          bytes: "1 trues [2]{]}, 3",
          invalid: [2, 11, 13].map((offset) => ({ type: CodecError, offset })),
        },
        // A separator that does not belong to the format.
        {
          messages: [1, 2],
          bytes: '1\x1e\x1e "a\x1e 2',
          invalid: [1, 2, 4, 6].map((offset) => ({ type: CodecError, offset })),
        },
      ].map((one) => ({ ...one, endsAnywhere: true })),
    );
  },
);

test("jsonValues() reads any white space between values", () => {
  const space = fc.array(fc.constantFrom(" ", "\n", "\r", "\t"), { minLength: 1, maxLength: 3 });
  const values = fc.array(fc.tuple(fc.jsonValue(), space, fc.nat(4)));
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 20 }), (values, size) => {
    const texts = values.map(([value, space, indent]) =>
      JSON.stringify(value, undefined, indent) + space.join("")
    );
    const decoder = new FrameDecoder(jsonValues());
    const messages: unknown[] = [];
    for (const chunk of chunksOf(new TextEncoder().encode(texts.join("")), size)) {
      decoder.push(chunk);
      messages.push(...decoder.readAll());
    }
    decoder.end();
    messages.push(...decoder.readAll());
    const expected = values.map(([value]) => JSON.stringify(value));
    assert.deepEqual(messages.map((value) => JSON.stringify(value)), expected);
  }));
});

test("jsonValues() reads an object as soon as its last byte has arrived", () => {
  const decoder = new FrameDecoder(jsonValues());
  for (
    const [text, value] of [['{"a":[]', undefined], ["}", { a: [] }], ["1", undefined], [" ", 1]]
  ) {
    decoder.push(bytes(text as string));
    assert.deepEqual(decoder.read(), value);
  }
  assert.equal(decoder.read(), undefined);
  assert.equal(decoder.buffered, 0);
});

test("jsonValues() requires the end of an object, an array and a string", bounded, async () => {
  await verifyProtocol<unknown>(jsonValues(), [
    { messages: [{ a: 1 }, "a", [1, { a: "}" }]], bytes: '{"a":1}\n"a"\n[1,{"a":"}"}]\n' },
  ]);
});

test("jsonValues() skips a value over the limit", bounded, async () => {
  await verifyProtocol<unknown>({ ...jsonValues(), maxFrameLength: 20 }, [
    {
      messages: [{ a: 1 }, [2]],
      bytes: `{"a":1}{"b":"${'\\"}'.repeat(100)}"} [2]`,
      invalid: [{ type: FrameTooLargeError, offset: 7 }],
    },
    {
      messages: [1, 2],
      bytes: `1 ${"1".repeat(200)}\n2 `,
      invalid: [{ type: FrameTooLargeError, offset: 2 }],
      endsAnywhere: true,
    },
  ]);
});

test("jsonValues() finds the end of a value at any depth, and of white space at any length", () => {
  const depth = 200_000;
  const deep = "[".repeat(depth) + "]".repeat(depth);
  const invalid: string[] = [];
  const decoder = new FrameDecoder(jsonValues(), (error) => invalid.push(error.name));
  // Decoding may refuse the depth, depending on the runtime; the value after it is read in any case.
  decoder.push(bytes(`${deep}1 ${" \n".repeat(1_000_000)}2 `));
  const values = decoder.readAll();
  assert.deepEqual(values.slice(-2), [1, 2]);
  assert.equal(values.length + invalid.length, 3);
});
