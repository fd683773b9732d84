import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameEncoder, MalformedFrameError } from "../../mod.ts";
import { jsonRpc, jsonRpcLines, type JsonRpcMessage } from "../../protocols.ts";
import { bytes } from "../support/bytes.ts";
import { failure } from "../support/framing.ts";
import {
  outcomeOf,
  sent,
  toBytes,
  verifyCases,
  verifyCodecError,
  verifySkipped,
} from "../support/protocols.ts";

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

test("jsonRpcLines() reads the messages of the specification, however they are cut", () => {
  verifyCases(jsonRpcLines(), [
    {
      messages: examples,
      bytes: examples.map((message) => JSON.stringify(message) + "\n").join(""),
    },
    { messages: [ping], bytes: `\ufeff\n\r\n${PING}\r\n\n` },
    { messages: [], bytes: "\n\r\n" },
    { messages: [], bytes: "" },
    {
      messages: [{ jsonrpc: "2.0", id: null, result: null }, ping],
      bytes: `{"jsonrpc":"2.0","id":null,"result":null}\n${PING}\n`,
    },
    {
      messages: [ping, subtract],
      bytes: `Listening on €\nnull\n${PING}\n[${PING}]\n1\n"a"\n \n{}\n${
        JSON.stringify(subtract)
      }\n`,
      reports: Array.from({ length: 7 }, () => "CodecError"),
    },
  ]);
});

test("jsonRpcLines() throws an error for a line that is no message, and reads the next one", () => {
  const next = `${PING}\n`;
  const invalid: readonly (readonly [line: string, reason: string])[] = [
    ["Listening", "Cannot decode frame of 9 bytes"],
    ["null", "Invalid JSON-RPC message: expected an object, not null"],
    ["true", "expected an object, not a boolean"],
    ["[]", "expected an object, not an Array"],
    ["{}", "expected a request, notification or response"],
    ['{"jsonrpc":"1.0","method":"a"}', "expected a request"],
    ['{"method":1}', "expected a request"],
    ['{"method":"a","id":{}}', "expected a request"],
    ['{"method":"a","id":true}', "expected a request"],
    ['{"method":null,"id":1}', "expected a request"],
    ['{"id":1}', "expected a request"],
    ['{"result":1}', "expected a request"],
    ['{"id":1,"error":null}', "expected a request"],
    ['{"id":1,"error":"failed"}', "expected a request"],
    ['{"id":1,"error":{"code":"1","message":"failed"}}', "expected a request"],
    ['{"method":"\xff"}', "Cannot decode frame"],
  ];
  for (const [line, reason] of invalid) {
    verifyCodecError(jsonRpcLines(), bytes(`${line}\n${next}`), reason, ping);
  }
});

test("jsonRpcLines() skips a line over the limit, and requires the last line end", () => {
  const protocol = { ...jsonRpcLines(), maxFrameLength: 1000 };
  const long = `{"jsonrpc":"2.0","method":"${"a".repeat(5000)}"}`;
  verifySkipped(protocol, `${PING}\n${long}\n${PING}\n`, [ping, ping]);
  assert.equal(jsonRpcLines().maxFrameLength, 10 * 1024 * 1024);
  const { messages, error } = outcomeOf(protocol, [toBytes(`${PING}\n${PING}`)]);
  assert.deepEqual(messages, [ping]);
  assert.equal((error as Error).name, "TruncatedFrameError");
});

test("jsonRpcLines() writes the version, and refuses what is no message", () => {
  assert.equal(
    sent(jsonRpcLines(), [{ id: 1, method: "a\nb" }, { id: "x", result: null }, ping]),
    `{"jsonrpc":"2.0","id":1,"method":"a\\nb"}\n{"jsonrpc":"2.0","id":"x","result":null}\n${PING}\n`,
  );
  const encoder = new FrameEncoder(jsonRpcLines());
  for (const wrong of [null, 1, [ping], {}, { id: 1 }, { id: 1, method: 1 }]) {
    assert.throws(() => encoder.write(wrong as never), TypeError);
  }
  assert.equal(encoder.pending, 0);
});

test("jsonRpc() reads the messages of the specification, however they are cut", () => {
  const headed = (text: string) => `Content-Length: ${toBytes(text).length}\r\n\r\n${text}`;
  verifyCases(jsonRpc(), [
    {
      messages: examples,
      bytes: examples.map((message) => headed(JSON.stringify(message))).join(""),
    },
    {
      messages: [ping, ping],
      bytes:
        `content-length: ${PING.length}\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8` +
        `\r\n\r\n${PING}\r\n${headed(PING)}`,
    },
    {
      messages: [ping],
      bytes: headed("null") + headed("Listening") + headed(PING) + headed(`[${PING}]`),
      reports: ["CodecError", "CodecError", "CodecError"],
    },
  ]);
  assert.equal(
    sent(jsonRpc(), [{ id: 1, method: "€" }]),
    headed('{"jsonrpc":"2.0","id":1,"method":"€"}'),
  );
});

test("jsonRpc() refuses log output at once, and skips a message over the limit", () => {
  for (const stream of ["Listening ", "Content-Length: 2abc", "Content-Length: -", "{"]) {
    const decoder = new FrameDecoder(jsonRpc());
    decoder.push(bytes(stream));
    assert.ok(failure(() => decoder.read()) instanceof MalformedFrameError);
  }
  const body = JSON.stringify({ method: "a".repeat(2000) });
  verifySkipped(
    { ...jsonRpc(), maxFrameLength: 1000 },
    `Content-Length: ${body.length}\r\n\r\n${body}Content-Length: ${PING.length}\r\n\r\n${PING}`,
    [ping],
  );
});
