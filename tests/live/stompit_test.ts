/** `stomp` with the client `stompit`, which sends texts without their lengths. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { stomp } from "../../protocols.ts";
import { npmPeer } from "../support/npm_peer.ts";

const client = npmPeer("stompit", "stompit@1.0.0");
const COUNT = 500;

test(...client.needed("stomp() serves stompit"), async () => {
  let lengths = 0;
  const lines = await client.served("work", stomp(), async (connection) => {
    const send = (
      command: string,
      headers: Record<string, string>,
      body: Uint8Array = new Uint8Array(),
    ) => connection.send({ command, headers: new Map(Object.entries(headers)), body });
    let heartbeats = 0;
    let subscription = "";
    for await (const frame of connection) {
      if (frame === "heartbeat") {
        heartbeats++;
        continue;
      }
      const { command, headers, body } = frame;
      const receipt = headers.get("receipt");
      if (command === "CONNECT") {
        await send("CONNECTED", { version: "1.2", "heart-beat": "0,0" });
      } else if (command === "SUBSCRIBE") {
        subscription = headers.get("id")!;
      } else if (command === "SEND") {
        if (headers.has("content-length")) lengths++;
        const text = headers.get("text")!;
        const destination = headers.get("destination")!;
        await send("MESSAGE", { destination, subscription, text, "message-id": "1" }, body);
        await connection.send("heartbeat");
      }
      if (receipt !== undefined) await send("RECEIPT", { "receipt-id": receipt });
    }
    // A line end follows each frame.
    assert.ok(heartbeats >= COUNT, `${heartbeats}`);
  }, { count: COUNT });
  assert.deepEqual(lines, [COUNT]);
  assert.equal(lengths, 1);
});
