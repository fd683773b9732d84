/** `grpc` in `http2Frames`, with the client and the server of `@grpc/grpc-js`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { FrameDecoder, FrameEncoder } from "../../mod.ts";
import { grpc, type GrpcMessage, http2Frames } from "../../protocols.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, chunksOf, latin1 } from "../support/bytes.ts";
import {
  DATA,
  dataOf,
  END_HEADERS,
  END_STREAM,
  greet,
  HEADERS,
  type Http2Connection,
  nextFrame,
  open,
} from "../support/http2.ts";
import { npmPeer } from "../support/npm_peer.ts";

const peer = npmPeer("grpc", "@grpc/grpc-js@1.14.7");
const COUNT = 1000;

/** Sends messages, cut into frames that do not care about them. */
async function send(
  connection: Http2Connection,
  streamId: number,
  messages: readonly GrpcMessage[],
  last: number,
): Promise<void> {
  const encoder = new FrameEncoder(grpc());
  for (const message of messages) encoder.write(message);
  const chunks = chunksOf(concat(encoder.drain()), 1000);
  for (const [index, payload] of chunks.entries()) {
    const flags = index === chunks.length - 1 ? last : 0;
    await connection.send({ type: DATA, flags, streamId, payload });
  }
}

function messagesIn(data: Uint8Array): GrpcMessage[] {
  const decoder = new FrameDecoder(grpc());
  for (const chunk of chunksOf(data, 10_000)) decoder.push(chunk);
  decoder.end();
  return decoder.readAll();
}

async function call(messages: readonly GrpcMessage[]): Promise<GrpcMessage[]> {
  const { connection } = await peer.connected("echo", http2Frames());
  await connection.send({ type: "preface" });
  await greet(connection);
  await open(connection, 1, {
    ":method": "POST",
    ":scheme": "http",
    ":path": "/echo.Echo/Call",
    ":authority": "localhost",
    "content-type": "application/grpc",
    "grpc-encoding": "gzip",
    te: "trailers",
  });
  await send(connection, 1, messages, END_STREAM);
  const answers = messagesIn(await dataOf(connection, 1));
  await connection.close();
  return answers;
}

test(...peer.needed("grpc() calls a server of grpc-js"), async () => {
  const messages = Array.from(
    { length: COUNT },
    (_, index) => ({ compressed: false, data: bytes(`message ${index}`) }),
  );
  const answers = await call([...messages, { data: bytes("large") }]);
  const large = answers.pop()!.data;
  assert.deepEqual(answers, messages);
  assert.equal(large.length, 3 * 2 ** 20);
  assert.ok(large.every((byte, index) => byte === index % 251));
});

test(...peer.needed("grpc() sends a compressed message to grpc-js"), async () => {
  const data = new Uint8Array(gzipSync("compressed"));
  const answers = await call([{ compressed: true, data }]);
  assert.deepEqual(answers, [{ compressed: false, data: bytes("compressed") }]);
});

for (const compress of [false, true]) {
  const how = compress ? ", compressed" : "";
  test(...peer.needed(`grpc() serves a client of grpc-js${how}`), async () => {
    const lines = await peer.served("call", http2Frames(), async (connection) => {
      assert.deepEqual(await connection.receive(), { type: "preface" });
      await greet(connection);
      let frame = await nextFrame(connection);
      while (frame.type !== HEADERS) frame = await nextFrame(connection);
      const { streamId } = frame;
      const messages = messagesIn(await dataOf(connection, streamId));
      assert.ok(messages.every(({ compressed }) => compressed === compress));
      const { data } = messages.at(-1)!;
      assert.equal(latin1(compress ? gunzipSync(data) : data), `message ${COUNT - 1}`);
      await open(connection, streamId, {
        ":status": "200",
        "content-type": "application/grpc",
        "grpc-encoding": compress ? "gzip" : "identity",
      });
      await send(connection, streamId, messages, 0);
      const trailers = { "grpc-status": "0", "grpc-message": "well done" };
      await open(connection, streamId, trailers, END_HEADERS | END_STREAM);
      while (await connection.receive() !== undefined);
    }, { count: COUNT, compress });
    assert.deepEqual(lines, [{ code: 0, details: "well done" }]);
  });
}
