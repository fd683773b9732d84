import assert from "node:assert/strict";
import { once } from "node:events";
import * as http from "node:http";
import { connect, createServer, type Server, Socket } from "node:net";
import * as streams from "node:stream";
import { test } from "node:test";
import * as tls from "node:tls";
import {
  type BunClientSocket,
  Connection,
  ConnectionError,
  duplexTransport,
  fixed,
  lengthPrefixed,
  listen,
  type NodeDuplex,
  TruncatedFrameError,
  uint32,
} from "../../mod.ts";
import { authority, derOf, good, untrusted } from "../support/certificates.ts";
import { child, runsOn } from "../support/child.ts";
import { failureOf, textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { pattern, pythonClient, pythonServer } from "../support/python.ts";
import { textOf, utf8 } from "../support/streams.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { turn } from "../support/transports.ts";
import { unless } from "../support/unless.ts";

const { Duplex, PassThrough } = streams;
const blocks = { framer: lengthPrefixed(uint32), maxFrameLength: 1 << 24 };

/** Returns a connected socket. */
async function openSocket(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  return socket;
}

/** Listens on a port that the system chooses. */
async function listening<Listener extends Server>(server: Listener): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { readonly port: number }).port;
}

/** Returns both ends of a connection of `node:net`. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer();
  const accepted = once(server, "connection");
  const socket = await openSocket(await listening(server));
  const [other] = await accepted as [Socket];
  server.close();
  return [socket, other];
}

/** Returns both ends of a connection of `node:tls`: the client's may be connecting. */
async function tlsPair(
  options: tls.ConnectionOptions = {},
): Promise<[tls.TLSSocket, tls.TLSSocket]> {
  const server = tls.createServer({ ...good, ALPNProtocols: ["frame/1"] });
  const accepted = once(server, "secureConnection");
  const port = await listening(server);
  const socket = tls.connect({ port, host: "127.0.0.1", ca: authority.cert, ...options });
  const [other] = await accepted as [tls.TLSSocket];
  server.close();
  return [socket, other];
}

/** Returns both ends of a pipe in memory. */
const { duplexPair } = streams as unknown as { duplexPair?(): [streams.Duplex, streams.Duplex] };

const pairs: Readonly<Record<string, (() => Promise<[NodeDuplex, NodeDuplex]>) | undefined>> = {
  "net.Socket": socketPair,
  "tls.TLSSocket": tlsPair,
  "duplexPair": duplexPair && (() => Promise.resolve(duplexPair())),
};

