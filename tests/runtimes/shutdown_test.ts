import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  type Connection,
  type ConnectionError,
  lengthPrefixed,
  listen,
  type ListenOptions,
  serve,
  type Server,
  uint32,
} from "../../mod.ts";
import { pair, textLines } from "../support/connections.ts";
import { scaled, sleep, within } from "../support/limits.ts";
import { pattern, pythonClient } from "../support/python.ts";
import { slowClient, whole } from "../support/slow_peers.ts";
import { factsOf, unreadable } from "../support/socket_options.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { identity, trusting } from "../support/tls.ts";
import { unless } from "../support/unless.ts";

/** The deadlines in these tests are minutes: a test that waits for one exceeds this limit. */
const bounded = within(10_000);

type Lines = Connection<string>;

/** Handlers that answer every line in capitals until the end, by how they receive. */
const echoes: Record<string, (connection: Lines) => Promise<void>> = {
  async "for await"(connection) {
    for await (const line of connection) await connection.send(line.toUpperCase());
  },
  async "receive()"(connection) {
    for (let line; (line = await connection.receive()) !== undefined;) {
      await connection.send(line.toUpperCase());
    }
  },
  async "batches()"(connection) {
    for await (const batch of connection.batches()) {
      for (const line of batch) await connection.send(line.toUpperCase());
    }
  },
  async "visit()"(connection) {
    const decoder = new TextDecoder();
    await connection.visit((bytes, start, end) => {
      void connection.send(decoder.decode(bytes.slice(start, end)).toUpperCase());
    });
  },
  async "readable"(connection) {
    const reader = connection.readable.getReader();
    for (let read; !(read = await reader.read()).done;) {
      await connection.send(read.value.toUpperCase());
    }
  },
  async "readable piped to writable"(connection) {
    const capitals = new TransformStream<string, string>({
      transform: (line, controller) => controller.enqueue(line.toUpperCase()),
    });
    await connection.readable.pipeThrough(capitals).pipeTo(connection.writable);
  },
};

/** Ways to stop a server that let its handlers finish. */
const ends: Record<string, (server: Server<string>) => Promise<void>> = {
  "Server.shutdown()": (server) => server.shutdown({ deadline: 600_000 }),
  "Server.close()": (server) => server.close(),
};

const folder = temporaryFolder();

for (const [face, echo] of Object.entries(echoes)) {
  for (const [name, end] of Object.entries(ends)) {
    test(
      `${name} ends idle connections immediately and cleanly if handlers use ${face}`,
      bounded,
      async () => {
        const server = await serve(textLines, echo);
        const clients = await Promise.all(
          [1, 2, 3].map(() => connect({ ...server.address, ...textLines })),
        );
        // The first one never sends anything.
        for (const client of clients.slice(1)) {
          await client.send("one");
          assert.equal(await client.receive(), "ONE");
        }
        await accepted(server, 3);
        const ended = end(server);
        for (const client of clients) {
          assert.equal(await client.receive(), undefined);
          await client.close();
          assert.equal(await client.closed, "remote");
        }
        await ended;
        assert.equal(server.connections.size, 0);
      },
    );

    test(
      `${name} lets a client finish its message and get a reply if the handler uses ${face}`,
      bounded,
      async () => {
        const server = await serve(textLines, echo);
        const client = await pythonClient(
          server.address.port,
          `
          conn.sendall(b"one\\n")
          exactly(conn, 4)
          conn.sendall(b"ha")
          say("begun")
          wait()
          conn.sendall(b"lf\\n")
          done(to_end(conn).decode())
          `,
        );
        await client.said();
        await sleep(50);
        const ended = end(server);
        await sleep(50);
        client.go();
        assert.equal(await client.result, "HALF\n");
        await ended;
      },
    );
  }
}

const endpoints: Record<string, { readonly server: ListenOptions; readonly client: object }> = {
  TLS: { server: { tls: identity }, client: { tls: trusting } },
  "a Unix socket": { server: { path: `${folder}/idle` }, client: {} },
};

