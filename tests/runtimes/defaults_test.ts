import assert from "node:assert/strict";
import { test } from "node:test";
import { child } from "../support/child.ts";
import { bounded } from "../support/limits.ts";
import type { LineProcess } from "../support/line_process.ts";
import { pythonServer } from "../support/python.ts";
import { slowClient, slowServers, whole } from "../support/slow_peers.ts";
import { identity } from "../support/tls.ts";

// The clock of the child processes in these tests runs 60 times as fast.

/** Begins a message, waits for longer than every default timeout, and finishes it. */
const BEGINS = `
  conn.sendall(b"\\x00\\x00\\x00\\x02h")
  try:
      sleep(1.2)
      conn.sendall(b"i")
      done(exactly(conn, 6)[4:].decode())
  except (OSError, RuntimeError):
      done("")
`;

/** Requests data, and does not read it. */
const READS_NOTHING = `
  conn.sendall(b"\\x00\\x00\\x00\\x01x")
  sleep(2)
  gone(conn)
  done(True)
`;

const SILENT = `
  gone(conn)
  done(True)
`;

async function startServer(options: object): Promise<[LineProcess, number]> {
  const process = child("fast_clock serve", options);
  const { port } = await process.next() as { readonly port: number };
  return [process, port];
}

const limits = [
  ["frameTimeout", 30_000, BEGINS, {}],
  ["sendTimeout", 60_000, READS_NOTHING, {}],
  ["handshakeTimeout", 10_000, SILENT, { tls: identity }],
] as const;

for (const [timeout, limit, body, options] of limits) {
  test(`serve() has a ${timeout} of ${limit / 1000} s by default`, bounded, async () => {
    const [server, port] = await startServer(options);
    const client = await slowClient(port, body);
    const error = await server.next() as { readonly timeout: string; readonly message: string };
    assert.equal(error.timeout, timeout);
    assert.match(error.message, new RegExp(`${timeout} of ${limit} ms`));
    server.kill();
    await client.result;
  });
}

test(
  "serve() lets a client finish a message late if frameTimeout is Infinity",
  bounded,
  async () => {
    // `null` stands for Infinity, which JSON lacks.
    const [server, port] = await startServer({ frameTimeout: null });
    const client = await slowClient(port, BEGINS);
    assert.equal(await client.result, "hi");
    server.kill();
  },
);

test("serve() has no idleTimeout by default", bounded, async () => {
  const [server, port] = await startServer({});
  const client = await slowClient(
    port,
    `
    sleep(1.2)
    conn.sendall(b"\\x00\\x00\\x00\\x02hi")
    sleep(1.2)
    done(exactly(conn, 6)[4:].decode())
    `,
  );
  assert.equal(await client.result, "hi");
  server.kill();
});

test(
  "Connection.close() delivers a large frame to a peer that reads for longer than every default",
  bounded,
  async () => {
    const size = 4 << 20;
    const peer = await slowServers.TCP(`done(steadily(conn, 3_000_000))`);
    const process = child("fast_clock upload", { ...peer.where, size });
    assert.deepEqual(await peer.result, whole(size));
    assert.deepEqual(await process.ended, ["local"]);
  },
);

test(
  "Connection.close() does not wait forever for a peer that continues to send",
  bounded,
  async () => {
    const peer = await pythonServer(`
      to_end(conn)
      try:
          while True:
              conn.sendall(b"x")
              time.sleep(0.02)
      except OSError:
          done(True)
    `);
    const process = child("fast_clock close", { port: peer.port });
    assert.deepEqual(await process.ended, ["local"]);
    assert.equal(await peer.result, true);
  },
);
