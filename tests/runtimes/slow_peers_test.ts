import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, Connection, fixed, lines, serve, text } from "../../mod.ts";
import { bounded, scaled } from "../support/limits.ts";
import { pattern } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { slowClient, slowServers, whole } from "../support/slow_peers.ts";
import { failureOf, identity } from "../support/tls.ts";

/** Less than half the time that a slow peer takes to read a frame, and many times its pauses. */
const LIMIT = scaled(600);
const SIZE = 4 << 20;
const frame = pattern(SIZE);
const large = { framer: fixed(SIZE), maxFrameLength: Infinity };
const chunks = { framer: fixed(1024) };

for (const [way, slowServer] of Object.entries(slowServers)) {
  test(
    `Connection.close() delivers a large frame to a peer that reads slowly but steadily, over ${way}`,
    bounded,
    async () => {
      const peer = await slowServer(`done(steadily(conn, 3_000_000))`);
      const connection = await connect({ ...peer.where, ...large, closeTimeout: LIMIT });
      void connection.send(frame);
      await connection.close();
      assert.equal(await connection.closed, "local");
      assert.deepEqual(await peer.result, whole(SIZE));
    },
  );
}

test(
  "Connection.close() delivers many small frames to a peer that reads slowly but steadily",
  bounded,
  async () => {
    const peer = await slowServers.TCP(`done(steadily(conn, 3_000_000))`);
    const connection = await connect({ ...peer.where, ...chunks, closeTimeout: LIMIT });
    for (let at = 0; at < SIZE; at += 1024) void connection.send(frame.subarray(at, at + 1024));
    await connection.close();
    assert.equal(await connection.closed, "local");
    assert.deepEqual(await peer.result, whole(SIZE));
  },
);

test(
  "Connection.close() delivers a large frame to a peer that reads in frequent bursts",
  bounded,
  async () => {
    const peer = await slowServers.TCP(`done(by_bursts(conn))`);
    const connection = await connect({ ...peer.where, ...large, closeTimeout: LIMIT });
    void connection.send(frame);
    await connection[Symbol.asyncDispose]();
    assert.deepEqual(await peer.result, whole(SIZE));
  },
);

test(
  "Connection.close() delivers a large frame over a pair of streams that accepts it slowly but steadily",
  bounded,
  async () => {
    const { pair, accepted } = slowPair(3_000_000);
    const connection = new Connection(pair, { ...large, closeTimeout: LIMIT });
    void connection.send(frame);
    await connection.close();
    assert.equal(await connection.closed, "local");
    assert.equal(accepted(), SIZE);
  },
);

for (const [name, options] of [["TCP", {}], ["TLS", { tls: identity }]] as const) {
  test(
    `serve() delivers a handler's last message to a client that reads slowly, over ${name}`,
    bounded,
    async () => {
      const errors: unknown[] = [];
      const limits = { ...options, ...large, closeTimeout: LIMIT };
      const onError = (error: unknown) => void errors.push(error);
      const server = await serve({ ...limits, onError }, (connection) => {
        void connection.send(frame);
      });
      const reads = "done(steadily(conn, 3_000_000))";
      const body = name === "TLS" ? withTls(`conn = tls_client(conn)\n${reads}`) : reads;
      const client = await slowClient(server.address.port, body);
      assert.deepEqual(await client.result, whole(SIZE));
      await server.close();
      assert.deepEqual(errors, []);
    },
  );
}

for (const [way, slowServer] of Object.entries(slowServers)) {
  test(
    `Connection.close() reports the limit and the pending bytes if the peer reads nothing, over ${way}`,
    bounded,
    async () => {
      const peer = await slowServer(`
        wait()
        gone(conn)
        done(True)
      `);
      const connection = await connect({ ...peer.where, ...large, closeTimeout: 300 });
      void connection.send(frame);
      const error = await failureOf(connection.close());
      assert.equal(error.code, "timedOut");
      assert.equal(error.timeout, "closeTimeout");
      assert.match(error.message, /^Cannot close: closeTimeout of 300 ms expired/);
      const pending = Number(/(\d+) bytes pending/.exec(error.message)?.[1]);
      assert.ok(pending > 0 && pending <= SIZE, error.message);
      assert.doesNotMatch(error.message, /stall/);
      assert.equal(await connection.closed, "timedOut");
      assert.equal((await failureOf(connection.close())).code, "timedOut");
      peer.go();
      await peer.result;
    },
  );
}

test(
  "Connection.close() counts closeTimeout from the last byte that the peer has read, not from the call",
  bounded,
  async () => {
    const peer = await slowServers.TCP(`
      say(steadily(conn, 3_000_000, 2 << 20))
      wait()
      gone(conn)
      done(True)
    `);
    const connection = await connect({ ...peer.where, ...large, closeTimeout: scaled(300) });
    void connection.send(frame);
    const closing = failureOf(connection.close());
    assert.deepEqual(await peer.said(), whole(2 << 20));
    assert.equal((await closing).timeout, "closeTimeout");
    const pending = Number(/(\d+) bytes pending/.exec((await closing).message)?.[1]);
    assert.ok(pending > 0 && pending <= SIZE / 2, `${pending} bytes pending`);
    peer.go();
    await peer.result;
  },
);

test(
  "Connection.flush() and closeWrite() wait for a peer that reads slowly but steadily",
  bounded,
  async () => {
    const peer = await slowServers.TCP(`done(steadily(conn, 3_000_000))`);
    const half = { framer: fixed(SIZE / 2), maxFrameLength: Infinity };
    const limits = { sendTimeout: LIMIT, closeTimeout: LIMIT };
    const connection = await connect({ ...peer.where, ...half, ...limits });
    void connection.send(frame.subarray(0, SIZE / 2));
    await connection.flush();
    assert.equal(connection.pending, 0);
    void connection.send(frame.subarray(SIZE / 2));
    await connection.closeWrite();
    assert.equal(await connection.receive(), undefined);
    assert.equal(await connection.closed, "local");
    assert.deepEqual(await peer.result, whole(SIZE));
  },
);

test(
  "Connection.close() waits for a peer that is silent for less than closeTimeout at a time",
  bounded,
  async () => {
    const peer = await slowServers.TCP(`
      to_end(conn)
      for _ in range(8):
          conn.sendall(b"not yet\\n")
          sleep(0.1)
      conn.close()
      done(True)
    `);
    const options = { framer: lines(), codec: text(), closeTimeout: scaled(400) };
    const connection = await connect({ ...peer.where, ...options });
    await connection.send("bye");
    await connection.close();
    assert.equal(await connection.closed, "local");
    assert.equal(await peer.result, true);
  },
);

/** Returns a pair that accepts `rate` bytes a second and ends once this side has closed. */
function slowPair(rate: number) {
  let accepted = 0;
  let end = () => {};
  const started = performance.now();
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => void (end = () => controller.close()),
  });
  const writable = new WritableStream<Uint8Array>({
    async write(chunk) {
      assert.ok(chunk.length <= 262_144, `a chunk of ${chunk.length} bytes`);
      accepted += chunk.length;
      const due = started + scaled(accepted / rate * 1000) - performance.now();
      await new Promise((resolve) => setTimeout(resolve, due));
    },
    close: () => end(),
  });
  return { pair: { readable, writable }, accepted: () => accepted };
}