for (const [name, options] of Object.entries(endpoints)) {
  test(`Server.shutdown() ends an idle connection over ${name} immediately`, bounded, async () => {
    const server = await serve({ ...options.server, ...textLines }, echoes["for await"]!);
    const client = await connect({ ...server.address, ...options.client, ...textLines });
    await client.send("one");
    assert.equal(await client.receive(), "ONE");
    const ended = server.shutdown({ deadline: 600_000 });
    assert.equal(await client.receive(), undefined);
    await client.close();
    await ended;
    assert.equal(await client.closed, "remote");
  });
}

test(
  "serve() ends an idle connection immediately when its signal is aborted",
  bounded,
  async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const server = await serve({ ...textLines, signal }, async (connection) => {
      await echoes["for await"]!(connection);
      await connection.send("bye");
    });
    const client = await connect({ ...server.address, ...textLines });
    await accepted(server, 1);
    controller.abort();
    assert.equal(await client.receive(), "bye");
    assert.equal(await client.receive(), undefined);
    await client.close();
    await server.close();
  },
);

for (const [name, end] of Object.entries(ends)) {
  test(`${name} lets a handler send after its last message`, bounded, async () => {
    const server = await serve(textLines, async (connection) => {
      await echoes["for await"]!(connection);
      assert.equal(await connection.receive(), undefined);
      await connection.send("bye");
      await sleep(50);
      await connection.send("and good luck");
    });
    const client = await connect({ ...server.address, ...textLines });
    await accepted(server, 1);
    const ended = end(server);
    assert.equal(await client.receive(), "bye");
    assert.equal(await client.receive(), "and good luck");
    assert.equal(await client.receive(), undefined);
    await client.close();
    await ended;
  });

  test(`${name} delivers the reply of a handler that is still working`, bounded, async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    let start = () => {};
    const started = new Promise<void>((resolve) => start = resolve);
    const server = await serve({ ...textLines, onError }, async (connection) => {
      for await (const request of connection) {
        start();
        await sleep(300);
        await connection.send(`answer to ${request}`);
      }
    });
    const client = await connect({ ...server.address, ...textLines });
    await client.send("question");
    await started;
    const ended = end(server);
    assert.equal(await client.receive(), "answer to question");
    assert.equal(await client.receive(), undefined);
    await client.close();
    await ended;
    assert.deepEqual(errors, []);
  });

  test(`${name} handles messages that had arrived when it was called`, bounded, async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => open = resolve);
    const server = await serve(textLines, async (connection) => {
      for await (const line of connection) {
        if (line === "one") await opened;
        await connection.send(line.toUpperCase());
      }
    });
    const client = await pythonClient(
      server.address.port,
      `
      conn.sendall(b"one\\ntwo\\nthree\\nfo")
      say("sent")
      wait()
      conn.sendall(b"ur\\n")
      done(to_end(conn).decode())
      `,
    );
    await client.said();
    await sleep(100);
    const ended = end(server);
    open();
    await sleep(50);
    client.go();
    assert.equal(await client.result, "ONE\nTWO\nTHREE\nFOUR\n");
    await ended;
  });

  test(`${name} handles messages that were unread when it was called`, bounded, async () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => open = resolve);
    const server = await serve(textLines, async (connection) => {
      await opened;
      await echoes["for await"]!(connection);
    });
    const client = await pythonClient(
      server.address.port,
      `
      conn.sendall(b"one\\ntwo\\n")
      say("sent")
      done(to_end(conn).decode())
      `,
    );
    await client.said();
    await sleep(100);
    const ended = end(server);
    open();
    assert.equal(await client.result, "ONE\nTWO\n");
    await ended;
  });
}

test(
  "Server.shutdown() does not abort the connection of a handler that has returned",
  bounded,
  async () => {
    const size = 4 << 20;
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const frames = { framer: lengthPrefixed(uint32), maxFrameLength: Infinity };
    const server = await serve({ ...frames, onError }, async (connection) => {
      await connection.receive();
      void connection.send(pattern(size));
    });
    const client = await slowClient(
      server.address.port,
      `
      conn.sendall(struct.pack(">I", 2) + b"go")
      exactly(conn, 4)
      say("begun")
      done(steadily(conn, 3_000_000))
      `,
    );
    assert.equal(await client.said(), "begun");
    await server.shutdown({ deadline: 100 });
    assert.deepEqual(await client.result, whole(size));
    assert.equal(server.connections.size, 0);
    assert.deepEqual(errors, []);
  },
);

