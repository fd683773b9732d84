import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "../../mod.ts";
import { child, runsOn } from "../support/child.ts";
import { textLines } from "../support/connections.ts";
import { bounded, sleep } from "../support/limits.ts";
import { pythonClient, type PythonPeer, pythonServer } from "../support/python.ts";
import { identity, trusting } from "../support/tls.ts";
import { withTls } from "../support/python_tls.ts";
import { unless } from "../support/unless.ts";

/** Timeout in milliseconds, far longer than any test. */
const LONG = 600_000;

/** A peer that neither sends nor reads. */
const SILENT = `
  wait()
  done(True)
`;

/** A peer that sends the beginning of a message and nothing more. */
const BEGINS = `
  conn.sendall(b"\\x00\\x00\\x00\\x0ahel")
  wait()
  done(True)
`;

/** A peer that reads everything and does not close. */
const READS = `
  to_end(conn)
  wait()
  done(True)
`;

/** Pending calls, each with the timeout that is running meanwhile. */
const waits: readonly (readonly [timeout: string, wait: string, body: string])[] = [
  ["idleTimeout", "receive", SILENT],
  ["idleTimeout", "iterate", SILENT],
  ["idleTimeout", "visit", SILENT],
  ["idleTimeout", "readable", SILENT],
  ["frameTimeout", "receive", BEGINS],
  ["sendTimeout", "send", SILENT],
  ["sendTimeout", "closeWrite", SILENT],
  ["sendTimeout", "close", SILENT],
  ["closeTimeout", "close", SILENT],
  ["closeTimeout", "linger", READS],
  ["handshakeTimeout", "startTls", SILENT],
];

for (const [timeout, wait, body] of waits) {
  // Deno 2.9 and Node 26 keep the process running during a pending write, even after unref().
  const skip = !runsOn("bun") && ["send", "closeWrite", "close"].includes(wait);
  for (const unref of ["before", "during"]) {
    test(
      ...unless(
        skip ? "this runtime waits for the write" : undefined,
        `Connection.unref() ${unref} ${wait} lets the process exit while ${timeout} is running`,
      ),
      async () => {
        const peer = await pythonServer(body);
        const options = { port: peer.port, wait, unref, [timeout]: LONG };
        const process = child("unref_peer connection", options);
        assert.deepEqual(await process.ended, ["waiting"]);
        peer.kill();
      },
    );
  }
}

test(
  "Connection.unref() over TLS lets the process exit while every timeout is running",
  bounded,
  async () => {
    const peer = await pythonServer(withTls(`conn = tls_server(conn)\nwait()\ndone(True)`));
    const timeouts = { idleTimeout: LONG, frameTimeout: LONG, sendTimeout: LONG };
    const options = { port: peer.port, tls: trusting, wait: "receive", unref: "during" };
    const process = child("unref_peer connection", { ...options, ...timeouts });
    assert.deepEqual(await process.ended, ["waiting"]);
    peer.kill();
  },
);

test(
  "Connection.ref() after unref() keeps the process running until a timeout expires",
  bounded,
  async () => {
    const peer = await pythonServer(SILENT);
    const options = { port: peer.port, wait: "receive", unref: "undone", idleTimeout: 700 };
    const process = child("unref_peer connection", options);
    assert.deepEqual(await process.ended, ["waiting", "idleTimeout"]);
    peer.kill();
  },
);

test(
  "Connection.ref() after unref() keeps the process running until the peer replies",
  bounded,
  async () => {
    const peer = await pythonServer(`
      wait()
      conn.sendall(b"\\x00\\x00\\x00\\x02hi")
      done(until_gone(conn))
    `);
    const options = { port: peer.port, wait: "receive", unref: "undone", idleTimeout: LONG };
    const process = child("unref_peer connection", options);
    assert.equal(await process.next(), "waiting");
    await sleep(500);
    peer.go();
    assert.equal(await process.next(), "settled");
    process.kill();
    await peer.result;
  },
);

for (const [timeout, body] of [["idleTimeout", SILENT], ["frameTimeout", BEGINS]] as const) {
  test(
    `Connection.unref() does not stop ${timeout} while something else keeps the process running`,
    bounded,
    async () => {
      const peer = await pythonServer(body);
      const process = child("unref_peer busy", { port: peer.port, [timeout]: 200 });
      assert.deepEqual(await process.ended, [timeout]);
      peer.kill();
    },
  );
}

/** Options of servers, each with the clients that are connected when `unref` is called. */
const servers: Record<string, { readonly options: object; readonly clients: readonly string[] }> = {
  "with default timeouts": { options: {}, clients: [SILENT, READS, BEGINS] },
  "with an idleTimeout": { options: { idleTimeout: LONG }, clients: [SILENT] },
  "with pending TLS handshakes": {
    options: { tls: identity, handshakeTimeout: LONG },
    clients: [SILENT, BEGINS],
  },
  "with a TLS client": {
    options: { tls: identity, idleTimeout: LONG },
    clients: [withTls(`conn = tls_client(conn)\nwait()\ndone(True)`)],
  },
};

for (const [name, { options, clients }] of Object.entries(servers)) {
  test(`Server.unref() of a server ${name} lets the process exit`, bounded, async () => {
    const served = clients.filter((body) => !("tls" in options) || body.includes("tls_client"));
    const process = child("unref_peer server", { ...options, peers: served.length });
    const { port } = await process.next() as { readonly port: number };
    const peers: PythonPeer[] = [];
    for (const body of clients) peers.push(await pythonClient(port, body));
    process.go();
    const [, ...lines] = await process.ended;
    assert.deepEqual(lines, ["waiting"]);
    for (const peer of peers) peer.kill();
  });
}

for (const [name, options] of [["TCP", {}], ["TLS", { tls: identity }]] as const) {
  test(`Listener.unref() over ${name} lets the process exit`, bounded, async () => {
    const process = child("unref_peer listener", options);
    assert.deepEqual(await process.ended, ["waiting"]);
  });
}

for (
  const [name, tls, options] of [
    ["over TCP", undefined, {}],
    ["over TLS", identity, {}],
    ["over TLS, more than maxHandshakes", identity, { maxHandshakes: 1 }],
  ] as const
) {
  test(
    `Listener.unref() lets the process exit with connections not accepted, ${name}`,
    bounded,
    async () => {
      const process = child("unref_peer queued", { tls, ...options });
      const { port } = await process.next() as { readonly port: number };
      const clients = [await connect({ port, ...textLines, ...tls && { tls: trusting } })];
      for (let count = 0; count < 2; count++) clients.push(await connect({ port, ...textLines }));
      process.go();
      assert.equal(await process.next(), "waiting");
      await process.ended;
      for (const client of clients) client.abort();
    },
  );
}
