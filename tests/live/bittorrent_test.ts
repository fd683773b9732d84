/** `bittorrent` with a peer of `bittorrent-protocol`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { bittorrent, type BittorrentFrame } from "../../protocols.ts";
import { uint } from "../../src/protocols/integers.ts";
import { bytes, hex, numbered } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";

const wire = npmPeer("bittorrent", "bittorrent-protocol@5.0.9");
const [UNCHOKE, INTERESTED, HAVE, BITFIELD, REQUEST, PIECE, CANCEL] = [1, 2, 4, 5, 6, 7, 8];
const COUNT = 500;
const BLOCK = 16_384;

function int(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [24, 16, 8, 0].map((bits) => value >>> bits)));
}

function send(
  connection: Connection<BittorrentFrame>,
  id: number,
  payload: Uint8Array = new Uint8Array(),
): Promise<void> {
  return connection.send({ type: "message", id, payload });
}

/** Returns the payload of the next message, which has to be of this kind. */
async function expect(connection: Connection<BittorrentFrame>, id: number): Promise<Uint8Array> {
  const message = await connection.receive();
  assert.ok(message?.type === "message");
  assert.equal(message.id, id);
  return message.payload;
}

/** Exchanges handshakes. */
async function greet(connection: Connection<BittorrentFrame>): Promise<void> {
  const infoHash = hex("01 23 45 67 89 ab cd ef 01 23 45 67 89 ab cd ef 01 23 45 67");
  const reserved = new Uint8Array(8);
  const peerId = bytes("-FW0001-012345678901");
  await connection.send({ type: "handshake", reserved, infoHash, peerId });
  const answer = await connection.receive();
  assert.ok(answer?.type === "handshake");
  assert.deepEqual(answer.infoHash, infoHash);
  assert.deepEqual(answer.peerId, bytes("-FW0002-123456789012"));
}

test(...wire.needed("bittorrent() gets pieces"), async () => {
  const { connection, peer } = await wire.connected("seed", bittorrent());
  await greet(connection);
  assert.deepEqual(await expect(connection, BITFIELD!), new Uint8Array(128).fill(0xff));
  await send(connection, INTERESTED!);
  await expect(connection, UNCHOKE!);
  const requesting = (async () => {
    for (let piece = 0; piece < COUNT; piece++) {
      await send(connection, REQUEST!, int(piece, 0, BLOCK));
    }
  })();
  for (let piece = 0; piece < COUNT; piece++) {
    const payload = await expect(connection, PIECE!);
    assert.deepEqual([uint(payload, 0, 4), uint(payload, 4, 4)], [piece, 0]);
    assert.deepEqual(payload.subarray(8), numbered(BLOCK));
  }
  await requesting;
  await connection.send({ type: "keepAlive" });
  await send(connection, HAVE!, int(7));
  await send(connection, REQUEST!, int(1000, 0, BLOCK));
  await send(connection, CANCEL!, int(1000, 0, BLOCK));
  assert.deepEqual(await peer.next(), "keepAlive");
  assert.deepEqual(await peer.next(), { have: 7 });
  assert.deepEqual(await peer.next(), { cancel: [1000, 0, BLOCK] });
  await connection.close();
});

test(...wire.needed("bittorrent() sends pieces"), async () => {
  const role = { count: COUNT, length: BLOCK };
  const { connection, peer } = await wire.connected("leech", bittorrent(), role);
  await greet(connection);
  await send(connection, BITFIELD!, new Uint8Array(COUNT / 8).fill(0xff));
  await expect(connection, INTERESTED!);
  await send(connection, UNCHOKE!);
  const whole = numbered(2 * BLOCK);
  for (let piece = 0; piece < COUNT; piece++) {
    const payload = await expect(connection, REQUEST!);
    assert.deepEqual(payload, int(piece, BLOCK, BLOCK));
    const data = Uint8Array.of(...payload.subarray(0, 8), ...whole.subarray(BLOCK));
    await send(connection, PIECE!, data);
  }
  assert.equal(await peer.next(), "whole");
  await connection.close();
});
