import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, ConnectionError, lines, type OpeningPair, text } from "../../../mod.ts";
import { codeOf, recordingPair, settled, soon } from "../../support/pairs.ts";
import { turn } from "../../support/transports.ts";

const protocol = { framer: lines(), codec: text() };

/** What `opened` of a `TCPSocket` or of a `WebSocketStream` resolves to. */
type Opened = Awaited<OpeningPair["opened"]>;

/** Returns a socket that the test opens, like a `TCPSocket` of Direct Sockets, and the calls of its `close`. */
function openingPair() {
  const { promise: opened, resolve, reject } = settled<Opened>();
  const closes: unknown[] = [];
  const { promise: closed } = settled<void>();
  const close = (...args: unknown[]) => {
    closes.push(args);
    return Promise.reject(new Error("the streams are locked"));
  };
  return { pair: { opened, closed, close }, resolve, reject, closes };
}

test("Connection exchanges messages over a pair in a promise opened", async () => {
  const { pair, resolve } = openingPair();
  const connection = new Connection(pair, protocol);
  const received = connection.receive();
  await connection.send("two");
  const flushed = connection.flush();
  assert.equal(await soon(flushed), "pending");
  assert.equal(connection.pending, 4);
  const { readable, writable, push, end, chunks } = recordingPair();
  resolve({ readable, writable });
  await flushed;
  push("one\n");
  assert.equal(await received, "one");
  assert.deepEqual(chunks, [new TextEncoder().encode("two\n")]);
  end();
  assert.equal(await connection.receive(), undefined);
  await connection.close();
  assert.equal(await connection.closed, "remote");
});

test("Connection takes over the addresses and the protocol of a pair that has opened", async () => {
  const cases: readonly [info: object, remote: unknown, local: unknown, alpn: unknown][] = [
    [
      { remoteAddress: "::1", remotePort: 80, localAddress: "::2", localPort: 7 },
      { hostname: "::1", port: 80 },
      { hostname: "::2", port: 7 },
      undefined,
    ],
    [
      { remoteAddress: "[::1]:80", localAddress: "10.0.0.1:7", alpn: "frame/1" },
      { hostname: "::1", port: 80 },
      { hostname: "10.0.0.1", port: 7 },
      {
        alpn: "frame/1",
        peerCertificate: undefined,
        authorized: false,
        resumed: false,
        version: undefined,
        cipher: undefined,
      },
    ],
    [{ remoteAddress: undefined, alpn: null }, undefined, undefined, undefined],
    [{ protocol: "", extensions: "" }, undefined, undefined, undefined],
  ];
  for (const [info, remote, local, tls] of cases) {
    const { readable, writable } = recordingPair();
    for (const lazy of [true, false]) {
      const opened = Promise.resolve({ readable, writable, ...info });
      const pair = lazy ? { opened } : { ...recordingPair(), opened };
      const connection = new Connection(pair, protocol);
      assert.equal(connection.remoteAddress, undefined);
      await turn();
      assert.deepEqual(connection.remoteAddress, remote);
      assert.deepEqual(connection.localAddress, local);
      assert.deepEqual(connection.tls, tls);
      connection.abort();
      if (lazy) await turn();
    }
  }
});

test("Connection rejects with a ConnectionError if opened rejects", async () => {
  const network = Object.assign(new Error("refused"), { name: "NetworkError" });
  const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  for (const [cause, code] of [[network, "unknown"], [refused, "refused"]] as const) {
    const { pair, reject } = openingPair();
    const connection = new Connection(pair, protocol);
    const received = connection.receive().catch((error) => error);
    void connection.send("one");
    const flushed = connection.flush().catch((error) => error);
    reject(cause);
    for (const error of [await received, await flushed]) {
      assert.ok(error instanceof ConnectionError);
      assert.equal(error.code, code);
      assert.equal(error.cause, cause);
    }
    assert.equal(await connection.closed, "failed");
  }
});

test("Connection rejects if opened resolves to something else, or to locked streams", async () => {
  const locked = recordingPair();
  locked.readable.getReader();
  for (const opened of [undefined, {}, { readable: 1 }, locked]) {
    const connection = new Connection({ opened: Promise.resolve(opened) } as never, protocol);
    const error = await connection.receive().catch((error) => error);
    assert.ok(error instanceof ConnectionError && error.cause instanceof TypeError);
    if (opened === locked) continue;
    assert.match(error.message, /^Cannot receive: opened resolved to .*: expected a pair/);
  }
});

test("Connection.abort() ends a pair that opens later", async () => {
  const { pair, resolve, closes } = openingPair();
  const connection = new Connection(pair, protocol);
  const received = connection.receive().catch((error) => error);
  connection.abort();
  assert.equal(codeOf(await received), "aborted");
  assert.equal(closes.length, 1);
  const { readable, writable, cancelled, aborted } = recordingPair();
  resolve({ readable, writable });
  await turn();
  assert.equal(cancelled.length, 1);
  assert.equal(aborted.length, 1);
});

test("Connection reports a network error of an open pair as reset, with what had arrived", async () => {
  for (const name of ["NetworkError", "WebSocketError"]) {
    const { readable, writable, push, fail } = recordingPair();
    const connection = new Connection(
      { opened: Promise.resolve({ readable, writable }) },
      protocol,
    );
    push("one\ntw");
    assert.equal(await connection.receive(), "one");
    fail(Object.assign(new Error("lost"), { name }));
    const error = await connection.receive().catch((error) => error);
    assert.equal(codeOf(error), "reset");
    assert.deepEqual(error.partial, new TextEncoder().encode("tw"));
  }
});

test("Connection rejects a text message of a WebSocketStream with a clear error", async () => {
  const writable = new WritableStream<Uint8Array | string>();
  const readable = new ReadableStream<ArrayBuffer | string>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("one\n").buffer);
      controller.enqueue("two\n");
    },
  });
  const connection = new Connection({ opened: Promise.resolve({ readable, writable }) }, protocol);
  assert.equal(await connection.receive(), "one");
  await assert.rejects(connection.receive(), {
    name: "ConnectionError",
    message: /^Cannot receive: expected a Uint8Array, got a string: pipe text through/,
  });
});

test("Connection refuses what is neither a transport nor a pair", () => {
  const half = { read: () => {}, write: () => {} };
  for (const given of [null, undefined, 1, "text", {}, half, { opened: true }, new Map()]) {
    assert.throws(() => new Connection(given as never, protocol), {
      name: "TypeError",
      message: /^Cannot create transport: expected a pair of Web Streams/,
    });
  }
});
