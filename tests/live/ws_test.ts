/** `webSocket` and `webSocketFrames` after `http1`, with the server and the client of `ws`. */

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Connection } from "../../mod.ts";
import {
  http1,
  webSocket,
  type WebSocketFrame,
  webSocketFrames,
  type WebSocketMessage,
} from "../../protocols.ts";
import { bytes, numbered } from "../support/bytes.ts";
import type { LineProcess } from "../support/line_process.ts";
import { npmPeer } from "../support/npm_peer.ts";

const ws = npmPeer("ws", "ws@8.23.0");
/** Lengths around those at which the form of the length changes. */
const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 10 * 2 ** 20];

/** Connects to the server, and upgrades the connection. */
async function upgraded(extensions?: string): Promise<{
  readonly connection: Connection;
  readonly peer: LineProcess;
}> {
  const { connection, peer } = await ws.connected("echo", http1(), { compress: !!extensions });
  const key = randomBytes(16).toString("base64");
  await connection.send({
    method: "GET",
    target: "/",
    headers: [
      ["Host", "localhost"],
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
      ["Sec-WebSocket-Key", key],
      ["Sec-WebSocket-Version", "13"],
      ...(extensions ? [["Sec-WebSocket-Extensions", extensions] as const] : []),
    ],
  });
  const response = await connection.receive();
  assert.equal(response?.status, 101);
  const headers = new Map(response.headers);
  assert.equal(headers.get("Sec-WebSocket-Accept"), acceptOf(key));
  assert.equal(headers.get("Sec-WebSocket-Extensions"), extensions);
  return { connection: connection as unknown as Connection, peer };
}

/** Returns the server's answer to a client's key (RFC 6455, section 4.2.2). */
function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

async function close(connection: Connection<WebSocketMessage>, peer: LineProcess): Promise<void> {
  await connection.send({ type: "close", code: 4001, reason: "bye €" });
  assert.deepEqual(await connection.receive(), { type: "close", code: 4001, reason: "bye €" });
  assert.equal(await connection.receive(), undefined);
  await connection.close();
  assert.deepEqual(await peer.next(), { code: 4001, reason: "bye €" });
}

test(...ws.needed("webSocket() exchanges text, bytes and pings with ws"), async () => {
  const { connection: bare, peer } = await upgraded();
  const connection = bare.switchTo(webSocket());
  for (const length of lengths) {
    const data = numbered(length);
    await connection.send({ type: "binary", data });
    const message = await connection.receive();
    assert.ok(message?.type === "binary" && message.data.length === length);
    assert.ok(message.data.every((byte, index) => byte === data[index]));
  }
  const sending = (async () => {
    for (let index = 0; index < 1000; index++) {
      await connection.send({ type: "text", text: `message ${index} €` });
    }
  })();
  for (let index = 0; index < 1000; index++) {
    const text = `message ${index} €`;
    assert.deepEqual(await connection.receive(), { type: "text", text, controls: [] });
  }
  await sending;
  await connection.send({ type: "ping", data: bytes("alive") });
  assert.deepEqual(await connection.receive(), { type: "pong", data: bytes("alive") });
  await connection.send({ type: "text", text: "fragments" });
  assert.deepEqual(await connection.receive(), {
    type: "text",
    text: "fragments",
    controls: [{ type: "ping", data: bytes("between") }],
  });
  await close(connection, peer);
});

test(...ws.needed("webSocketFrames() sends fragments to ws"), async () => {
  const { connection: bare, peer } = await upgraded();
  const connection = bare.switchTo(webSocketFrames());
  await connection.send({ type: "text", final: false, data: bytes("Hel") });
  await connection.send({ type: "ping", data: bytes("between") });
  await connection.send({ type: "continuation", data: bytes("lo") });
  const frame = { final: true, compressed: false };
  const pong = { type: "pong", ...frame, data: bytes("between") };
  assert.deepEqual(await connection.receive(), pong);
  assert.deepEqual(await connection.receive(), { type: "text", ...frame, data: bytes("Hello") });
  await close(connection.switchTo(webSocket()), peer);
});

test(...ws.needed("webSocketFrames() exchanges compressed messages with ws"), async () => {
  const { connection: bare, peer } = await upgraded(
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
  );
  const connection = bare.switchTo(webSocketFrames());
  for (const length of lengths.slice(1)) {
    // The end of a block is left out (RFC 7692, section 7.2.1).
    const data = deflateRawSync(numbered(length), { finishFlush: 2 }).subarray(0, -4);
    await connection.send({ type: "binary", compressed: true, data });
    const frame = await connection.receive() as Required<WebSocketFrame>;
    assert.deepEqual([frame.type, frame.final, frame.compressed], ["binary", true, true]);
    const whole = Uint8Array.from([...frame.data, 0, 0, 0xff, 0xff]);
    const read = inflateRawSync(whole, { finishFlush: 2 });
    assert.ok(read.length === length && read.every((byte, index) => byte === index % 251));
  }
  await close(connection.switchTo(webSocket()), peer);
});

test(...ws.needed("webSocket() reads why ws closes a connection"), async () => {
  const { connection: bare } = await upgraded();
  const frames = bare.switchTo(webSocketFrames());
  await frames.send({ type: "text", data: Uint8Array.of(0xff) });
  const connection = frames.switchTo(webSocket());
  assert.deepEqual(await connection.receive(), { type: "close", code: 1007, reason: "" });
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});

test(...ws.needed("webSocket() serves the client of ws"), async () => {
  const lines = await ws.served("exchange", http1({ side: "server" }), async (connection) => {
    const request = await connection.receive();
    const headers = new Map(request!.headers);
    assert.deepEqual([request!.target, headers.get("Upgrade")], ["/path", "websocket"]);
    await connection.send({
      status: 101,
      headers: [
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
        ["Sec-WebSocket-Accept", acceptOf(headers.get("Sec-WebSocket-Key")!)],
        ["Sec-WebSocket-Protocol", "chat"],
      ],
    });
    const socket = connection.switchTo(webSocket({ side: "server" }));
    for await (const message of socket) {
      if (message.type === "text") {
        for (const { data } of message.controls!) await socket.send({ type: "pong", data });
      }
      await socket.send(message);
      if (message.type === "close") break;
    }
  }, { lengths });
  const end = { code: 4000, reason: "done €" };
  assert.deepEqual(lines, ["chat", "Hello €", "ping", end]);
});
