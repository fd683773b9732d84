import assert from "node:assert/strict";
import { test } from "node:test";
import { CodecError, FrameEncoder, FrameTooLargeError } from "../../mod.ts";
import { jsonRpc, jsonRpcLines, type JsonRpcMessage } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { invalid, refusals } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

// JSON-RPC 2.0, section 7, "Examples".
const subtract: JsonRpcMessage = {
  jsonrpc: "2.0",
  method: "subtract",
  params: { subtrahend: 23, minuend: 42 },
  id: 3,
};
const examples: readonly JsonRpcMessage[] = [
  subtract,
  { jsonrpc: "2.0", result: 19, id: 3 },
  { jsonrpc: "2.0", method: "update", params: [1, 2, 3, 4, 5] },
  { jsonrpc: "2.0", error: { code: -32601, message: "Method not found" }, id: "1" },
  { jsonrpc: "2.0", error: { code: -32700, message: "Parse error", data: "€" }, id: null },
];
const ping: JsonRpcMessage = { jsonrpc: "2.0", id: 1, method: "ping" };
const PING = JSON.stringify(ping);
/** The same messages as they are sent without and with the version. */
const unversioned: readonly JsonRpcMessage[] = [
  { id: 1, method: "a\n€" },
  { id: "x", result: null },
  ping,
];
const versioned: readonly JsonRpcMessage[] = [
  { jsonrpc: "2.0", id: 1, method: "a\n€" },
  { jsonrpc: "2.0", id: "x", result: null },
  ping,
];

function lines(messages: readonly JsonRpcMessage[]): string {
  return messages.map((message) => `${JSON.stringify(message)}\n`).join("");
}

function headed(text: string): string {
  return `Content-Length: ${new TextEncoder().encode(text).length}\r\n\r\n${text}`;
}

test("jsonRpcLines() reads and writes messages, however they are cut", bounded, async () => {
  await verifyProtocol(jsonRpcLines(), [
    { messages: examples, bytes: lines(examples) },
    { messages: versioned, bytes: lines(versioned), written: unversioned },
    { messages: [ping], bytes: `\ufeff\n\r\n${PING}\r\n\n`, written: false },
    { messages: [], bytes: "\n\r\n" },
    { messages: [], bytes: "" },
    {
      messages: [{ jsonrpc: "2.0", id: null, result: null }, ping],
      bytes: `{"jsonrpc":"2.0","id":null,"result":null}\n${PING}\n`,
      written: false,
    },
  ]);
});

test(
  "jsonRpcLines() reports a line that is no message, and reads the next one",
  bounded,
  async () => {
    const next = { message: ping, bytes: bytes(`${PING}\n`) };
    const wrong: readonly (readonly [line: string, reason: RegExp])[] = [
      ["Listening", /Cannot decode frame of 9 bytes/],
      ["null", /Invalid JSON-RPC message: expected an object, not null/],
      ["true", /expected an object, not a boolean/],
      ["[]", /expected an object, not an Array/],
      ["{}", /expected a request, notification or response/],
      ['{"jsonrpc":"1.0","method":"a"}', /expected a request/],
      ['{"method":1}', /expected a request/],
      ['{"method":"a","id":{}}', /expected a request/],
      ['{"method":"a","id":true}', /expected a request/],
      ['{"method":null,"id":1}', /expected a request/],
      ['{"id":1}', /expected a request/],
      ['{"result":1}', /expected a request/],
      ['{"id":1,"error":null}', /expected a request/],
      ['{"id":1,"error":"failed"}', /expected a request/],
      ['{"id":1,"error":{"code":"1","message":"failed"}}', /expected a request/],
      ['{"method":"\xff"}', /Cannot decode frame/],
    ];
    await verifyProtocol(
      jsonRpcLines(),
      wrong.flatMap(([line, reason]) => invalid(next, reason, bytes(`${line}\n`))),
    );
  },
);

test("jsonRpcLines() skips a line over the limit", bounded, async () => {
  assert.equal(jsonRpcLines().maxFrameLength, 10 * 1024 * 1024);
  const long = `{"jsonrpc":"2.0","method":"${"a".repeat(200)}"}`;
  await verifyProtocol({ ...jsonRpcLines(), maxFrameLength: 50 }, [
    {
      messages: [ping, ping],
      bytes: `${PING}\n${long}\n${PING}\n`,
      invalid: [{ type: FrameTooLargeError, offset: PING.length + 1 }],
    },
  ]);
});

test("jsonRpcLines() refuses to write what is no message", () => {
  const encoder = new FrameEncoder(jsonRpcLines());
  for (const wrong of [null, 1, [ping], {}, { id: 1 }, { id: 1, method: 1 }]) {
    assert.throws(() => encoder.write(wrong as never), TypeError);
  }
  assert.equal(encoder.pending, 0);
});

test("jsonRpc() reads and writes messages, however they are cut", bounded, async () => {
  const stream = (messages: readonly JsonRpcMessage[]) =>
    messages.map((message) => headed(JSON.stringify(message))).join("");
  await verifyProtocol(jsonRpc(), [
    { messages: examples, bytes: stream(examples) },
    { messages: versioned, bytes: stream(versioned), written: unversioned },
    {
      messages: [ping, ping],
      bytes:
        `content-length: ${PING.length}\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8` +
        `\r\n\r\n${PING}\r\n${headed(PING)}`,
      written: false,
    },
    {
      messages: [ping],
      bytes: headed("null") + headed("Listening") + headed(PING) + headed(`[${PING}]`),
      invalid: [
        { type: CodecError, offset: 0 },
        { type: CodecError, offset: 25 },
        { type: CodecError, offset: 55 + headed(PING).length },
      ],
    },
  ]);
});

test(
  "jsonRpc() refuses log output at once, and skips a message over the limit",
  bounded,
  async () => {
    await verifyProtocol(jsonRpc(), [
      ...refusals(["Listening ", "Content-Length: 2abc", "Content-Length: -", "{"]),
    ]);
    const body = JSON.stringify({ method: "a".repeat(200) });
    await verifyProtocol({ ...jsonRpc(), maxFrameLength: 100 }, [
      {
        messages: [ping],
        bytes: headed(body) + headed(PING),
        invalid: [{ type: FrameTooLargeError, offset: 0 }],
      },
    ]);
  },
);
