import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  type Connection,
  type ConnectOptions,
  fixed,
  lengthPrefixed,
  serve,
  uint32,
} from "../../mod.ts";
import { textLines } from "../support/connections.ts";
import { bounded, scaled, sleep } from "../support/limits.ts";
import { pattern, pythonServer } from "../support/python.ts";
import { slowClient, type SlowServer, slowServers, whole } from "../support/slow_peers.ts";
import { textOf } from "../support/streams.ts";
import { failureOf } from "../support/tls.ts";

const SIZE = 4 << 20;
const upload = pattern(SIZE);
/** Half the duration of an upload, and several times as long as the system's buffers take to drain. */
const LIMIT = scaled(800);
const frames = { framer: lengthPrefixed(uint32), maxFrameLength: Infinity };

/** Reads an upload slowly, sends nothing meanwhile, and replies when it is complete. */
const READS_UPLOAD = `
  exactly(conn, 4)
  uploaded = steadily(conn, 3_000_000, ${SIZE})
  conn.sendall(struct.pack(">I", 2) + b"ok")
  to_end(conn)
  done(uploaded)
`;

/** Ways to wait for the next message. */
const faces: Record<string, (connection: Connection) => Promise<Uint8Array | undefined>> = {
  receive: (connection) => connection.receive(),
  next: async (connection) => (await connection.next()).value,
  batches: async (connection) => (await connection.batches().next()).value?.[0],
  visit: (connection) =>
    new Promise((resolve, reject) => {
      connection.visit((bytes, start, end) => resolve(bytes.slice(start, end))).catch(reject);
    }),
  readable: async (connection) => (await connection.readable.getReader().read()).value,
};

test(
  "Connection waits beyond idleTimeout while a peer reads a long upload, whichever call receives",
  bounded,
  async () => {
    const results = await Promise.allSettled(
      Object.values(faces).map((next) => uploads(slowServers.TCP, next)),
    );
    const names = Object.keys(faces);
    const failed = results.flatMap((result, index) =>
      result.status === "rejected" ? [`${names[index]}: ${result.reason}`] : []
    );
    assert.deepEqual(failed, []);
  },
);

for (const way of ["TLS", "a Unix socket"] as const) {
  test(
    `Connection.receive() over ${way} waits beyond idleTimeout while a peer reads a long upload`,
    bounded,
    () => uploads(slowServers[way], faces["receive"]!),
  );
}

async function uploads(server: SlowServer, next: (typeof faces)[string]): Promise<void> {
  const peer = await server(READS_UPLOAD);
  const connection = await connect({ ...peer.where, ...frames, idleTimeout: LIMIT });
  void connection.send(upload);
  assert.equal(textOf(await next(connection)), "ok");
  await connection.close();
  assert.deepEqual(await peer.result, whole(SIZE));
}

test(
  "serve() lets a handler wait beyond idleTimeout while its client reads a long download",
  bounded,
  async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const server = await serve(
      { ...frames, idleTimeout: LIMIT, onError },
      async (connection) => {
        for await (const request of connection) {
          void connection.send(textOf(request) === "all" ? upload : request);
        }
      },
    );
    const client = await slowClient(
      server.address.port,
      `
      conn.sendall(struct.pack(">I", 3) + b"all")
      exactly(conn, 4)
      downloaded = steadily(conn, 3_000_000, ${SIZE})
      conn.sendall(struct.pack(">I", 3) + b"bye")
      conn.shutdown(socket.SHUT_WR)
      done([downloaded, to_end(conn)[4:].decode()])
      `,
    );
    assert.deepEqual(await client.result, [whole(SIZE), "bye"]);
    await server.close();
    assert.deepEqual(errors, []);
  },
);

test(
  "Connection.receive() waits beyond idleTimeout while small messages are sent",
  bounded,
  async () => {
    const peer = await pythonServer(`
      for _ in range(12):
          exactly(conn, 5)
      conn.sendall(b"enough\\n")
      done(to_end(conn).decode())
    `);
    const connection = await connect({ port: peer.port, ...textLines, idleTimeout: scaled(500) });
    const received = connection.receive();
    for (let count = 0; count < 12; count++) {
      await sleep(100);
      await connection.send("beat");
    }
    assert.equal(await received, "enough");
    await connection.close();
    assert.equal(await peer.result, "");
  },
);

