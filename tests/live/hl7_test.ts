/** `mllp` with the server and the client of the packages for HL7. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { mllp } from "../../protocols.ts";
import { npmPeer } from "../support/npm_peer.ts";

const peer = npmPeer("hl7", "node-hl7-server@2.5.0");
const decoder = new TextDecoder();
const encoder = new TextEncoder();
const COUNT = 10;

/** Returns the first segment of a message. */
function header(type: string, id: string): string {
  return `MSH|^~\\&|A|B|C|D|20260101000000||${type}|${id}|P|2.7\r`;
}

for (const id of ["1", "€"]) {
  test(
    ...peer.needed(`mllp() gets node-hl7-server's acknowledgement of message ${id}`),
    async () => {
      const { connection, peer: server } = await peer.connected("acknowledge", mllp());
      const message = `${header("ADT^A01^ADT_A01", id)}NTE|1||${"x".repeat(100_000)}`;
      await connection.send(encoder.encode(`${message}\r`));
      assert.equal(await server.next(), message);
      const answer = decoder.decode(await connection.receive());
      assert.match(answer, /^MSH\|/);
      assert.ok(answer.includes(`\rMSA|AA|${id}`), answer);
      await connection.close();
      await server.ended;
    },
  );
}

test(...peer.needed("mllp() acknowledges messages of node-hl7-client"), async () => {
  const ids: string[] = [];
  const lines = await peer.served("send", mllp(), async (connection) => {
    for await (const message of connection) {
      const [, id] = /\|([^|]*)\|P\|/.exec(decoder.decode(message)) as unknown as [string, string];
      ids.push(id);
      await connection.send(encoder.encode(`${header("ACK", id)}MSA|AA|${id}\r`));
    }
  }, { count: COUNT });
  assert.deepEqual(lines, Array(COUNT).fill("AA"));
  assert.deepEqual(ids, Array.from({ length: COUNT }, (_, index) => `ID${index}`));
});