test(
  "Server.shutdown() closes cleanly if a handler has returned but its client stays connected",
  bounded,
  async () => {
    const server = await serve({ ...textLines, closeTimeout: scaled(500) }, async (connection) => {
      await connection.send((await connection.receive())!);
    });
    const client = await pythonClient(
      server.address.port,
      `
      conn.sendall(b"one\\n")
      exactly(conn, 4)
      say("answered")
      end = to_end(conn)
      say("ended")
      sleep(0.25)
      error = conn.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
      done([end.decode(), error])
      `,
    );
    assert.equal(await client.said(), "answered");
    const ended = server.shutdown({ deadline: 50 });
    assert.equal(await client.said(), "ended");
    assert.deepEqual(await client.result, ["", 0]);
    await ended;
  },
);

test(
  "Server.shutdown() aborts the connection of a handler that misses the deadline",
  bounded,
  async () => {
    const reasons: string[] = [];
    const server = await serve(textLines, async (connection, { signal }) => {
      await connection.receive();
      assert.equal(signal.aborted, true);
      reasons.push(await connection.closed);
    });
    const client = await connect({ ...server.address, ...textLines });
    await accepted(server, 1);
    await server.shutdown({ deadline: 150 });
    assert.deepEqual(reasons, ["aborted"]);
    assert.equal(server.connections.size, 0);
    client.abort();
  },
);

const unfinished = [
  [
    "Server.shutdown() aborts a client that does not finish its message by the deadline",
    {},
    (server: Server<string>) => server.shutdown({ deadline: 200 }),
    { code: "aborted" },
  ],
  [
    "Server.close() waits at most frameTimeout for a client to finish its message",
    { frameTimeout: 300 },
    (server: Server<string>) => server.close(),
    { code: "timedOut", timeout: "frameTimeout" },
  ],
] as const;
for (const [name, limits, end, expected] of unfinished) {
  test(name, bounded, async () => {
    const errors: ConnectionError[] = [];
    const onError = (error: unknown) => void errors.push(error as ConnectionError);
    const server = await serve({ ...textLines, ...limits, onError }, echoes["for await"]!);
    const client = await pythonClient(
      server.address.port,
      `
      conn.sendall(b"ha")
      say("begun")
      done(until_gone(conn))
      `,
    );
    await client.said();
    await accepted(server, 1);
    await sleep(50);
    await end(server);
    assert.equal(await client.result, 0);
    assert.deepEqual(errors.map(({ code, timeout }) => ({ code, ...timeout && { timeout } })), [
      expected,
    ]);
  });
}

test("Server.connections contains the connections being served", bounded, async () => {
  const served: Lines[] = [];
  const server = await serve(textLines, async (connection) => {
    served.push(connection);
    await echoes["for await"]!(connection);
  });
  assert.equal(server.connections.size, 0);
  const client = await connect({ ...server.address, ...textLines });
  const other = await connect({ ...server.address, ...textLines });
  await accepted(server, 2);
  assert.deepEqual([...server.connections], served);
  const connections: ReadonlySet<unknown> = server.connections;
  assert.ok(connections.has(served[0]) && connections.has(served[1]));
  assert.equal(connections.has(client), false);
  await Promise.all([client.close(), other.close()]);
  while (server.connections.size > 0) await sleep(1);
  assert.equal(connections.has(served[0]), false);
  await server.close();
});

test("Server.connections allows sending to every client", bounded, async () => {
  const server = await serve(textLines, echoes["for await"]!);
  const clients = await Promise.all(
    [1, 2, 3].map(() => connect({ ...server.address, ...textLines })),
  );
  await accepted(server, 3);
  for (const connection of server.connections) await connection.send("to all");
  for (const client of clients) assert.equal(await client.receive(), "to all");
  await Promise.all(clients.map((client) => client.close()));
  await server.close();
});

