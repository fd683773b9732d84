/** `tpkt` with the client `iso-on-tcp`: no package has a server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { tpkt } from "../../protocols.ts";
import { npmPeer } from "../support/npm_peer.ts";

const client = npmPeer("iso_on_tcp", "iso-on-tcp@0.1.0");
const [DISCONNECT_REQUEST, CONNECT_CONFIRM, CONNECT_REQUEST] = [0x80, 0xd0, 0xe0] as const;
const COUNT = 1000;

test(...client.needed("tpkt() exchanges 1,000 packets with iso-on-tcp"), async () => {
  const lines = await client.served("work", tpkt(), async (connection) => {
    for await (const tpdu of connection) {
      const type = tpdu[1];
      if (type === DISCONNECT_REQUEST) break;
      const answer = tpdu.slice();
      // The client's reference becomes the destination.
      if (type === CONNECT_REQUEST) answer.set([CONNECT_CONFIRM, tpdu[4]!, tpdu[5]!, 0, 1], 1);
      await connection.send(answer);
    }
  }, { count: COUNT });
  assert.deepEqual(lines, [COUNT]);
});
