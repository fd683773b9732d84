import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodecError,
  FrameDecoder,
  FrameTooLargeError,
  MalformedFrameError,
  TruncatedFrameError,
} from "../../mod.ts";
import { jsonSeq } from "../../protocols.ts";
import { type ProtocolCase, verifyFramer, verifyProtocol } from "../../testing.ts";
import { bounded } from "../support/limits.ts";
import { bytes } from "../support/bytes.ts";

test("jsonSeq() passes verification", () => {
  verifyFramer(jsonSeq().framer, [
    { frames: ['{"a":[1,"}"]}', "[]", '"a\\""'] },
    {
      frames: ["1\n", ' {"a"}', "[]", "2 "],
      bytes: ' \n\x1e1\n\x1e\x1e\n\x1e {"a"}\x1e[]\n\n\x1e2 \n\x1e',
    },
  ]);
});

/** A separator alone is no value, also at the end. */
const endsAnywhere = true;

test("jsonSeq() reads and writes values, however they are cut", bounded, async () => {
  const cases: ProtocolCase<unknown>[] = [
    {
      messages: [{ d: "2014", n: 1 }, [2], "3€", 4],
      bytes: '\x1e{"d":"2014","n":1}\n\x1e[2]\n\x1e"3€"\n\x1e4\n',
    },
    { messages: [1, null, true], bytes: "\x1e1\n\x1enull \x1e\ttrue\r\n", written: false },
    { messages: [{ a: { b: [] } }], bytes: '\x1e{\n  "a": {\n "b": []\n}\n}\n', written: false },
    { messages: [1], bytes: "\x1e\x1e\n\x1e \x1e1\n\x1e\n", written: false },
    { messages: [], bytes: "" },
    { messages: [], bytes: "\x1e\n" },
    // A value that needs no white space after it is complete without it.
    { messages: [{}, [], "a"], bytes: '\x1e{}\x1e[]\x1e"a"', written: false },
  ];
  await verifyProtocol<unknown>(jsonSeq(), cases.map((one) => ({ ...one, endsAnywhere })));
});

test("jsonSeq() loses only a cut value", bounded, async () => {
  const cut = [
    '{"a":',
    '{"a":"b',
    '{"a":"b\\',
    "[1,\n",
    '"a',
    "1",
    "tru",
    "true",
    "-",
    "{]\n",
    "{ \n ",
  ];
  const stream = cut.map((text) => `\x1e1\n\x1e${text}\x1e{"b":2}\n`);
  await verifyProtocol<unknown>(
    jsonSeq(),
    stream.map((bytes) => ({
      messages: [1, { b: 2 }],
      bytes,
      invalid: [{ type: CodecError, offset: 3 }],
      endsAnywhere,
    })),
  );
  await verifyProtocol<unknown>(jsonSeq(), [
    {
      messages: [3],
      bytes: "\x1e12\x1e3\n",
      invalid: [{ type: CodecError, message: /value is cut/ }],
      endsAnywhere,
    },
  ]);
});

test("jsonSeq() reads a value as soon as it is complete", () => {
  const decoder = new FrameDecoder(jsonSeq());
  for (
    const [text, value] of [['\x1e{"a":1', undefined], ["}", { a: 1 }], ["\n\x1e1", undefined], [
      "\n",
      1,
    ]]
  ) {
    decoder.push(bytes(text as string));
    assert.deepEqual(decoder.read(), value);
  }
  assert.equal(decoder.buffered, 0);
});

test(
  "jsonSeq() reports values without a record separator once, however they are cut",
  bounded,
  async () => {
    const report = (offset: number) => ({
      type: MalformedFrameError,
      offset,
      message: /value without record separator$/,
    });
    await verifyProtocol<unknown>(jsonSeq(), [
      { messages: [5], bytes: "1 2\n{} 4 \x1e5\n", invalid: [report(0)], endsAnywhere },
      {
        messages: [2, {}],
        bytes: '{"a":1}\n\x1e2\n 3 4\n\x1e{}}\n',
        invalid: [0, 12, 19].map(report),
        endsAnywhere,
      },
    ]);
  },
);

test("jsonSeq() reports a stream that ends inside a value", bounded, async () => {
  await verifyProtocol<unknown>(
    jsonSeq(),
    ["{", '"', "1", "true", "[1,\n"].map((end) => ({
      messages: [1],
      bytes: `\x1e1\n\x1e${end}`,
      error: { type: TruncatedFrameError, offset: 3 },
      endsAnywhere,
    })),
  );
});

test("jsonSeq() does not count the separator toward the limit", bounded, async () => {
  await verifyProtocol<unknown>({ ...jsonSeq(), maxFrameLength: 3 }, [
    {
      messages: [12, "1", {}],
      bytes: '\x1e12\n\x1e"1"\x1e123\x1e{}',
      invalid: [{ type: CodecError, offset: 8 }],
      endsAnywhere,
    },
  ]);
});

test("jsonSeq() skips a value over the limit", bounded, async () => {
  await verifyProtocol<unknown>(
    { ...jsonSeq(), maxFrameLength: 20 },
    [`"${"b}".repeat(100)}"}\n`, `"${"b}".repeat(100)}`].map((rest) => ({
      messages: [1, 2],
      bytes: `\x1e1\n\x1e{"a":${rest}\x1e2\n`,
      invalid: [{ type: FrameTooLargeError, offset: 3 }],
      endsAnywhere,
    })),
  );
});
