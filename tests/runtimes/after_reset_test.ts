import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { connect, fixed, lengthPrefixed, uint32 } from "../../mod.ts";
import { failureOf } from "../support/connections.ts";
import { bounded, sleep } from "../support/limits.ts";
import { pattern, pythonServer } from "../support/python.ts";

test(
  "Connection.receive() rejects with a reset that a write has encountered first",
  bounded,
  async () => {
    const peer = await pythonServer(`
    exactly(conn, 1)
    reset(conn)
    done(True)
  `);
    const connection = await connect({ port: peer.port, framer: fixed(1024) });
    void connection.send(new Uint8Array(1024));
    await peer.result;
    let failed = false;
    while (!failed) {
      await connection.send(new Uint8Array(1024)).catch(() => failed = true);
      await connection.flush().catch(() => failed = true);
      await sleep(1);
    }
    // The system reports a reset once: Deno's next read reports the end.
    for (let count = 0; count < 3; count++) {
      assert.equal((await failureOf(connection.receive())).code, "reset");
    }
    assert.equal(await connection.closed, "reset");
  },
);

test("Connection.abort() after detach() loses nothing that was sent before", bounded, async () => {
  const peer = await pythonServer(`
    wait()
    data = to_end(conn)
    done([len(data), hashlib.sha1(data).hexdigest()])
  `);
  const protocol = { framer: lengthPrefixed(uint32), maxFrameLength: Infinity };
  const connection = await connect({ port: peer.port, ...protocol });
  const payload = pattern(16 << 20);
  connection.send(payload).catch(() => {});
  const transport = connection.detach();
  connection.abort();
  const closing = transport.closeWrite();
  peer.go();
  await closing;
  transport.close();
  const hash = createHash("sha1").update(Uint8Array.of(1, 0, 0, 0)).update(payload).digest("hex");
  assert.deepEqual(await peer.result, [payload.length + 4, hash]);
});
