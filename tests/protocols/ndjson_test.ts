import assert from "node:assert/strict";
import { test } from "node:test";
import { ndjson } from "../../protocols.ts";
import {
  outcomeOf,
  sent,
  toBytes,
  verifyCases,
  verifyCodecError,
  verifySkipped,
} from "../support/protocols.ts";

test("ndjson() reads values, however they are cut", () => {
  verifyCases(ndjson(), [
    // ndjson-spec 1.0.0, section 2, "Example NDJSON".
    {
      messages: [{ some: "thing" }, { foo: 17, bar: false, quux: true }, { may: { include: "€" } }],
      bytes: '{"some":"thing"}\n{"foo":17,"bar":false,"quux":true}\n{"may":{"include":"€"}}\n',
    },
    { messages: [1, null, "a\r\n", []], bytes: '\ufeff1\r\n\n\r\nnull\n"a\\r\\n"\n[]' },
    { messages: [1, 2], bytes: "1\n{\n\ufeff3\n2\n", reports: ["CodecError", "CodecError"] },
    { messages: [], bytes: "\ufeff\n" },
  ]);
});

test("ndjson() writes a line for each value", () => {
  assert.equal(sent(ndjson(), [{ a: "b\n€" }, 1, null]), '{"a":"b\\n€"}\n1\nnull\n');
});

test("ndjson() reads a last line without a line end, unless it is strict", () => {
  const stream = [toBytes("1\n2")];
  assert.deepEqual(outcomeOf(ndjson(), stream).messages, [1, 2]);
  const { messages, error } = outcomeOf(ndjson({ strict: true }), stream);
  assert.deepEqual(messages, [1]);
  assert.equal((error as Error).name, "TruncatedFrameError");
});

test("ndjson() skips a line that is too long, and goes on after one that is not JSON", () => {
  const protocol = { ...ndjson(), maxFrameLength: 100 };
  verifySkipped(protocol, `1\n"${"a".repeat(5000)}"\n2\n`, [1, 2]);
  verifyCodecError(ndjson(), " \n1\n", "Cannot decode frame of 1 byte", 1);
});
