import assert from "node:assert/strict";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { connect } from "../../mod.ts";
import { type Http2Frame, http2Frames, type Http2Preface } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, hex } from "../support/bytes.ts";
import { fatal, type Golden, golden, hostile, read, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const none = new Uint8Array(0);
const cases: readonly Golden<Required<Http2Frame> | Http2Preface>[] = [
  { message: { type: "preface" }, bytes: bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") },
  {
    message: { type: 4, flags: 0, streamId: 0, payload: hex("00 03 00 00 00 64") },
    bytes: hex("00 00 06 04 00 00 00 00 00 00 03 00 00 00 64"),
  },
  {
    message: { type: 0, flags: 1, streamId: 2 ** 31 - 1, payload: none },
    bytes: hex("00 00 00 00 01 7f ff ff ff"),
  },
];

test("http2Frames() reads and writes the preface and frames", bounded, async () => {
  await verifyProtocol(http2Frames(), [
    golden(cases),
    {
      messages: [{ type: 4, flags: 0, streamId: 0, payload: none }],
      bytes: hex("00 00 00 04 00 00 00 00 00"),
      written: [{ type: 4, payload: none }],
    },
  ]);
});

test("http2Frames() ignores the reserved bit of a stream", bounded, async () => {
  await verifyProtocol(http2Frames(), [read({
    message: { type: 0, flags: 0, streamId: 1, payload: none },
    bytes: hex("00 00 00 00 00 80 00 00 01"),
  })]);
});

test(
  "http2Frames() refuses another preface, other protocols and long payloads",
  bounded,
  async () => {
    const wrong = bytes("PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n");
    await verifyProtocol(http2Frames(), [
      fatal(cases[1]!, wrong, /neither a frame nor the connection preface/),
      hostile(bytes("GET / HTTP/1.1\r\n")),
      hostile(bytes("POST / HTTP/1.1\r\n")),
      hostile(hex("00 40 01 00 00 00 00 00 01")),
    ]);
    verifyRefused(http2Frames(), { type: 0, streamId: 2 ** 31, payload: none }, RangeError);
  },
);

test("http2Frames() exchanges settings and a ping with a real server", bounded, async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const connection = await connect({ port, ...http2Frames() });
  void connection.send({ type: "preface" });
  void connection.send({ type: 4, payload: none });
  void connection.send({ type: 6, payload: bytes("framings") });
  const types: unknown[] = [];
  for await (const message of connection) {
    types.push(message.type);
    if (message.type !== 6) continue;
    assert.deepEqual([message.flags, message.payload], [1, bytes("framings")]);
    break;
  }
  assert.equal(types[0], 4);
  connection.abort();
  await new Promise((resolve) => server.close(resolve));
});