for (const [name, pairOf] of Object.entries(pairs)) {
  const absent = pairOf ? undefined : "this runtime has none";

  test(...unless(absent, `Connection over ${name} exchanges messages and both ends`), async () => {
    const [one, other] = (await pairOf!()).map((end) =>
      new Connection(duplexTransport(end), blocks)
    );
    const messages = [pattern(3_000_000), pattern(0), pattern(1), pattern(70_000)];
    const talk = async (connection: Connection) => {
      const sending = (async () => {
        for (const message of messages) await connection.send(message);
        await connection.flush();
      })();
      for (const message of messages) assert.deepEqual(await connection.receive(), message);
      await sending;
    };
    await Promise.all([talk(one!), talk(other!)]);
    // The end of one side leaves the other one open.
    void one!.closeWrite();
    assert.equal(await other!.receive(), undefined);
    void other!.send(pattern(100_000));
    void other!.closeWrite();
    assert.equal((await one!.receive())?.length, 100_000);
    assert.equal(await one!.receive(), undefined);
    assert.deepEqual([await one!.closed, await other!.closed], ["local", "remote"]);
    await Promise.all([one!.close(), other!.close()]);
  });

  test(...unless(absent, `Connection over ${name} closes without losing data`), async () => {
    const [one, other] = (await pairOf!()).map((end) =>
      new Connection(duplexTransport(end), blocks)
    );
    void one!.send(pattern(2_000_000));
    const closing = one!.close();
    assert.equal((await other!.receive())?.length, 2_000_000);
    assert.equal(await other!.receive(), undefined);
    await other!.close();
    await closing;
    assert.deepEqual([await one!.closed, await other!.closed], ["local", "remote"]);
  });

  test(...unless(absent, `Connection over ${name} reports an end inside a message`), async () => {
    const [end, peer] = await pairOf!();
    peer.on("error", () => {});
    const connection = new Connection(duplexTransport(end), { framer: fixed(3) });
    peer.write(utf8("onetw"), () => {});
    peer.end(() => {});
    assert.equal(textOf(await connection.receive()), "one");
    await assert.rejects(connection.receive(), (error) => {
      return error instanceof TruncatedFrameError && textOf(error.partial) === "tw";
    });
    connection.abort();
  });

  // A paused tls.TLSSocket of Deno 2.9 reads on, and buffers everything.
  const unpaused = name === "tls.TLSSocket" && runsOn("deno") ? "Deno 2.9 cannot" : absent;
  test(
    ...unless(unpaused, `Connection over ${name} stops a peer that it does not read`),
    async () => {
      const [end, peer] = await pairOf!();
      const connection = new Connection(duplexTransport(end), blocks);
      const sender = new Connection(duplexTransport(peer), blocks);
      // More than the system buffers.
      void sender.send(pattern(12_000_000));
      const flushed = sender.flush();
      let stalled = false;
      for (let before = -1; !stalled;) {
        for (let turns = 0; turns < 20; turns++) await turn();
        stalled = sender.pending === before;
        before = sender.pending;
      }
      assert.ok(sender.pending > 1_000_000, `${sender.pending}`);
      const { readableLength } = end as unknown as { readonly readableLength: number };
      assert.ok(readableLength <= 262_144, `${readableLength}`);
      const received = await connection.receive();
      assert.equal(received?.length, 12_000_000);
      await flushed;
      assert.equal(sender.pending, 0);
      sender.abort();
      connection.abort();
    },
  );

  test(...unless(absent, `Connection over ${name} leaves no listener that reads`), async () => {
    const [end, peer] = await pairOf!();
    const { listenerCount } = end as unknown as { listenerCount(event: string): number };
    const counts = () => ["data", "readable"].map((event) => listenerCount.call(end, event));
    const before = counts();
    const connection = new Connection(duplexTransport(end), textLines);
    peer.write(utf8("one\ntwo\nthree"), () => {});
    assert.equal(await connection.receive(), "one");
    await turn();
    assert.deepEqual(counts(), before);
    const transport = connection.detach();
    assert.equal(textOf(await transport.read()), "two\nthree");
    assert.deepEqual(counts(), before);
    const pending = transport.read();
    await turn();
    transport.close();
    assert.equal(await pending, undefined);
    assert.deepEqual(counts(), before);
    peer.destroy();
  });
}

test(
  "Connection over a net.Socket knows its addresses, also if it connects later",
  bounded,
  async () => {
    const server = createServer((socket) => void socket.resume().end());
    const port = await listening(server);
    const connecting = connect({ host: "127.0.0.1", port });
    const connection = new Connection(duplexTransport(connecting), textLines);
    await connection.send("one");
    assert.equal(await connection.receive(), undefined);
    assert.deepEqual(connection.remoteAddress, { hostname: "127.0.0.1", port });
    assert.equal(connection.localAddress?.hostname, "127.0.0.1");
    await connection.close();
    const socket = await openSocket(port);
    const transport = duplexTransport(socket);
    assert.deepEqual(transport.remoteAddress, { hostname: "127.0.0.1", port });
    assert.equal(transport.localAddress?.port, socket.localPort);
    transport.close();
    server.close();
  },
);

test('Connection over a net.Socket that cannot connect fails with "refused"', bounded, async () => {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, "close");
  const connection = new Connection(
    duplexTransport(connect({ host: "127.0.0.1", port })),
    textLines,
  );
  assert.equal((await failureOf(connection.receive())).code, "refused");
  assert.equal(await connection.closed, "failed");
});

test("Connection over a tls.TLSSocket knows its session", bounded, async () => {
  const [end, peer] = await tlsPair({ ALPNProtocols: ["frame/1"] });
  const [client, server] = [end, peer].map((socket) =>
    new Connection(duplexTransport(socket), textLines)
  );
  await server!.send("one");
  assert.equal(await client!.receive(), "one");
  assert.deepEqual(client!.tls, {
    alpn: "frame/1",
    peerCertificate: derOf(good),
    authorized: true,
    resumed: false,
    version: "TLSv1.3",
    cipher: server!.tls?.cipher,
  });
  assert.match(server!.tls!.cipher!, /^TLS_AES_/);
  assert.deepEqual(server!.tls, {
    ...client!.tls,
    peerCertificate: undefined,
    authorized: false,
  });
  assert.equal(client!.remoteAddress?.hostname, "127.0.0.1");
  client!.abort();
  server!.abort();
  const listener = tls.createServer(good, (socket) => void socket.end("one\n"));
  const port = await listening(listener);
  const options = { port, host: "127.0.0.1", ca: authority.cert };
  const early = new Connection(duplexTransport(tls.connect(options)), textLines);
  const before = early.tls;
  assert.equal(await early.receive(), "one");
  assert.deepEqual([before, early.tls?.authorized], [undefined, true]);
  assert.deepEqual(early.remoteAddress, { hostname: "127.0.0.1", port });
  early.abort();
  listener.close();
});

