import assert from "node:assert/strict";
import { test } from "node:test";
import { CodecError, FrameEncoder } from "../../mod.ts";
import { dap, type DapMessage } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { invalid } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

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
  return `Content-Length: ${new TextEncoder().encode(text).length}\r\n\r\n${text}`;
};
const next = { message: messages[0]!, bytes: bytes(headed(messages[0])) };

test("dap() reads and writes messages, however they are cut", bounded, async () => {
  await verifyProtocol(dap(), [
    { messages, bytes: messages.map(headed).join("") },
    {
      messages: [next.message],
      bytes: headed(null) + headed([]) + headed(next.message),
      invalid: [{ type: CodecError, offset: 0 }, { type: CodecError, offset: 25 }],
    },
  ]);
});

test("dap() refuses other JSON, received or sent", bounded, async () => {
  const encoder = new FrameEncoder(dap());
  const wrong: readonly unknown[] = [
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
  const message = "Invalid DAP message: expected a request, response or event";
  for (const one of wrong) {
    assert.throws(() => encoder.write(one as never), { name: "TypeError", message });
  }
  const frames = wrong.map((one) => bytes(headed(one)));
  await verifyProtocol(dap(), [...invalid(next, new RegExp(message), ...frames)]);
});
