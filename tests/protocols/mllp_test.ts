import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder } from "../../mod.ts";
import { mllp } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { verifyRefused } from "../support/cases.ts";
import { within } from "../support/limits.ts";

const slow = within(60_000);

test("mllp() reads and writes messages", slow, async () => {
  await verifyProtocol(mllp(), [
    { messages: [bytes("MSH|^~\\&|\xe4\rPID|1\r"), bytes(""), bytes("a\x0bb\x1cc\r")] },
    { messages: [bytes("a"), bytes("b")], bytes: "\x0ba\x1c\r\x0bb\x1c\r" },
  ]);
  verifyRefused(mllp(), bytes("a\x1c\rb"), TypeError);
});

test("mllp() reports what is between messages, and reads on", () => {
  const reports: string[] = [];
  const decoder = new FrameDecoder(mllp(), ({ message }) => reports.push(message));
  decoder.push(bytes("\r\n\x0ba\x1c\r\n\x0bb\x1c\r"));
  assert.deepEqual([...decoder], [bytes("a"), bytes("b")]);
  assert.equal(reports.length, 2);
});
