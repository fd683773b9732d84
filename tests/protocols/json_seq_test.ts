import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder } from "../../mod.ts";
import { jsonSeq } from "../../protocols.ts";
import { verifyFramer } from "../../testing.ts";
import {
  outcomeOf,
  sent,
  toBytes,
  verifyCases,
  verifyCodecError,
  verifySkipped,
} from "../support/protocols.ts";

test("jsonSeq() passes verification", () => {
  verifyFramer(jsonSeq().framer, [
    { frames: ['{"a":[1,"}"]}', "[]", '"a\\""'] },
    {
      frames: ["1\n", ' {"a"}', "[]", "2 "],
      bytes: ' \n\x1e1\n\x1e\x1e\n\x1e {"a"}\x1e[]\n\n\x1e2 \n\x1e',
    },
  ]);
});

test("jsonSeq() reads values, however they are cut", () => {
  verifyCases(jsonSeq(), [
    {
      messages: [{ d: "2014", n: 1 }, [2], "3"],
      bytes: '\x1e{"d":"2014","n":1}\n\x1e[2]\n\x1e"3"\n',
    },
    { messages: [1, null, true], bytes: "\x1e1\n\x1enull \x1e\ttrue\r\n" },
    { messages: [{ a: { b: [] } }], bytes: '\x1e{\n  "a": {\n "b": []\n}\n}\n' },
    { messages: [1], bytes: "\x1e\x1e\n\x1e \x1e1\n\x1e\n" },
    { messages: [], bytes: "" },
    { messages: [], bytes: "\x1e\n" },
    // A value that needs no white space after it is complete without it.
    { messages: [{}, [], "a"], bytes: '\x1e{}\x1e[]\x1e"a"' },
  ]);
});

test("jsonSeq() loses only a cut value", () => {
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
  verifyCases(
    jsonSeq(),
    cut.map((text) => ({
      messages: [1, { b: 2 }],
      bytes: `\x1e1\n\x1e${text}\x1e{"b":2}\n`,
      reports: ["CodecError"],
    })),
  );
  verifyCodecError(jsonSeq(), "\x1e12\x1e3\n", "value is cut", 3);
});

test("jsonSeq() reads a value as soon as it is complete", () => {
  const decoder = new FrameDecoder(jsonSeq());
  for (
    const [text, value] of [['\x1e{"a":1', undefined], ["}", { a: 1 }], ["\n\x1e1", undefined], [
      "\n",
      1,
    ]]
  ) {
    decoder.push(toBytes(text as string));
    assert.deepEqual(decoder.read(), value);
  }
  assert.equal(decoder.buffered, 0);
});

test("jsonSeq() discards and reports bytes without a record separator", () => {
  const reports: string[] = [];
  const decoder = new FrameDecoder(jsonSeq(), (error) => reports.push(error.message));
  decoder.push(toBytes('{"a":1}\n\x1e2\n 3 4\n\x1e{}}\n'));
  assert.deepEqual(decoder.readAll(), [2, {}]);
  decoder.end();
  assert.equal(decoder.read(), undefined);
  assert.deepEqual(
    reports,
    [0, 12, 19].map((offset) =>
      `Cannot read frame at offset ${offset}: value without record separator`
    ),
  );
  assert.deepEqual(outcomeOf(jsonSeq(), [toBytes("1\n\x1e2\n")]).reports, ["MalformedFrameError"]);
});

test("jsonSeq() reports values without a record separator once, however they are cut", () => {
  const reports = ["MalformedFrameError"];
  verifyCases(jsonSeq(), [{ messages: [5], bytes: "1 2\n{} 4 \x1e5\n", reports, written: false }]);
});

test("jsonSeq() does not count the separator toward the limit", () => {
  const protocol = { ...jsonSeq(), maxFrameLength: 3 };
  const bytes = '\x1e12\n\x1e"1"\x1e123\x1e{}';
  verifyCases(protocol, [
    { messages: [12, "1", {}], bytes, reports: ["CodecError"], written: false },
  ]);
});

test("jsonSeq() reports a stream that ends inside a value", () => {
  for (const end of ["{", '"', "1", "true", "[1,\n"]) {
    const { messages, error } = outcomeOf(jsonSeq(), [toBytes(`\x1e1\n\x1e${end}`)]);
    assert.deepEqual(messages, [1]);
    assert.equal((error as Error).name, "TruncatedFrameError");
  }
});

test("jsonSeq() skips a value over the limit", () => {
  const protocol = { ...jsonSeq(), maxFrameLength: 100 };
  verifySkipped(protocol, `\x1e1\n\x1e{"a":"${"b}".repeat(2000)}"}\n\x1e2\n`, [1, 2]);
  verifySkipped(protocol, `\x1e1\n\x1e{"a":"${"b}".repeat(2000)}\x1e2\n`, [1, 2]);
});

test("jsonSeq() writes a separator before each value and a line feed after it", () => {
  assert.equal(sent(jsonSeq(), [{ a: "€" }, 1]), '\x1e{"a":"€"}\n\x1e1\n');
});
