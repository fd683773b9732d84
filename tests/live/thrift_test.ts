/** `thrift` with the client and the server of Apache Thrift. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { thrift } from "../../protocols.ts";
import { bytes } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";

const peer = npmPeer("thrift", "thrift@0.24.0");
const [CALL, REPLY] = [1, 2] as const;
const LARGE = 5 * 2 ** 20;

function int(value: number): string {
  return String.fromCharCode(...[24, 16, 8, 0].map((bits) => value >>> bits & 0xff));
}

/** Encodes a message of `TBinaryProtocol` with one field, a text. */
function message(type: number, id: number, field: number, text: string): Uint8Array {
  const head = `\x80\x01\0${String.fromCharCode(type)}${int(4)}echo${int(id)}`;
  return bytes(`${head}\x0b\0${String.fromCharCode(field)}${int(text.length)}${text}\0`);
}

test(...peer.needed("thrift() calls a server of Thrift"), async () => {
  const { connection, peer: server } = await peer.connected("echo", thrift());
  const texts = Array.from({ length: 1000 }, (_, index) => `text ${index}`);
  texts.push("x".repeat(LARGE), "");
  const calling = (async () => {
    for (const [id, text] of texts.entries()) await connection.send(message(CALL, id, 1, text));
  })();
  for (const [id, text] of texts.entries()) {
    assert.deepEqual(await connection.receive(), message(REPLY, id, 0, text));
  }
  await calling;
  await connection.close();
  await server.ended;
});

test(...peer.needed("thrift() serves a client of Thrift"), async () => {
  const lines = await peer.served("work", thrift(), async (connection) => {
    for await (const request of connection) {
      const answer = request.slice();
      answer[3] = REPLY;
      // The number of the field, after version, name, sequence and type.
      const field = 4 + 4 + 4 + 4 + 2;
      assert.equal(answer[field], 1);
      answer[field] = 0;
      await connection.send(answer);
    }
  }, { length: LARGE });
  assert.deepEqual(lines, [1002]);
});