test(
  "Connection.receive() waits beyond idleTimeout while one long frame arrives",
  bounded,
  async () => {
    const peer = await pythonServer(`
      data = pattern(${SIZE})[:${SIZE}]
      conn.sendall(struct.pack(">I", ${SIZE}))
      for at in range(0, ${SIZE}, 262144):
          conn.sendall(data[at:at + 262144])
          sleep(0.08)
      done(to_end(conn).decode())
    `);
    const connection = await connect({ port: peer.port, ...frames, idleTimeout: scaled(500) });
    assert.deepEqual(await connection.receive(), upload);
    await connection.close();
    assert.equal(await peer.result, "");
  },
);

test(
  "Connection.receive() times out by idleTimeout if the peer neither sends nor reads",
  bounded,
  async () => {
    const connection = await connectToSilent({ idleTimeout: 300 });
    const flushed = failureOf(connection.flush());
    const error = await failureOf(connection.receive());
    assert.equal(error.code, "timedOut");
    assert.equal(error.timeout, "idleTimeout");
    assert.match(error.message, /^Cannot receive: .*idleTimeout of 300 ms/);
    assert.equal((await flushed).timeout, "idleTimeout");
    assert.equal(await connection.closed, "timedOut");
  },
);

test(
  "Connection.receive() times out by idleTimeout if the peer is silent after reading everything",
  bounded,
  async () => {
    const peer = await slowServers.TCP(`
      exactly(conn, ${SIZE})
      say("read")
      done(until_gone(conn))
    `);
    const options = { framer: fixed(SIZE), maxFrameLength: Infinity, idleTimeout: scaled(300) };
    const connection = await connect({ ...peer.where, ...options });
    void connection.send(upload);
    const failed = failureOf(connection.receive());
    assert.equal(await peer.said(), "read");
    assert.equal((await failed).timeout, "idleTimeout");
    assert.equal(await connection.closed, "timedOut");
    assert.equal(await peer.result, 0);
  },
);

test(
  "Connection does not time out by idleTimeout while it only sends to a peer that reads nothing",
  bounded,
  async () => {
    const peer = await slowServers.TCP(`
      wait()
      done(steadily(conn, 100_000_000))
    `);
    const options = { framer: fixed(SIZE), maxFrameLength: Infinity, idleTimeout: 200 };
    const connection = await connect({ ...peer.where, ...options });
    void connection.send(upload);
    await sleep(600);
    assert.ok(connection.pending > 0);
    peer.go();
    await connection.close();
    assert.equal(await connection.closed, "local");
    assert.deepEqual(await peer.result, whole(SIZE));
  },
);

test(
  "Connection.receive() times out by frameTimeout, however much this side sends meanwhile",
  bounded,
  async () => {
    const peer = await pythonServer(`
      conn.sendall(b"begun")
      done(until_gone(conn) > 0)
    `);
    const limits = { frameTimeout: 400, idleTimeout: scaled(20_000) };
    const connection = await connect({ port: peer.port, ...textLines, ...limits });
    let failed = false;
    const failure = failureOf(connection.receive()).finally(() => failed = true);
    while (!failed) {
      void connection.send("beat").catch(() => {});
      await sleep(20);
    }
    assert.equal((await failure).timeout, "frameTimeout");
    assert.equal(await connection.closed, "timedOut");
    assert.equal(await peer.result, true);
  },
);

test(
  "Connection.receive() waits for the whole idleTimeout, even if another timeout is already running",
  bounded,
  async () => {
    const connection = await connectToSilent({ idleTimeout: 400, sendTimeout: scaled(4000) });
    await sleep(1400);
    const start = performance.now();
    assert.equal((await failureOf(connection.receive())).timeout, "idleTimeout");
    const waited = performance.now() - start;
    assert.ok(waited >= 390, `waited for ${waited} ms`);
  },
);

test(
  "Connection.close() waits for the whole closeTimeout, even if another timeout is already running",
  bounded,
  async () => {
    const connection = await connectToSilent({ sendTimeout: scaled(4000), closeTimeout: 400 });
    await sleep(1400);
    const start = performance.now();
    assert.equal((await failureOf(connection.close())).timeout, "closeTimeout");
    const waited = performance.now() - start;
    assert.ok(waited >= 390, `waited for ${waited} ms`);
  },
);

/** Connects to a peer that neither sends nor reads, and sends more than its system accepts. */
async function connectToSilent(options: ConnectOptions): Promise<Connection> {
  const peer = await slowServers.TCP("wait()");
  const protocol = { framer: fixed(SIZE), maxFrameLength: Infinity };
  const connection = await connect({ ...peer.where, ...protocol, ...options });
  void connection.closed.then(() => peer.kill());
  void connection.send(upload);
  return connection;
}