test('Connection over a tls.TLSSocket fails with "certificate"', bounded, async () => {
  const server = tls.createServer(untrusted);
  server.on("tlsClientError", () => {});
  const port = await listening(server);
  const socket = tls.connect({ port, host: "127.0.0.1", ca: authority.cert });
  const connection = new Connection(duplexTransport(socket), textLines);
  assert.equal((await failureOf(connection.receive())).code, "certificate");
  server.close();
});

test("Connection.detach() leaves a socket that its owner can read on", bounded, async () => {
  for (const how of ["data", "readable"] as const) {
    const [socket, peer] = await socketPair();
    const connection = new Connection(duplexTransport(socket), textLines);
    peer.write("one\ntwo");
    assert.equal(await connection.receive(), "one");
    const rest = textOf(await connection.detach().read());
    socket.unshift(utf8(rest!));
    const event = once(socket, how);
    const [chunk = socket.read()] = await event as [Uint8Array?];
    assert.equal(textOf(chunk), "two");
    await new Promise<void>((resolve) => peer.end("three", resolve));
    let more = "";
    for await (const part of socket) more += textOf(part as Uint8Array);
    assert.equal(more, "three");
    socket.destroy();
    peer.destroy();
  }
});

test("Connection receives what a stream has buffered, and what was put back", bounded, async () => {
  const [socket, peer] = await socketPair();
  peer.write("two\nthr");
  await once(socket, "readable");
  socket.unshift(utf8("one\n"));
  socket.removeAllListeners("readable");
  const connection = new Connection(duplexTransport(socket), textLines);
  assert.equal(await connection.receive(), "one");
  peer.end("ee\n");
  assert.equal(await connection.receive(), "two");
  assert.equal(await connection.receive(), "three");
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});

test("Connection receives from a socket that was paused or flowing before", bounded, async () => {
  for (const how of ["pause", "resume"] as const) {
    const [socket, peer] = await socketPair();
    socket[how]();
    const connection = new Connection(duplexTransport(socket), textLines);
    peer.write("one\n");
    for (let turns = 0; turns < 3; turns++) await turn();
    assert.equal(await connection.receive(), "one");
    peer.destroy();
    connection.abort();
  }
});

test("Connection receives from a socket whose peer had ended before", bounded, async () => {
  const [socket, peer] = await socketPair();
  peer.end("one\n");
  for (let turns = 0; turns < 3; turns++) await turn();
  const connection = new Connection(duplexTransport(socket), textLines);
  assert.equal(await connection.receive(), "one");
  assert.equal(await connection.receive(), undefined);
  await connection.close();
  assert.equal(await connection.closed, "remote");
});

