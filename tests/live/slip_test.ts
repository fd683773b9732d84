/** `slip` with the codec of the same name. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { slip } from "../../protocols.ts";
import { npmPeer } from "../support/npm_peer.ts";

const client = npmPeer("slip", "slip@1.0.2");

test(...client.needed("slip() returns 1,800 packets to slip"), async () => {
  const lines = await client.served("work", slip(), async (connection) => {
    for await (const packet of connection) await connection.send(packet);
  });
  assert.deepEqual(lines, [1800]);
});
