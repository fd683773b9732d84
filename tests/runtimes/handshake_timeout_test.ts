import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  Connection,
  ConnectionError,
  fixed,
  listen,
  serve,
  type Transport,
} from "../../mod.ts";
import { failureOf } from "../support/connections.ts";
import { bounded, resolves, scaled } from "../support/limits.ts";
import { pythonClient, type PythonPeer, pythonServer } from "../support/python.ts";
import { identity, trusting } from "../support/tls.ts";
import { recorder } from "../support/transports.ts";

const protocol = { framer: fixed(1 << 20), maxFrameLength: Infinity, handshakeTimeout: 300 };

/** Peers that never complete a handshake, and the number of messages that are sent to them before it. */
const peers: readonly (readonly [peer: string, body: string, messages: number])[] = [
  ["stays silent", "until_gone(conn)\ndone(True)", 0],
  [
    "sends a part of a record",
    'conn.sendall(b"\\x16\\x03\\x03\\x00\\x40\\x02")\nuntil_gone(conn)\ndone(True)',
    0,
  ],
  ["does not read the plain text before it", "wait()\ndone(True)", 32],
];

async function assertTimedOut(
  connection: Connection,
  tls: typeof trusting | typeof identity,
  messages: number,
): Promise<void> {
  for (let count = 0; count < messages; count++) {
    void connection.send(new Uint8Array(1 << 20)).catch(() => {});
  }
  const error = await failureOf(connection.startTls(tls));
  assert.deepEqual([error.code, error.timeout], ["timedOut", "handshakeTimeout"], error.stack);
  assert.equal(error.message, "Cannot start TLS: handshakeTimeout of 300 ms expired");
  assert.equal(await connection.closed, "timedOut");
  assert.equal((await failureOf(connection.receive())).timeout, "handshakeTimeout");
  assert.equal((await failureOf(connection.send(new Uint8Array(1 << 20)))).code, "timedOut");
}

for (const [name, body, messages] of peers) {
  test(`Connection.startTls() of a client times out if the peer ${name}`, bounded, async () => {
    const peer = await pythonServer(body);
    const connection = await connect({ ...protocol, port: peer.port });
    await assertTimedOut(connection, trusting, messages);
    peer.kill();
  });

  test(`Connection.startTls() of a server times out if the peer ${name}`, bounded, async () => {
    const listener = await listen(protocol);
    const client: Promise<PythonPeer> = pythonClient(listener.address.port, body);
    const connection = (await listener.accept())!;
    await assertTimedOut(connection, identity, messages);
    listener.close();
    (await client).kill();
  });
}

test(
  "serve() gets its connection back from a peer that never answers startTls()",
  bounded,
  async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const server = await serve(
      { ...protocol, onError },
      (connection) => connection.startTls(identity),
    );
    const peer = await pythonClient(server.address.port, "done(until_gone(conn))");
    await peer.result;
    await server.close();
    assert.equal(server.connections.size, 0);
    assert.ok(errors[0] instanceof ConnectionError);
    assert.equal(errors[0].timeout, "handshakeTimeout");
  },
);

test("Connection.startTls() times out if its transport ignores the signal", bounded, async () => {
  let finish = (_: Transport): void => {};
  const transport = recorder();
  transport.startTls = () => new Promise((resolve) => finish = resolve);
  const connection = new Connection(transport, protocol);
  assert.equal((await failureOf(connection.startTls())).timeout, "handshakeTimeout");
  assert.deepEqual(transport.calls, ["abort"]);
  // A transport that comes later is not used.
  const late = recorder();
  finish(late);
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(late.calls, ["abort"]);
});

test("Connection.startTls() waits with a handshakeTimeout of Infinity", bounded, async () => {
  const peer = await pythonServer("until_gone(conn)\ndone(True)");
  const options = { ...protocol, handshakeTimeout: Infinity };
  const connection = await connect({ ...options, port: peer.port });
  const starting = failureOf(connection.startTls(trusting));
  assert.equal(await resolves(starting, scaled(400)), false);
  connection.abort();
  assert.equal((await starting).code, "aborted");
  await peer.result;
});
