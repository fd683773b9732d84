import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameTooLargeError, MalformedFrameError } from "../../mod.ts";
import { syslog } from "../../protocols.ts";
import { verifyFramer, verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { invalid, verifyRefused } from "../support/cases.ts";
import { bounded, within } from "../support/limits.ts";

const slow = within(60_000);
const example = "1 2003-10-11T22:14:15.003Z a.example.com su - ID47 - \ufeff'su root' failed";

test("syslog() reads messages after their length, and lines", slow, async () => {
  const messages = [
    { facility: 4, severity: 2, text: example },
    { facility: 0, severity: 0, text: "a\nb\n" },
    { facility: 23, severity: 7, text: "" },
    { facility: 1, severity: 5, text: "9 \ufffd" },
  ];
  await verifyProtocol(syslog(), [
    {
      messages,
      bytes: bytes(framed(`<34>${example}`) + "7 <0>a\nb\n<191>\r\n<13>9 \xff\n"),
      written: false,
      endsAnywhere: true,
    },
    { messages: [], bytes: "99999999 <", error: FrameTooLargeError },
    { messages: [], bytes: "12<34>a", error: MalformedFrameError },
    { messages: [], bytes: "1x", error: MalformedFrameError },
  ]);
  await verifyProtocol(syslog(), [{ messages: messages.slice(0, 3) }]);
  await verifyProtocol(syslog({ framing: "lines" }), [
    { messages: [messages[0]!, messages[2]!], endsAnywhere: true },
  ]);
  verifyFramer(syslog({ framing: "lines" }).framer, [{ frames: ["<1>a", "<2>", "", "x"] }]);
});

/** A message after its length, with a character for each byte. */
function framed(text: string): string {
  const encoded = new TextEncoder().encode(text);
  return `${encoded.length} ${Array.from(encoded, (byte) => String.fromCharCode(byte)).join("")}`;
}

test("syslog() reads a last line without its end", () => {
  const decoder = new FrameDecoder(syslog());
  decoder.push(bytes("<8>a"));
  assert.equal(decoder.read(), undefined);
  decoder.end();
  assert.deepEqual(decoder.read(), { facility: 1, severity: 0, text: "a" });
});

test("syslog() reports messages without a priority", bounded, async () => {
  const next = { message: { facility: 0, severity: 1, text: "b" }, bytes: bytes("<1>b\n") };
  const wrong = ["a\n", "\n", "<192>a\n", "<01>a\n", "<>a\n", "<1a\n", "2 ab", "0 <1>a\n"].map(
    bytes,
  );
  const cases = invalid(next, /no priority/, ...wrong);
  await verifyProtocol(syslog(), cases.map((one) => ({ ...one, endsAnywhere: true })));
  verifyRefused(syslog(), { facility: 24, severity: 0, text: "" }, RangeError);
  verifyRefused(syslog(), { facility: 0, severity: 8, text: "" }, RangeError);
  verifyRefused(
    syslog({ framing: "lines" }),
    { facility: 0, severity: 0, text: "\n<1>" },
    TypeError,
  );
  assert.throws(() => syslog({ framing: "nul" as "lines" }), RangeError);
});
