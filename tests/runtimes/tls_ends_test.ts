import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  connect,
  type Connection,
  type ConnectionOptions,
  fixed,
  lengthPrefixed,
  lines,
  listen,
  type Protocol,
  TruncatedFrameError,
  uint32,
  untilClose,
} from "../../mod.ts";
import { closeAll, failureOf, textLines } from "../support/connections.ts";
import { bounded, resolves } from "../support/limits.ts";
import { dedent, pattern, pythonClient, type PythonPeer, pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { identity, pair, trusting } from "../support/tls.ts";

const frames = { framer: lengthPrefixed(uint32), maxFrameLength: Infinity };

/** Connects with Python's TLS in either role; Python runs `body`. */
type Meet = <Message>(
  body: string,
  protocol: Protocol<Message> & ConnectionOptions,
) => Promise<[Connection<Message>, PythonPeer]>;

const roles: Record<string, Meet> = {
  async "connect()"(body, protocol) {
    const peer = await pythonServer(withTls(`conn = tls_server(conn)\n${dedent(body)}`));
    return [await connect({ port: peer.port, tls: trusting, ...protocol }), peer];
  },
  async "listen()"(body, protocol) {
    const listener = await listen({ tls: identity, ...protocol });
    const accepting = listener.accept();
    const secured = withTls(`conn = tls_client(conn)\n${dedent(body)}`);
    const peer = await pythonClient(listener.address.port, secured);
    const connection = await accepting;
    listener.close();
    return [connection!, peer];
  },
};

for (const [role, meet] of Object.entries(roles)) {
  test(`${role} over TLS ends at close_notify between two messages`, bounded, async () => {
    const [connection, peer] = await meet(
      `
      conn.sendall(b"one\\n")
      notify(conn)
      done(to_end(conn).decode())
      `,
      textLines,
    );
    assert.equal(await connection.receive(), "one");
    assert.equal(await connection.receive(), undefined);
    assert.equal(await connection.receive(), undefined);
    await connection.send("two");
    await connection.close();
    assert.equal(await peer.result, "two\n");
    assert.equal(await connection.closed, "remote");
  });

  test(
    `${role} over TLS reports a cut between two messages, on every later call`,
    bounded,
    async () => {
      const [connection, peer] = await meet(
        `
      conn.sendall(b"one\\ntwo\\n")
      conn.shutdown(socket.SHUT_WR)
      until_gone(conn)
      done(True)
      `,
        textLines,
      );
      assert.equal(await connection.receive(), "one");
      assert.equal(await connection.receive(), "two");
      const error = await failureOf(connection.receive());
      assert.equal(error.code, "truncated", error.stack);
      await assert.rejects(connection.receive(), (again) => again === error);
      await connection.close().catch(() => {});
      assert.equal(await connection.closed, "truncated");
      await peer.result;
    },
  );

  test(`${role} over TLS never returns truncated bytes as a message`, bounded, async () => {
    // Each would be a message at a clean end of the stream.
    for (const protocol of [{ framer: lines() }, { framer: untilClose() }, frames]) {
      const [connection, peer] = await meet(
        `
        conn.sendall(b"\\x00\\x00\\x00\\x04on")
        conn.shutdown(socket.SHUT_WR)
        until_gone(conn)
        done(True)
        `,
        protocol,
      );
      const error = await connection.receive().then(() => undefined, (error) => error);
      assert.ok(error instanceof TruncatedFrameError || error?.code === "truncated", `${error}`);
      await assert.rejects(connection.receive(), (again) => again === error);
      connection.abort();
      await peer.result;
    }
  });

  test(
    `${role} over TLS reports close_notify inside a message as truncation`,
    bounded,
    async () => {
      const [connection, peer] = await meet(
        `
      conn.sendall(b"\\x00\\x00\\x00\\x04on")
      notify(conn)
      until_gone(conn)
      done(True)
      `,
        frames,
      );
      const error = await connection.receive().then(() => undefined, (error) => error);
      assert.ok(error instanceof TruncatedFrameError, `${error}`);
      await connection.close();
      assert.equal(await connection.closed, "framing");
      await peer.result;
    },
  );

  test(`${role} over TLS reports a reset after the messages before it`, bounded, async () => {
    const [connection, peer] = await meet(
      `
      conn.sendall(b"one\\n")
      exactly(conn, 3)
      reset(conn)
      done(True)
      `,
      textLines,
    );
    assert.equal(await connection.receive(), "one");
    await connection.send("go");
    const error = await failureOf(connection.receive());
    assert.equal(error.code, "reset", error.stack);
    await assert.rejects(connection.receive(), (again) => again === error);
    await assert.rejects(connection.send("more"), (again) => again === error);
    assert.equal(await connection.closed, "reset");
    await peer.result;
  });

  test(
    `${role} over TLS never takes the end of a killed peer for a clean one`,
    bounded,
    async () => {
      const [connection, peer] = await meet(
        `
      conn.sendall(b"one\\n")
      wait()
      `,
        textLines,
      );
      assert.equal(await connection.receive(), "one");
      peer.kill();
      const error = await failureOf(connection.receive());
      assert.ok(["truncated", "reset"].includes(error.code), error.stack);
      await connection.close().catch(() => {});
      assert.equal(await connection.closed, error.code);
    },
  );

  test(`${role} over TLS half-closes, and then receives the reply`, bounded, async () => {
    const [connection, peer] = await meet(
      `
      data = to_end(conn)
      conn.sendall(b"%d bytes\\nbye\\n" % len(data))
      conn.unwrap()
      done(data.decode())
      `,
      textLines,
    );
    void connection.send("one");
    await connection.closeWrite();
    assert.equal((await failureOf(connection.send("more"))).code, "closed");
    assert.equal(await connection.receive(), "4 bytes");
    assert.equal(await connection.receive(), "bye");
    assert.equal(await connection.receive(), undefined);
    assert.equal(await connection.closed, "local");
    assert.equal(await peer.result, "one\n");
  });

  test(`${role} over TLS can send after the peer has finished sending`, bounded, async () => {
    const [connection, peer] = await meet(
      `
      conn.sendall(b"request\\n")
      notify(conn)
      data = to_end(conn)
      done([len(data), hashlib.sha1(data).hexdigest()])
      `,
      { framer: lines(), maxFrameLength: Infinity },
    );
    await connection.receive();
    assert.equal(await connection.receive(), undefined);
    const reply = new Uint8Array(4 << 20).fill(0x61);
    await connection.send(reply);
    await connection.closeWrite();
    const hash = createHash("sha1").update(reply).update("\n").digest("hex");
    assert.deepEqual(await peer.result, [reply.length + 1, hash]);
    assert.equal(await connection.closed, "remote");
  });

  test(
    `${role} over TLS closes without loss while the peer is still sending`,
    bounded,
    async () => {
      const [connection, peer] = await meet(
        `
      conn.sendall(b"x" * 100000)
      data = exactly(conn, 1)
      conn.sendall(b"y" * 100000)
      data += to_end(conn)
      conn.sendall(b"z" * 100000)
      conn.unwrap()
      done([len(data), hashlib.sha1(data).hexdigest()])
      `,
        frames,
      );
      const payload = pattern(4 << 20);
      void connection.send(payload);
      await connection.close();
      const hash = createHash("sha1").update(Uint8Array.of(0, 64, 0, 0)).update(payload);
      assert.deepEqual(await peer.result, [payload.length + 4, hash.digest("hex")]);
      assert.equal(await connection.closed, "local");
    },
  );

  test(`${role} over TLS closes even if the peer never closes`, bounded, async () => {
    const [connection, peer] = await meet(
      `
      data = to_end(conn)
      say(data.decode())
      wait()
      `,
      { closeTimeout: 200, ...textLines },
    );
    void connection.send("bye");
    await connection.close();
    assert.equal(await peer.said(), "bye\n");
    assert.equal(await connection.closed, "local");
    peer.kill();
  });

  test(`${role} over TLS shows the peer no clean end when it is aborted`, bounded, async () => {
    const [connection, peer] = await meet(
      `
      conn.sendall(b"one\\n")
      try:
          to_end(conn)
          done("end")
      except (ConnectionResetError, ssl.SSLError):
          done("cut")
      `,
      textLines,
    );
    assert.equal(await connection.receive(), "one");
    const receiving = failureOf(connection.receive());
    connection.abort();
    assert.equal((await receiving).code, "aborted");
    assert.equal(await connection.closed, "aborted");
    assert.equal(await peer.result, "cut");
  });

  test(`${role} over TLS stops the peer while nothing is received`, bounded, async () => {
    const [connection, peer] = await meet(
      `
      data = pattern(32 << 20)[:32 << 20]
      conn.setblocking(False)
      sent, idle = 0, 0
      while sent < len(data) and idle < 5:
          try:
              sent += conn.send(data[sent:sent + 65536])
              idle = 0
          except ssl.SSLWantWriteError:
              if select.select([], [conn], [], scaled(0.1))[1] == []:
                  idle += 1
      say(sent)
      conn.settimeout(scaled(20))
      conn.sendall(data[sent:])
      conn.unwrap()
      done(True)
      `,
      { framer: fixed(1 << 20) },
    );
    assert.deepEqual(await connection.receive(), pattern(1 << 20));
    const stopped = await peer.said() as number;
    assert.ok(stopped < 24 << 20, `${stopped} bytes were accepted while nothing was received`);
    let count = 1;
    for await (const _ of connection) count++;
    assert.equal(count, 32);
    await connection.close();
    await peer.result;
  });

  test(`${role} over TLS waits in send() while the peer does not read`, bounded, async () => {
    const [connection, peer] = await meet(
      `
      wait()
      done(len(to_end(conn)))
      `,
      { framer: fixed(65_536) },
    );
    const block = pattern(65_536);
    let sent = 0;
    for (let stalled = false; !stalled && sent < 512; sent++) {
      stalled = !await resolves(connection.send(block), 300);
    }
    assert.ok(sent < 512, "32 MiB were accepted for a peer that does not read");
    peer.go();
    await connection.close();
    assert.equal(await peer.result, sent * 65_536);
  });

  test(`${role} over TLS loses nothing when a receive is aborted`, bounded, async () => {
    const [connection, peer] = await meet(
      `
      conn.sendall(b"on")
      exactly(conn, 3)
      conn.sendall(b"e\\ntwo\\n")
      conn.unwrap()
      done(True)
      `,
      textLines,
    );
    const controller = new AbortController();
    const aborted = connection.receive({ signal: controller.signal });
    controller.abort(new Error("why"));
    await assert.rejects(aborted, /why/);
    await connection.send("go");
    assert.equal(await connection.receive(), "one");
    assert.equal(await connection.receive(), "two");
    assert.equal(await connection.receive(), undefined);
    await connection.close();
    await peer.result;
  });
}

test("Connection.close() over TLS closes both ends, whichever closes first", bounded, async () => {
  for (const clientFirst of [true, false]) {
    const [client, server] = await pair(textLines);
    const [first, second] = clientFirst ? [client, server] : [server, client];
    void first.send("bye");
    const closing = first.close();
    assert.equal(await second.receive(), "bye");
    assert.equal(await second.receive(), undefined);
    await second.close();
    await closing;
    assert.deepEqual([await first.closed, await second.closed], ["local", "remote"]);
  }
});

test("Connection.closeWrite() over TLS leaves the other direction open", bounded, async () => {
  const [client, server] = await pair(frames);
  const reply = pattern(4 << 20);
  await client.send(Uint8Array.of(1));
  await client.closeWrite();
  assert.deepEqual(await server.receive(), Uint8Array.of(1));
  assert.equal(await server.receive(), undefined);
  void server.send(reply);
  const closing = server.close();
  assert.deepEqual(await client.receive(), reply);
  assert.equal(await client.receive(), undefined);
  await closing;
  assert.deepEqual([await client.closed, await server.closed], ["local", "remote"]);
});

test("Connection.close() over TLS at both ends at once loses nothing", bounded, async () => {
  const [client, server] = await pair(frames);
  const payload = pattern(1 << 20);
  const received = Promise.all([client, server].map(async (end) => {
    void end.send(payload);
    const message = await end.receive();
    await end.close();
    return message;
  }));
  assert.deepEqual(await received, [payload, payload]);
});

test("Connection.abort() over TLS is not a clean end for the other side", bounded, async () => {
  const [client, server] = await pair(textLines);
  await client.send("one");
  assert.equal(await server.receive(), "one");
  client.abort();
  const error = await failureOf(server.receive());
  assert.ok(["reset", "truncated"].includes(error.code), error.stack);
  await closeAll(server).catch(() => {});
});
