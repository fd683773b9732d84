import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, type Connection, FrameTooLargeError } from "../../mod.ts";
import type { Ending } from "../support/endings.ts";
import { child, runsOn } from "../support/child.ts";
import { pair, textLines } from "../support/connections.ts";
import { within } from "../support/limits.ts";
import { pythonListener, pythonServer } from "../support/python.ts";
import { silentPort } from "../support/silent.ts";
import { collect } from "../support/streams.ts";

const bounded = within(30_000);

test(
  "Connection leaves no socket, timer or rejection behind, however it ends",
  bounded,
  async () => {
    const peer = await pythonListener(`
    def serve(conn):
        try:
            letter = exactly(conn, 3)[2:]
            if letter == b"r":
                return reset(conn)
            if letter == b"w":
                conn.sendall((b"\\x00\\x05hello") * 100000)
            else:
                conn.sendall({
                    b"e": b"\\x00\\x05hello",
                    b"h": b"\\x00\\x05he",
                    b"d": b"\\x00\\x05he",
                    b"o": b"\\xff\\xffhello",
                }.get(letter, b""))
            if letter in b"eh":
                conn.shutdown(socket.SHUT_WR)
            to_end(conn)
            if letter == b"s":
                time.sleep(0.5)
            conn.close()
        except OSError:
            conn.close()

    while True:
        threading.Thread(target=serve, args=(accept(),), daemon=True).start()
  `);
    const silent = await silentPort();
    const options = { peer: peer.port, silent: silent.port, rounds: 8 };
    const endings = child("endings all", options);
    // The child reports unhandled rejections.
    assert.deepEqual(await endings.next(), ["rejection: counted"]);
    const results = await endings.ended;
    assert.deepEqual(results.pop(), { timers: 0 });
    const [, ...all] = results as Ending[];
    for (const ending of all) {
      const { name } = ending;
      const reasons = [name.slice(0, name.indexOf(":"))];
      assert.deepEqual(ending, { name, reasons, leaked: 0, uncaught: [] });
    }
    assert.ok(all.length > 25);
    peer.kill();
    silent.kill();
  },
);

test("Connection.closed settles once, with the first reason", bounded, async () => {
  const [client, server] = await pair(textLines);
  const closed = client.closed;
  const closing = server.close();
  assert.equal(await client.receive(), undefined);
  await client.close();
  client.abort();
  await closing;
  assert.equal(await closed, "remote");
  assert.equal(await client.closed, "remote");
  assert.equal(await server.closed, "local");
});

test('Connection.closed is "framing" after a message that was too large', bounded, async () => {
  const [client, server] = await pair(textLines, { maxFrameLength: 4 });
  await server.send("hello");
  await assert.rejects(client.receive(), FrameTooLargeError);
  const closing = client.close();
  assert.equal(await server.receive(), undefined);
  await Promise.all([closing, server.close()]);
  assert.equal(await client.closed, "framing");
  assert.equal(await server.closed, "remote");
});

test(
  "Connection.abort() ends the peer's connection without another message",
  bounded,
  async () => {
    const [client, server] = await pair(textLines);
    await client.send("one");
    assert.equal(await server.receive(), "one");
    client.abort();
    const ending = await server.receive().catch((error) => error.code);
    // Deno 2.9 has no function that resets a connection.
    assert.equal(ending, runsOn("deno") ? undefined : "reset");
    await server.close().catch(() => {});
    assert.equal(await client.closed, "aborted");
    assert.equal(await server.closed, ending ?? "remote");
  },
);

test("Connection.close() may be called many times and concurrently", bounded, async () => {
  const peer = await pythonServer(`done(to_end(conn).decode())`);
  const connection = await connect({ port: peer.port, ...textLines });
  void connection.send("bye");
  await Promise.all([connection.close(), connection.close(), connection.closeWrite()]);
  await connection.close();
  await connection[Symbol.asyncDispose]();
  assert.equal(await peer.result, "bye\n");
  assert.equal(await connection.closed, "local");
});

