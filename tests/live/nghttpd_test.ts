/** `http2Frames` with nghttpd, and with the client of Node. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { http2Frames } from "../../protocols.ts";
import { latin1, numbered } from "../support/bytes.ts";
import {
  ACK,
  DATA,
  dataOf,
  END_HEADERS,
  END_STREAM,
  GOAWAY,
  greet,
  HEADERS,
  type Http2Connection,
  nextFrame,
  open,
  PING,
  SETTINGS,
} from "../support/http2.ts";
import { connected, live } from "../support/live_server.ts";
import { npmPeer } from "../support/npm_peer.ts";

const client = npmPeer("http2");
const authority = { ":scheme": "http", ":authority": "localhost" };

/** Connects, and exchanges settings. */
async function opened(): Promise<Http2Connection> {
  const connection = await connected(http2Frames());
  await connection.send({ type: "preface" });
  await greet(connection);
  const acknowledgement = await nextFrame(connection);
  assert.deepEqual([acknowledgement.type, acknowledgement.flags], [SETTINGS, ACK]);
  return connection;
}

test("http2Frames() gets files of nghttpd, one of them of 1 MiB", live, async () => {
  const connection = await opened();
  const request = { ":method": "GET", ...authority };
  await open(connection, 1, { ...request, ":path": "/index.html" }, END_HEADERS | END_STREAM);
  const { type, streamId, payload } = await nextFrame(connection);
  assert.deepEqual([type, streamId], [HEADERS, 1]);
  // The status 200 in the static table.
  assert.equal(payload[0], 0x88);
  assert.equal(latin1(await dataOf(connection, 1)), "hello\n");
  await open(connection, 3, { ...request, ":path": "/large" }, END_HEADERS | END_STREAM);
  const data = await dataOf(connection, 3);
  assert.equal(data.length, 2 ** 20);
  assert.ok(data.every((byte) => byte === 0x78));
  await connection.close();
});

test("http2Frames() uploads to nghttpd, which returns the body", live, async () => {
  const connection = await opened();
  const fields = { ":method": "POST", ...authority, ":path": "/echo" };
  const body = numbered(60_000);
  for (const streamId of [1, 3, 5]) {
    await open(connection, streamId, fields);
    for (let at = 0; at < body.length; at += 16_384) {
      const payload = body.subarray(at, at + 16_384);
      const flags = at + 16_384 >= body.length ? END_STREAM : 0;
      await connection.send({ type: DATA, flags, streamId, payload });
    }
    assert.deepEqual(await dataOf(connection, streamId), body);
  }
  await connection.close();
});

test("http2Frames() pings nghttpd, and reads why it goes away", live, async () => {
  const connection = await opened();
  await connection.send({ type: PING, payload: numbered(8) });
  assert.deepEqual(await nextFrame(connection), {
    type: PING,
    flags: ACK,
    streamId: 0,
    payload: numbered(8),
  });
  // Data has to belong to a stream.
  await connection.send({ type: DATA, payload: numbered(8) });
  const { type, payload } = await nextFrame(connection);
  assert.equal(type, GOAWAY);
  assert.deepEqual([...payload.subarray(0, 8)], [0, 0, 0, 0, 0, 0, 0, 1]);
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});

test(...client.needed("http2Frames() serves the client of Node"), async () => {
  const response = numbered(10_000);
  const lines = await client.served("post", http2Frames(), async (connection) => {
    assert.deepEqual(await connection.receive(), { type: "preface" });
    await greet(connection);
    let frame = await nextFrame(connection);
    while (frame.type !== HEADERS) frame = await nextFrame(connection);
    const { streamId } = frame;
    assert.equal((await dataOf(connection, streamId)).length, 2 ** 20);
    await open(connection, streamId, { ":status": "200" });
    await connection.send({ type: DATA, flags: END_STREAM, streamId, payload: response });
    assert.equal((await nextFrame(connection)).type, GOAWAY);
  }, { length: 2 ** 20 });
  assert.deepEqual(lines, [{ status: 200, received: 10_000, pinged: true }]);
});