test("Connection delivers the messages before a reset, and never an end", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"one\\ntwo\\nthr")
    exactly(conn, 3)
    reset(conn)
    done(True)
  `);
  const connection = new Connection(duplexTransport(await openSocket(peer.port)), textLines);
  assert.equal(await connection.receive(), "one");
  assert.equal(await connection.receive(), "two");
  const failing = failureOf(connection.receive());
  await connection.send("go");
  const error = await failing;
  assert.equal(error.code, "reset", error.stack);
  assert.equal(textOf(error.partial), "thr");
  assert.equal(await connection.closed, "reset");
  assert.equal(
    (await failureOf(connection.flush().then(() => connection.send("x")))).code,
    "reset",
  );
  await peer.result;
});

const noReset = runsOn("deno") ? "Deno 2.9 cannot reset" : undefined;
test(...unless(noReset, "Connection.abort() resets the peer of a net.Socket"), async () => {
  const peer = await pythonServer(`
    conn.sendall(b"one\\n")
    try:
        to_end(conn)
        done("end")
    except ConnectionResetError:
        done("reset")
  `);
  const connection = new Connection(duplexTransport(await openSocket(peer.port)), textLines);
  assert.equal(await connection.receive(), "one");
  const receiving = failureOf(connection.receive());
  connection.abort();
  assert.equal((await receiving).code, "aborted");
  assert.equal(await peer.result, "reset");
});

test("Connection.abort() destroys a net.Socket of a Unix domain socket", bounded, async () => {
  const path = `${temporaryFolder()}/socket`;
  const server = createServer();
  const accepted = once(server, "connection");
  server.listen(path);
  await once(server, "listening");
  const socket = connect(path);
  const [peer] = await accepted as [Socket];
  const connection = new Connection(duplexTransport(socket), textLines);
  peer.write("one\n");
  assert.equal(await connection.receive(), "one");
  const gone = once(peer.on("error", () => {}).resume(), "close");
  connection.abort();
  await gone;
  assert.ok(socket.destroyed);
  server.close();
});

test("Connection.abort() destroys other streams, whichever they are", bounded, async () => {
  for (const pairOf of Object.values(pairs)) {
    if (pairOf === undefined) continue;
    const [end, peer] = await pairOf();
    (peer as unknown as Socket).on("error", () => {});
    const connection = new Connection(duplexTransport(end), textLines);
    const receiving = failureOf(connection.receive());
    connection.abort();
    assert.equal((await receiving).code, "aborted");
    assert.ok(end.destroyed);
    peer.destroy();
  }
});

test(
  "Connection distinguishes a stream that closes early from one that ends",
  bounded,
  async () => {
    const failures: [(stream: streams.Duplex) => unknown, code: string][] = [
      [(stream) => stream.destroy(), "reset"],
      [(stream) => stream.destroy(Object.assign(new Error("gone"), { code: "EPIPE" })), "reset"],
      [
        (stream) => stream.destroy(Object.assign(new Error("slow"), { code: "ETIMEDOUT" })),
        "timedOut",
      ],
    ];
    for (const [destroy, code] of failures) {
      const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
      stream.push("one\ntwo\nthr");
      const connection = new Connection(duplexTransport(stream), textLines);
      assert.equal(await connection.receive(), "one");
      destroy(stream);
      assert.equal(await connection.receive(), "two");
      assert.equal((await failureOf(connection.receive())).code, code);
      // A stream that is destroyed already behaves in the same way.
      const late = new Connection(duplexTransport(stream), textLines);
      assert.equal((await failureOf(late.receive())).code, code);
      assert.equal((await failureOf(late.send("one").then(() => late.flush()))).code, code);
    }
  },
);

test(
  "Connection over a stream that ends both sides at once closes, and cannot send",
  bounded,
  async () => {
    const sent: string[] = [];
    const stream = new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        sent.push(String(chunk));
        done();
      },
      // Late, so that the end is still being sent when the connection closes.
      final: (done) => void setTimeout(done, 20),
    });
    stream.on("end", () => stream.end());
    const connection = new Connection(duplexTransport(stream), textLines);
    await connection.send("one");
    await connection.flush();
    stream.push("two\n");
    stream.push(null);
    assert.equal(await connection.receive(), "two");
    assert.equal(await connection.receive(), undefined);
    await connection.close();
    assert.equal(await connection.closed, "remote");
    assert.deepEqual(sent, ["one\n"]);
  },
);

test("Connection over a stream with one side that has ended uses the other", bounded, async () => {
  const make = () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const finished = make();
  const connection = new Connection(duplexTransport(finished), textLines);
  finished.end();
  await turn();
  const sending = connection.send("two").then(() => connection.flush());
  assert.equal((await failureOf(sending)).code, "reset");
  finished.push("one\n");
  assert.equal(await connection.receive(), "one");
  const transport = duplexTransport(finished);
  await transport.closeWrite();
  transport.close();
  const consumed = make();
  consumed.push(null);
  await once(consumed.resume(), "end");
  const ended = new Connection(duplexTransport(consumed), textLines);
  assert.equal(await ended.receive(), undefined);
  await ended.send("one");
  await ended.close();
  assert.equal(await ended.closed, "remote");
});

test("Connection.closeWrite() rejects if the stream cannot end", bounded, async () => {
  const failing = new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => done(),
    final: (done) => done(Object.assign(new Error("gone"), { code: "EPIPE" })),
  });
  const connection = new Connection(duplexTransport(failing), textLines);
  assert.equal((await failureOf(connection.closeWrite())).code, "reset");
});

test(
  "Connection.flush() rejects if the stream fails to write, or is destroyed",
  bounded,
  async () => {
    const gone = Object.assign(new Error("gone"), { code: "EPIPE" });
    const failing = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done(gone) });
    const silent = new Duplex({ read() {}, write() {} });
    for (const stream of [failing, silent]) {
      const connection = new Connection(duplexTransport(stream), textLines);
      void connection.send("one");
      const flushing = failureOf(connection.flush());
      await turn();
      if (stream === silent) stream.destroy();
      assert.equal((await flushing).code, "reset");
      assert.equal(await connection.closed, "reset");
    }
  },
);

test("Connection receives what a socket had buffered when it was reset", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"one\\ntwo\\nthr")
    wait()
    reset(conn)
    done(True)
  `);
  const socket = await openSocket(peer.port);
  const connection = new Connection(duplexTransport(socket), textLines);
  await once(socket, "readable");
  const closed = once(socket, "close").catch(() => {});
  peer.go();
  await closed;
  assert.equal(await connection.receive(), "one");
  assert.equal(await connection.receive(), "two");
  const error = await failureOf(connection.receive());
  assert.equal(error.code, "reset");
  assert.equal(textOf(error.partial), "thr");
  await peer.result;
});