test(
  'Connection.send() rejects with "closed" after close, closeWrite and writable.close',
  bounded,
  async () => {
    const peer = await pythonListener(`
    for _ in range(3):
        conn = accept()
        to_end(conn)
        conn.close()
    done(True)
  `);
    const enders = [
      (connection: Connection<string>) => connection.close(),
      (connection: Connection<string>) => connection.closeWrite(),
      (connection: Connection<string>) => connection.writable.close(),
    ];
    for (const end of enders) {
      const connection = await connect({ port: peer.port, ...textLines });
      await end(connection);
      await assert.rejects(connection.send("more"), { name: "ConnectionError", code: "closed" });
      assert.equal(await connection.receive(), undefined);
      await connection.close();
    }
    assert.equal(await peer.result, true);
  },
);

test(
  "Connection.receive() sees the peer's end while this side can still send",
  bounded,
  async () => {
    const [client, server] = await pair(textLines);
    const reader = client.readable.getReader();
    await server.closeWrite();
    assert.deepEqual(await reader.read(), { done: true, value: undefined });
    await client.send("still");
    assert.equal(await server.receive(), "still");
    const writer = client.writable.getWriter();
    await writer.write("here");
    assert.equal(await server.receive(), "here");
    await writer.close();
    assert.equal(await server.receive(), undefined);
    // Both sides have finished sending: neither needs to close.
    assert.equal(await client.closed, "remote");
    assert.equal(await server.closed, "local");
  },
);

test("Connection.writable.close() leaves the other direction open", bounded, async () => {
  const [client, server] = await pair(textLines);
  await client.writable.close();
  assert.equal(await server.receive(), undefined);
  const count = 1000;
  for (let number = 0; number < count; number++) void server.send(`reply ${number}`);
  const closing = server.close();
  const replies = await collect(client.readable);
  assert.equal(replies.length, count);
  assert.equal(replies.at(-1), `reply ${count - 1}`);
  await closing;
  assert.equal(await client.closed, "local");
});

test(
  "Connection.visit() rejects with the error of its visitor, and the connection stays open",
  bounded,
  async () => {
    const [client, server] = await pair(textLines);
    for (const line of ["one", "two", "three"]) await server.send(line);
    const visited: number[] = [];
    const visiting = client.visit((_, start) => {
      visited.push(start);
      throw new Error("visitor");
    });
    await assert.rejects(visiting, /visitor/);
    assert.equal(visited.length, 1);
    assert.equal(await client.receive(), "two");
    const closing = server.close();
    await client.close();
    await closing;
  },
);

test(
  "Connection closes at the end of an await using block, even if the block throws",
  bounded,
  async () => {
    const peer = await pythonListener(`
    received = []
    for _ in range(2):
        conn = accept()
        received.append(to_end(conn).decode())
        conn.close()
    done(received)
  `);
    const use = awaitUsing();
    const open = () => connect({ port: peer.port, ...textLines });
    await use(open, async (connection) => void await connection.send("one"));
    const throwing = use(open, (connection) => {
      void connection.send("two");
      throw new Error("block");
    });
    await assert.rejects(throwing, /block/);
    assert.deepEqual(await peer.result, ["one\n", "two\n"]);
  },
);

type Use = (
  open: () => Promise<Connection<string>>,
  body: (connection: Connection<string>) => Promise<void> | void,
) => Promise<void>;

/** Returns a function that contains `await using`, or its equivalent on Node 22, which lacks the syntax. */
function awaitUsing(): Use {
  const AsyncFunction = (async () => {}).constructor as new (...args: string[]) => Use;
  try {
    return new AsyncFunction(
      "open",
      "body",
      "await using connection = await open(); await body(connection);",
    );
  } catch {
    return async (open, body) => {
      const connection = await open();
      try {
        await body(connection);
      } finally {
        await connection[Symbol.asyncDispose]();
      }
    };
  }
}
