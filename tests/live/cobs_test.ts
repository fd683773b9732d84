/** `cobs` with the codec of the same name. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { cobs } from "../../protocols.ts";
import { npmPeer } from "../support/npm_peer.ts";

const client = npmPeer("cobs", "cobs@0.2.1");

test(...client.needed("cobs() returns 1,800 packets to cobs"), async () => {
  const lines = await client.served("work", cobs(), async (connection) => {
    for await (const packet of connection) await connection.send(packet);
  });
  assert.deepEqual(lines, [1800]);
});
