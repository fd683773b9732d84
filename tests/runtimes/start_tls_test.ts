import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { connect, Connection, lengthPrefixed, lines, listen, uint32 } from "../../mod.ts";
import { derOf, expired, good } from "../support/certificates.ts";
import { closeAll, failureOf, pair, textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { proxy } from "../support/proxy.ts";
import { pattern, pythonClient, pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { identity, trusting } from "../support/tls.ts";
import { pipe } from "../support/transports.ts";

/** Python code that reads one line and nothing after it. */
const LINE = "line = b''.join(iter(lambda: exactly(conn, 1), b'\\n')).decode()";

/** Agrees on TLS and upgrades both ends. */
async function upgrade(client: Connection<string>, server: Connection<string>): Promise<void> {
  const serving = (async () => {
    assert.equal(await server.receive(), "STARTTLS");
    void server.send("go ahead");
    await server.startTls({ ...identity, alpn: "frame/1" });
  })();
  await client.send("STARTTLS");
  assert.equal(await client.receive(), "go ahead");
  await Promise.all([client.startTls({ ...trusting, alpn: "frame/1" }), serving]);
}

test("Connection.startTls() upgrades both ends of a connection", bounded, async () => {
  const [client, server] = await pair(textLines);
  assert.deepEqual([client.tls !== undefined, server.tls !== undefined], [false, false]);
  await upgrade(client, server);
  for (const end of [client, server]) {
    assert.deepEqual([end.tls !== undefined, end.tls?.alpn], [true, "frame/1"]);
  }
  assert.deepEqual(client.tls?.peerCertificate, derOf(good));
  await client.send("one");
  assert.equal(await server.receive(), "one");
  await server.send("two");
  assert.equal(await client.receive(), "two");
  const binary = { framer: lengthPrefixed(uint32), maxFrameLength: Infinity };
  const [one, other] = [client.switchTo(binary), server.switchTo(binary)];
  const payload = pattern(4 << 20);
  void one.send(payload);
  void other.send(payload);
  assert.deepEqual(await Promise.all([one.receive(), other.receive()]), [payload, payload]);
  await closeAll(one, other);
  assert.ok(["local", "remote"].includes(await one.closed));
});

test("Connection.startTls() succeeds wherever the stream is cut", bounded, async () => {
  for (const habit of ["cut", "drip"] as const) {
    const listener = await listen(textLines);
    const relay = await proxy(listener.address.port, habit);
    const [client, server] = await Promise.all([
      connect({ port: relay.port, ...textLines }),
      listener.accept() as Promise<Connection<string>>,
    ]);
    listener.close();
    await upgrade(client, server);
    await client.send("one");
    assert.equal(await server.receive(), "one");
    await closeAll(client, server);
    relay.kill();
  }
});

test("Connection.startTls() upgrades with Python's server", bounded, async () => {
  const peer = await pythonServer(withTls(`
    ${LINE}
    conn.sendall(b"go ahead\\n")
    conn = tls_server(conn)
    conn.sendall(b"hello\\n")
    data = to_end(conn)
    conn.sendall(b"bye\\n")
    conn.unwrap()
    done([line, data.decode()])
  `));
  const connection = await connect({ port: peer.port, ...textLines });
  await connection.send("STARTTLS");
  assert.equal(await connection.receive(), "go ahead");
  await connection.startTls(trusting);
  void connection.send("secret");
  await connection.closeWrite();
  assert.equal(await connection.receive(), "hello");
  assert.equal(await connection.receive(), "bye");
  assert.equal(await connection.receive(), undefined);
  assert.equal(await connection.closed, "local");
  assert.deepEqual(await peer.result, ["STARTTLS", "secret\n"]);
});

test("Connection.startTls() upgrades with Python's client", bounded, async () => {
  const listener = await listen(textLines);
  const peer = await pythonClient(
    listener.address.port,
    withTls(`
    conn.sendall(b"STARTTLS\\n")
    ${LINE}
    conn = tls_client(conn)
    conn.sendall(b"hello\\n")
    data = to_end(conn)
    conn.unwrap()
    done([line, data.decode()])
    `),
  );
  const connection = await listener.accept();
  listener.close();
  assert.equal(await connection!.receive(), "STARTTLS");
  await connection!.send("go ahead");
  await connection!.startTls(identity);
  assert.equal(await connection!.receive(), "hello");
  await connection!.send("secret");
  await connection!.close();
  assert.deepEqual(await peer.result, ["go ahead", "secret\n"]);
});

test(
  "Connection.startTls() sends earlier messages in plain text, completely",
  bounded,
  async () => {
    const peer = await pythonServer(withTls(`
    wait()
    data = exactly(conn, (4 << 20) + 1)
    ${LINE}
    conn = tls_server(conn)
    secret = to_end(conn)
    conn.unwrap()
    done([hashlib.sha1(data).hexdigest(), line, secret.decode()])
  `));
    const connection = await connect({
      port: peer.port,
      framer: lines(),
      maxFrameLength: Infinity,
    });
    const payload = new Uint8Array(4 << 20).fill(0x61);
    void connection.send(payload);
    const words = connection.switchTo(textLines);
    void words.send("STARTTLS");
    const starting = words.startTls(trusting);
    void words.send("secret");
    peer.go();
    await starting;
    await words.close();
    const hash = createHash("sha1").update(payload).update("\n").digest("hex");
    assert.deepEqual(await peer.result, [hash, "STARTTLS", "secret\n"]);
  },
);

test("Connection.startTls() refuses a buffered message in plain text", bounded, async () => {
  const peer = await pythonServer(withTls(`
    ${LINE}
    conn.sendall(b"go ahead\\nINJECTED\\n")
    done(to_end(conn).decode())
  `));
  const connection = await connect({ port: peer.port, ...textLines });
  await connection.send("STARTTLS");
  assert.equal(await connection.receive(), "go ahead");
  await assert.rejects(connection.startTls(trusting), TypeError);
  // Nothing has changed: the line is still received as plain text.
  assert.equal(connection.tls !== undefined, false);
  assert.equal(await connection.receive(), "INJECTED");
  await connection.send("QUIT");
  await connection.close();
  assert.equal(await peer.result, "QUIT\n");
});

test(
  "Connection.startTls() refuses a buffered part of a message in plain text",
  bounded,
  async () => {
    const peer = await pythonServer(withTls(`
    conn.sendall(b"go ahead\\nINJ")
    done(to_end(conn).decode())
  `));
    const connection = await connect({ port: peer.port, ...textLines });
    assert.equal(await connection.receive(), "go ahead");
    await assert.rejects(connection.startTls(trusting), TypeError);
    connection.abort();
    await peer.result.catch(() => {});
  },
);

test(
  "Connection.startTls() refuses a message that a client has sent too early",
  bounded,
  async () => {
    const listener = await listen(textLines);
    const peer = await pythonClient(
      listener.address.port,
      withTls(`
    conn.sendall(b"STARTTLS\\nINJECTED\\n")
    done(to_end(conn).decode())
    `),
    );
    const connection = await listener.accept();
    listener.close();
    assert.equal(await connection!.receive(), "STARTTLS");
    void connection!.send("go ahead");
    await assert.rejects(connection!.startTls(identity), TypeError);
    assert.equal(connection!.tls !== undefined, false);
    await connection!.close();
    assert.equal(await peer.result, "go ahead\n");
  },
);

test("Connection.startTls() never mistakes plain text for decrypted text", bounded, async () => {
  const peer = await pythonServer(withTls(`
    ${LINE}
    conn.sendall(b"go ahead\\n")
    wait()
    conn.sendall(b"INJECTED\\n")
    say(True)
    try:
        conn = tls_server(conn)
        conn.sendall(b"hello\\n")
        until_gone(conn)
    except (ssl.SSLError, ConnectionError):
        pass
    done(True)
  `));
  const connection = await connect({ port: peer.port, ...textLines });
  await connection.send("STARTTLS");
  assert.equal(await connection.receive(), "go ahead");
  peer.go();
  await peer.said();
  // The line is in the kernel or in the transport, and has not been received.
  const error = await connection.startTls(trusting).then(() => undefined, (error) => error);
  assert.ok(error instanceof TypeError || error?.code === "tls", `${error?.stack}`);
  assert.equal(connection.tls !== undefined, false);
  if (!(error instanceof TypeError)) await assert.rejects(connection.receive(), () => true);
  connection.abort();
  await peer.result;
});

test("Connection.startTls() rejects while a receive is pending", bounded, async () => {
  const [client, server] = await pair(textLines);
  const receiving = client.receive();
  await assert.rejects(client.startTls(trusting), TypeError);
  await server.send("one");
  assert.equal(await receiving, "one");
  await upgrade(client, server);
  await client.send("two");
  assert.equal(await server.receive(), "two");
  await closeAll(client, server);
});

test("Connection.startTls() rejects while TLS is being started", bounded, async () => {
  const [client, server] = await pair(textLines);
  const starting = Promise.all([client.startTls(trusting), server.startTls(identity)]);
  await assert.rejects(client.startTls(trusting), TypeError);
  await starting;
  void client.send("one");
  assert.equal(await server.receive(), "one");
  await closeAll(client, server);
});

test(
  "Connection.receive() during startTls() returns decrypted messages",
  bounded,
  async () => {
    const [client, server] = await pair(textLines);
    const starting = Promise.all([client.startTls(trusting), server.startTls(identity)]);
    const receiving = Promise.all([client.receive(), server.receive()]);
    void client.send("one");
    void server.send("two");
    assert.deepEqual(await receiving, ["two", "one"]);
    await starting;
    await closeAll(client, server);
  },
);

test(
  "Connection.startTls() ends the connection if it rejects the certificate",
  bounded,
  async () => {
    const [client, server] = await pair(textLines);
    const serving = server.startTls({ key: expired.key, cert: expired.cert }).catch(() => {});
    const sending = client.startTls(trusting);
    const later = client.send("secret").then(() => client.flush());
    later.catch(() => {});
    const error = await failureOf(sending);
    assert.equal(error.code, "certificate", error.stack);
    assert.match(error.message, /^Cannot start TLS: ./);
    await assert.rejects(client.receive(), (again) => again === error);
    await assert.rejects(later, () => true);
    assert.equal(await client.closed, "failed");
    await serving;
    await assert.rejects(server.receive(), () => true);
  },
);

test("Connection.startTls() rejects if the peer continues in plain text", bounded, async () => {
  const peer = await pythonServer(withTls(`
    ${LINE}
    conn.sendall(b"go ahead\\n")
    exactly(conn, 1)
    conn.sendall(b"500 what?\\n")
    until_gone(conn)
    done(True)
  `));
  const connection = await connect({ port: peer.port, ...textLines });
  await connection.send("STARTTLS");
  assert.equal(await connection.receive(), "go ahead");
  assert.equal((await failureOf(connection.startTls(trusting))).code, "tls");
  await failureOf(connection.receive());
  await peer.result;
});

test("Connection.abort() ends a startTls() that is never answered", bounded, async () => {
  const peer = await pythonServer(withTls(`
    say(exactly(conn, 1)[0])
    until_gone(conn)
    done(True)
  `));
  const connection = await connect({ port: peer.port, ...textLines });
  const starting = failureOf(connection.startTls(trusting));
  assert.equal(await peer.said(), 22);
  connection.abort();
  assert.equal((await starting).code, "aborted");
  assert.equal(await connection.closed, "aborted");
  await peer.result;
});

test("Connection.startTls() is not supported for a pair of streams", bounded, async () => {
  const [one] = pipe();
  const connection = new Connection(one, textLines);
  assert.equal((await failureOf(connection.startTls(trusting))).code, "unsupported");
  connection.abort();
});
