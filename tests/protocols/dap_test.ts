import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameEncoder } from "../../mod.ts";
import { dap, type DapMessage } from "../../protocols.ts";
import { sent, toBytes, verifyCases, verifyCodecError } from "../support/protocols.ts";

// Debug Adapter Protocol, "Base Protocol" and "ProtocolMessage".
const messages: readonly DapMessage[] = [
  { seq: 153, type: "request", command: "next", arguments: { threadId: 3 } },
  { seq: 1, type: "response", request_seq: 153, success: true, command: "next" },
  {
    seq: 2,
    type: "response",
    request_seq: 154,
    success: false,
    command: "€",
    message: "cancelled",
    body: {},
  },
  { seq: 3, type: "event", event: "stopped", body: { reason: "step" } },
];
const headed = (value: unknown) => {
  const text = JSON.stringify(value);
  return `Content-Length: ${toBytes(text).length}\r\n\r\n${text}`;
};

test("dap() reads and writes messages, however they are cut", () => {
  const stream = messages.map(headed).join("");
  verifyCases(dap(), [
    { messages, bytes: stream },
    {
      messages: messages.slice(0, 1),
      bytes: headed(null) + headed([]) + headed(messages[0]),
      reports: ["CodecError", "CodecError"],
    },
  ]);
  assert.equal(sent(dap(), messages), stream);
});

test("dap() refuses other JSON, received or sent", () => {
  const next = messages[0]!;
  const encoder = new FrameEncoder(dap());
  const invalid: readonly unknown[] = [
    null,
    1,
    [],
    {},
    { seq: 1 },
    { seq: 1, type: "request" },
    { seq: 1, type: "event" },
    { seq: 1, type: "other", command: "a", event: "a" },
    { seq: "1", type: "event", event: "a" },
    { seq: 1, type: "response", command: "a", success: true },
    { seq: 1, type: "response", command: "a", request_seq: 1 },
  ];
  for (const wrong of invalid) {
    const reason = "Invalid DAP message: expected a request, response or event";
    verifyCodecError(dap(), headed(wrong) + headed(next), reason, next);
    assert.throws(() => encoder.write(wrong as never), { name: "TypeError", message: reason });
  }
});
