import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { connect, type Connection, ConnectionError, listen } from "../../mod.ts";
import { child } from "../support/child.ts";
import { textLines } from "../support/connections.ts";
import { bounded, scaled, sleep } from "../support/limits.ts";
import { python, pythonClient, type PythonPeer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { failureOf, identity, Refusals, trusting } from "../support/tls.ts";

/**
 * Connects and resets many times while this process is blocked, so that each connection is gone before it
 * is accepted.
 */
function connectAndReset(port: number, times: number): void {
  const script = `
import socket, struct
for _ in range(${times}):
    conn = socket.create_connection(("127.0.0.1", ${port}), ${scaled(20)})
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    conn.close()
`;
  execFileSync(python, ["-c", script]);
}

/** Connects peers that send nothing, and keeps them open. */
function silentPeers(port: number, count: number): Promise<PythonPeer> {
  return pythonClient(
    port,
    `
    peers = [conn] + [socket.create_connection(("127.0.0.1", PORT), scaled(20)) for _ in range(${
      count - 1
    })]
    say("connected")
    wait()
    done(True)
    `,
  );
}

/** Sends a line, and expects it back. */
async function expectEcho(connection: Connection<string>, line: string): Promise<void> {
  await connection.send(line);
  assert.equal(await connection.receive(), line);
  await connection.close();
}

async function echo(connection: Connection<string>): Promise<void> {
  for await (const line of connection) await connection.send(line);
  await connection.close();
}

test(
  "Listener.accept() skips peers that reset before they are accepted",
  bounded,
  async () => {
    const listener = await listen(textLines);
    connectAndReset(listener.address.port, 50);
    const client = connect({ ...listener.address, ...textLines });
    // Some runtimes return connections that are already gone, but none rejects.
    const serving = (async () => {
      for await (const connection of listener) void echo(connection).catch(() => {});
    })();
    await expectEcho(await client, "hello");
    listener.close();
    await serving;
  },
);

test("Listener.accept() with TLS does not pause for peers that reset", bounded, async () => {
  const errors: unknown[] = [];
  const onHandshakeError = (error: unknown) => void errors.push(error);
  const listener = await listen({ ...textLines, tls: identity, onHandshakeError });
  // Pausing for 100 ms after each would take 30 s.
  connectAndReset(listener.address.port, 300);
  const client = connect({ ...listener.address, ...textLines, tls: trusting });
  const server = await listener.accept();
  void echo(server!);
  await expectEcho(await client, "hello");
  listener.close();
  for (const error of errors) {
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.match(error.message, /^Cannot start TLS: /);
  }
});

test("listen() with TLS serves an honest client despite 300 silent peers", bounded, async () => {
  const refusals = new Refusals();
  const { onHandshakeError } = refusals;
  const listener = await listen({
    ...textLines,
    tls: identity,
    handshakeTimeout: Infinity,
    onHandshakeError,
  });
  const crowd = await silentPeers(listener.address.port, 300);
  await crowd.said();
  const client = connect({ ...listener.address, ...textLines, tls: trusting });
  const server = await listener.accept();
  void echo(server!);
  await expectEcho(await client, "hello");
  const error = await refusals.next();
  assert.equal(error.code, "aborted");
  assert.match(error.message, /maxHandshakes is 256/);
  listener.close();
  crowd.go();
  await crowd.result;
});

test("listen() with TLS drops the oldest silent handshake first", bounded, async () => {
  const listener = await listen({
    ...textLines,
    tls: identity,
    handshakeTimeout: Infinity,
    maxHandshakes: 3,
  });
  const accepting = listener.accept();
  const peer = await pythonClient(
    listener.address.port,
    withTls(`
    # The beginning of a record that never ends.
    conn.sendall(b"\\x16\\x03\\x01")
    sleep(0.3)
    silent = [socket.create_connection(("127.0.0.1", PORT), scaled(20)) for _ in range(2)]
    sleep(0.3)
    honest = tls_client(socket.create_connection(("127.0.0.1", PORT), scaled(20)))
    honest.sendall(b"hello\\n")
    reply = exactly(honest, 6).decode()
    gone = select.select([conn] + silent, [], [], scaled(0.5))[0]
    done([reply, [one in gone for one in [conn] + silent]])
    `),
  );
  // Not awaited, so that an error of the peer is reported instead of a timeout.
  accepting.then((connection) => echo(connection!)).catch(() => {});
  assert.deepEqual(await peer.result, ["hello\n", [false, true, false]]);
  listener.close();
});

test("listen() with TLS drops the oldest handshake when none is silent", bounded, async () => {
  const listener = await listen({
    ...textLines,
    tls: identity,
    handshakeTimeout: Infinity,
    maxHandshakes: 2,
  });
  const accepting = listener.accept();
  const peer = await pythonClient(
    listener.address.port,
    withTls(`
    slow = [conn, socket.create_connection(("127.0.0.1", PORT), scaled(20))]
    for one in slow:
        one.sendall(b"\\x16\\x03\\x01")
        sleep(0.2)
    honest = tls_client(socket.create_connection(("127.0.0.1", PORT), scaled(20)))
    honest.sendall(b"hello\\n")
    reply = exactly(honest, 6).decode()
    gone = select.select(slow, [], [], scaled(0.5))[0]
    done([reply, [one in gone for one in slow]])
    `),
  );
  // Not awaited, so that an error of the peer is reported instead of a timeout.
  accepting.then((connection) => echo(connection!)).catch(() => {});
  assert.deepEqual(await peer.result, ["hello\n", [true, false]]);
  listener.close();
});

test("listen() with TLS bounds the connections waiting to be accepted", bounded, async () => {
  const maxHandshakes = 2;
  const listener = await listen({ ...textLines, tls: identity, maxHandshakes });
  const options = { ...listener.address, ...textLines, tls: trusting };
  let connected = 0;
  const clients = Array.from({ length: 8 }, async () => {
    const client = await connect(options);
    connected++;
    return client;
  });
  while (connected < maxHandshakes) await sleep(10);
  await sleep(500);
  assert.ok(connected <= 2 * maxHandshakes, `${connected} connections are waiting`);
  const servers = (async () => {
    for (let count = 0; count < clients.length; count++) void echo((await listener.accept())!);
  })();
  await Promise.all(clients.map(async (client, index) => expectEcho(await client, `${index}`)));
  await servers;
  listener.close();
});

test("listen() with TLS continues when onHandshakeError throws", bounded, async () => {
  const process = child("socket_roles throwing", { tls: identity });
  const { port } = await process.next() as { readonly port: number };
  for (let count = 0; count < 2; count++) {
    await failureOf(connect({ port, ...textLines, tls: true }));
    assert.equal(await process.next(), "uncaught: from the callback");
  }
  const client = await connect({ port, ...textLines, tls: trusting });
  await expectEcho(client, "hello");
  process.kill();
});

test("Listener.unref() lets the process exit during a TLS handshake", bounded, async () => {
  const process = child("socket_roles unref", { tls: identity });
  const { port } = await process.next() as { readonly port: number };
  const crowd = await silentPeers(port, 1);
  await crowd.said();
  process.go();
  await process.ended;
  crowd.kill();
});
