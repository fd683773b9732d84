/** `rcon` with the client `rcon-client`: no package has a server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { rcon } from "../../protocols.ts";
import { npmPeer } from "../support/npm_peer.ts";

const client = npmPeer("rcon", "rcon-client@4.2.5");
const [RESPONSE, COMMAND, AUTHENTICATE] = [0, 2, 3];

test(...client.needed("rcon() serves rcon-client"), async () => {
  const encoder = new TextEncoder();
  const types = new Set<number>();
  const lines = await client.served("work", rcon(), async (connection) => {
    for await (const { id, type, body } of connection) {
      types.add(type);
      const text = new TextDecoder().decode(body);
      if (type === AUTHENTICATE) {
        const accepted = text === "secret €";
        const answer = { id: accepted ? id : -1, type: COMMAND!, body: new Uint8Array() };
        await connection.send(answer);
        continue;
      }
      const answer = encoder.encode(text === "long" ? "x".repeat(4096) : `${text}!`);
      await connection.send({ id, type: RESPONSE!, body: answer });
    }
  });
  assert.deepEqual(lines, [1002, 4096]);
  assert.deepEqual(types, new Set([AUTHENTICATE, COMMAND]));
});
