/** `bittorrent` with Transmission. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bittorrent } from "../../protocols.ts";
import { uint } from "../../src/protocols/integers.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { sleep } from "../support/limits.ts";
import { connected, folder, live } from "../support/live_server.ts";

const [UNCHOKE, INTERESTED, BITFIELD, REQUEST, PIECE] = [1, 2, 5, 6, 7];
const [PIECES, LENGTH, BLOCK] = [16, 65_536, 16_384];

function int(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [24, 16, 8, 0].map((bits) => value >>> bits)));
}

/** Connects and exchanges handshakes. Transmission listens before it knows the file, and then closes. */
async function opened() {
  const info = readFileSync(`${folder}/info`);
  const infoHash = new Uint8Array(createHash("sha1").update(info).digest());
  const peerId = bytes("-FW0001-012345678901");
  for (let count = 0; count < 100; count++) {
    const connection = await connected(bittorrent());
    await connection.send({ type: "handshake", reserved: new Uint8Array(8), infoHash, peerId });
    const handshake = await connection.receive().catch(() => undefined);
    if (handshake !== undefined) {
      assert.ok(handshake.type === "handshake");
      assert.deepEqual(handshake.infoHash, infoHash);
      assert.match(latin1(handshake.peerId), /^-TR/);
      return connection;
    }
    connection.abort();
    await sleep(200);
  }
  assert.fail("Transmission does not know the file");
}

test("bittorrent() gets a file from Transmission", live, async () => {
  const connection = await opened();
  await connection.send({ type: "message", id: INTERESTED!, payload: new Uint8Array() });
  const file = new Uint8Array(PIECES! * LENGTH!);
  let pending = PIECES! * LENGTH! / BLOCK!;
  let bitfield: Uint8Array | undefined;
  while (pending > 0) {
    const message = await connection.receive();
    assert.ok(message?.type !== "handshake");
    if (message?.type !== "message") continue;
    const { id, payload } = message;
    if (id === BITFIELD) bitfield = payload;
    if (id === UNCHOKE) {
      for (let piece = 0; piece < PIECES!; piece++) {
        for (let offset = 0; offset < LENGTH!; offset += BLOCK!) {
          const payload = int(piece, offset, BLOCK!);
          await connection.send({ type: "message", id: REQUEST!, payload });
        }
      }
    }
    if (id !== PIECE) continue;
    file.set(payload.subarray(8), uint(payload, 0, 4) * LENGTH! + uint(payload, 4, 4));
    pending--;
  }
  assert.deepEqual(bitfield, Uint8Array.of(0xff, 0xff));
  assert.deepEqual(file, new Uint8Array(readFileSync(`${folder}/data/file`)));
  await connection.close();
});