test("Connection exchanges messages over Duplex.from() and a PassThrough", bounded, async () => {
  async function* upper(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) yield utf8(textOf(chunk)!.toUpperCase());
  }
  for (const [stream, echo] of [[Duplex.from(upper), "ONE"], [new PassThrough(), "one"]] as const) {
    const connection = new Connection(duplexTransport(stream), textLines);
    await connection.send("one");
    assert.equal(await connection.receive(), echo);
    await connection.closeWrite();
    assert.equal(await connection.receive(), undefined);
    await connection.close();
  }
});

test("duplexTransport() counts what the stream has accepted, and copies it", bounded, async () => {
  const written: Uint8Array[] = [];
  const callbacks: (() => void)[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk: Uint8Array, _encoding, done) {
      written.push(chunk);
      callbacks.push(done);
    },
  });
  const transport = duplexTransport(stream);
  const memory = utf8("one");
  const writing = transport.write([memory, utf8("two")]);
  await turn();
  assert.equal(transport.written, 0);
  callbacks.shift()!();
  await writing;
  memory.fill(0);
  assert.equal(transport.written, 6);
  assert.equal(textOf(written[0]), "onetwo");
  const stalled = failureOf(Promise.resolve(transport.write([utf8("three")])));
  await turn();
  transport.abort();
  assert.equal((await stalled).code, "closed");
  assert.equal(transport.written, 6);
});

test("Connection ends a stream whose methods misbehave", bounded, async () => {
  const fail = () => {
    throw new Error("foreign");
  };
  for (const name of ["destroy", "write", "end", "silent"] as const) {
    const silent = name === "silent";
    const stream = new Duplex({ read() {}, write() {}, final() {} });
    if (!silent) Object.defineProperty(stream, name, { value: fail });
    const connection = new Connection(duplexTransport(stream), { ...textLines, closeTimeout: 20 });
    const receiving = connection.receive();
    void connection.send("one").catch(() => {});
    await turn();
    await connection.close().catch((error) => assert.ok(error instanceof ConnectionError));
    await receiving.catch((error) => assert.ok(error instanceof ConnectionError));
    assert.notEqual(await connection.closed, undefined, name);
  }
  await turn();
});

test("Connection rejects a stream of anything but bytes", bounded, async () => {
  for (const chunk of ["two\n", 5, { two: 2 }]) {
    const stream = new Duplex({ objectMode: true, read() {}, write() {} });
    stream.push(utf8("one\n"));
    stream.push(chunk);
    const connection = new Connection(duplexTransport(stream), textLines);
    assert.equal(await connection.receive(), "one");
    await assert.rejects(connection.receive(), /expected a Uint8Array, got /);
    connection.abort();
  }
  const stream = new PassThrough();
  const connection = new Connection(duplexTransport(stream), textLines);
  stream.setEncoding("utf8");
  await connection.send("one");
  await assert.rejects(connection.receive(), /expected a Uint8Array, got a string/);
});

