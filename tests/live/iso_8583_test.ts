/** `iso8583` with `iso_8583`, which encodes and decodes messages. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { iso8583 } from "../../protocols.ts";
import { npmPeer } from "../support/npm_peer.ts";

const client = npmPeer("iso_8583", "iso_8583@2.6.7");

test(...client.needed("iso8583() exchanges messages with iso_8583"), async () => {
  const lengths: number[] = [];
  const lines = await client.served("work", iso8583(), async (connection) => {
    for await (const message of connection) {
      assert.equal(new TextDecoder().decode(message.data.subarray(0, 4)), "0800");
      lengths.push(message.data.length);
      await connection.send(message);
    }
  });
  const [{ 0: type, 70: code }] = lines as [Record<string, string>];
  assert.deepEqual([type, code], ["0800", "301"]);
  assert.deepEqual(lengths, Array(3).fill(lengths[0]));
});
