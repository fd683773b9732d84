/** `docker` with the client `docker-modem`, which separates the outputs of a process. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { docker } from "../../protocols.ts";
import { bytes, numbered } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";

const client = npmPeer("docker_modem", "docker-modem@5.0.7");
const LARGE = 1_000_000;

test(...client.needed("docker() is demultiplexed by docker-modem"), async () => {
  const sent = { stdout: "", stderr: "" };
  const lines = await client.served("work", docker(), async (connection) => {
    for (let index = 0; index < 1000; index++) {
      const stream = index % 3 === 0 ? "stderr" : "stdout";
      sent[stream] += `${index}\n`;
      await connection.send({ stream, data: bytes(`${index}\n`) });
    }
    await connection.send({ stream: "stdout", data: numbered(LARGE) });
  }, { length: LARGE });
  assert.deepEqual(lines, [[sent.stdout, sent.stderr]]);
});