test("duplexTransport() refuses what is not a two-way stream of bytes", () => {
  const given = [null, undefined, "text", {}, streams.Readable.from([]), new WritableStream()];
  for (const value of [...given, { readable: 1, writable: 2 }]) {
    assert.throws(() => duplexTransport(value as never), {
      name: "TypeError",
      message: /^Cannot create transport: expected a Duplex of Node, got /,
    });
  }
  assert.throws(() => duplexTransport(new PassThrough().setEncoding("utf8")), {
    name: "TypeError",
    message:
      "Cannot create transport: expected bytes, but setEncoding() of a PassThrough was called",
  });
  for (const event of ["data", "readable"]) {
    assert.throws(() => duplexTransport(new Socket().on(event, () => {})), {
      name: "TypeError",
      message: "Cannot create transport: a Socket is being read by another listener",
    });
  }
});

test(
  "Connection over the socket of an upgraded HTTP request exchanges messages",
  bounded,
  async () => {
    const server = http.createServer();
    const switching = ["HTTP/1.1 101 Switching Protocols", "Upgrade: lines", "Connection: Upgrade"];
    server.on("upgrade", (_request, socket, head) => {
      socket.write(`${switching.join("\r\n")}\r\n\r\n`);
      if (head.length > 0) socket.unshift(head);
      const connection = new Connection(duplexTransport(socket), textLines);
      void (async () => {
        for await (const line of connection) await connection.send(line.toUpperCase());
        await connection.close();
      })();
    });
    const port = await listening(server);
    const peer = await pythonClient(
      port,
      `
    head = b"GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: lines"
    conn.sendall(head + b"\\r\\n\\r\\none\\ntw")
    time.sleep(0.05)
    conn.sendall(b"o\\n")
    conn.shutdown(socket.SHUT_WR)
    done(to_end(conn).decode().split("\\r\\n\\r\\n")[1])
  `,
    );
    assert.equal(await peer.result, "ONE\nTWO\n");
    server.close();
  },
);

test(
  "Connection.unref() of a connection over a net.Socket lets the process exit",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"one\\n")
    done(until_gone(conn))
  `);
    const process = child("socket_roles duplexUnref", { port: peer.port });
    assert.equal(await process.next(), "received");
    assert.deepEqual(await process.ended, ["received"]);
    await peer.result;
  },
);

interface BunSockets {
  connect(options: object): Promise<BunClientSocket>;
  listen(options: object): { readonly port: number; stop(): void };
}

const notBun = runsOn("bun") ? undefined : "it needs Bun";

test(...unless(notBun, "Connection takes over a socket of Bun.connect", bounded), async () => {
  const { connect } = (globalThis as unknown as { Bun: BunSockets }).Bun;
  const listener = await listen(textLines);
  const port = listener.address.port!;
  for (const allowHalfOpen of [true, false]) {
    const unused = { data: () => assert.fail("the handlers are replaced") };
    const socket = await connect({ hostname: "127.0.0.1", port, allowHalfOpen, socket: unused });
    const server = (await listener.accept())!;
    const client = new Connection(duplexTransport(socket), textLines);
    assert.deepEqual(client.remoteAddress, { hostname: "127.0.0.1", port });
    await client.send("one");
    assert.equal(await server.receive(), "one");
    await server.send("two");
    await server.send("three");
    void server.closeWrite();
    assert.deepEqual(await Array.fromAsync(client), ["two", "three"]);
    await client.close();
    assert.equal(await client.closed, "remote");
    assert.equal(await server.receive(), undefined);
    await server.close();
  }
  const socket = await connect({ hostname: "127.0.0.1", port, socket: { data: () => {} } });
  const server = (await listener.accept())!;
  const client = new Connection(duplexTransport(socket), textLines);
  server.abort();
  assert.equal((await failureOf(client.receive())).code, "reset");
  listener.close();
});

test(...unless(notBun, "duplexTransport() refuses a socket of Bun.listen", bounded), async () => {
  const { connect, listen } = (globalThis as unknown as { Bun: BunSockets }).Bun;
  let open: (socket: BunClientSocket) => void;
  const accepted = new Promise<BunClientSocket>((resolve) => open = resolve);
  const socket = { open: (socket: BunClientSocket) => open(socket), data: () => {} };
  const listener = listen({ hostname: "127.0.0.1", port: 0, socket });
  const client = await connect({
    hostname: "127.0.0.1",
    port: listener.port,
    socket: { data: () => {} },
  });
  const one = await accepted;
  assert.throws(
    () => duplexTransport(one),
    /sockets of Bun\.listen share handlers: use listen\(\)/,
  );
  client.terminate();
  listener.stop();
});