test(
  "Connection.closeRead() ends receiving between two messages and leaves sending open",
  bounded,
  async () => {
    const [client, server] = await pair(textLines);
    const waiting = [client.receive(), client.receive()];
    const batch = client.batches().next();
    client.closeRead();
    assert.deepEqual(await Promise.all(waiting), [undefined, undefined]);
    assert.deepEqual(await batch, { done: true, value: undefined });
    await server.send("too late");
    await sleep(50);
    assert.equal(await client.receive(), undefined);
    client.closeRead();
    await client.send("still here");
    assert.equal(await server.receive(), "still here");
    await Promise.all([client.close(), server.close()]);
    assert.equal(await client.closed, "local");
  },
);

for (const [face, echo] of Object.entries(echoes)) {
  test(
    `Connection.closeRead() lets a partial message finish if the handler uses ${face}`,
    bounded,
    async () => {
      const listener = await listen(textLines);
      const peer = await pythonClient(
        listener.address.port,
        `
        conn.sendall(b"one\\ntw")
        say("begun")
        wait()
        conn.sendall(b"o\\n")
        say("whole")
        wait()
        conn.sendall(b"three\\n")
        conn.shutdown(socket.SHUT_WR)
        done(to_end(conn).decode())
        `,
      );
      const connection = await listener.accept();
      listener.close();
      const echoing = echo(connection!);
      await peer.said();
      await sleep(50);
      connection!.closeRead();
      peer.go();
      await peer.said();
      await echoing;
      peer.go();
      await connection!.close();
      assert.equal(await peer.result, "ONE\nTWO\n");
    },
  );
}

test(
  "Connection.closeRead() delivers buffered messages before the end",
  bounded,
  async () => {
    const [client, server] = await pair(textLines);
    for (const line of ["one", "two", "three"]) await server.send(line);
    assert.equal(await client.receive(), "one");
    await sleep(50);
    client.closeRead();
    assert.equal(await client.receive(), "two");
    assert.equal(await client.receive(), "three");
    assert.equal(await client.receive(), undefined);
    await Promise.all([client.close(), server.close()]);
  },
);

test(
  "Connection.closeRead() lets a connection close while the peer is still sending",
  bounded,
  async () => {
    const listener = await listen(textLines);
    const peer = await pythonClient(
      listener.address.port,
      `
      for _ in range(64):
          conn.sendall(b"x" * 65535 + b"\\n")
      conn.shutdown(socket.SHUT_WR)
      done(to_end(conn).decode())
      `,
    );
    const connection = await listener.accept();
    listener.close();
    assert.equal((await connection!.receive())?.length, 65_535);
    connection!.closeRead();
    while (await connection!.receive() !== undefined);
    await connection!.send("enough");
    await connection!.close();
    assert.equal(await peer.result, "enough\n");
    assert.equal(await connection!.closed, "local");
  },
);

test("serve() accepts Infinity for each of its default limits", bounded, async () => {
  const limits = {
    frameTimeout: Infinity,
    sendTimeout: Infinity,
    handshakeTimeout: Infinity,
    maxConnections: Infinity,
    keepAlive: false,
  };
  for (const [forServer, forClient] of [[{}, {}], [{ tls: identity }, { tls: trusting }]]) {
    const server = await serve({ ...forServer, ...limits, ...textLines }, echoes["for await"]!);
    const client = await connect({ ...server.address, ...forClient, ...textLines });
    await client.send("one");
    assert.equal(await client.receive(), "ONE");
    await client.close();
    await server.close();
  }
});

test(
  ...unless(unreadable, "serve() keeps connections alive unless keepAlive is false", bounded),
  async () => {
    for (const keepAlive of [undefined, true, false]) {
      const options = keepAlive === undefined ? {} : { keepAlive };
      const server = await serve({ ...options, ...textLines }, echoes["for await"]!);
      const client = await connect({ ...server.address, ...textLines });
      await client.send("one");
      assert.equal(await client.receive(), "ONE");
      const { port } = client.localAddress!;
      assert.equal(factsOf(server.address.port, port).keepAlive, keepAlive ?? true);
      await client.close();
      await server.close();
    }
  },
);

/** Waits until the server serves this number of connections. */
async function accepted(server: Server<string>, count: number): Promise<void> {
  while (server.connections.size < count) await sleep(1);
}
