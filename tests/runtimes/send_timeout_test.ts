import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  type Connection,
  ConnectionError,
  fixed,
  lines,
  listen,
  serve,
  text,
} from "../../mod.ts";
import { bounded, scaled, sleep } from "../support/limits.ts";
import { pattern, pythonServer } from "../support/python.ts";
import { slowClient, slowServers, whole } from "../support/slow_peers.ts";
import { failureOf } from "../support/tls.ts";

const SIZE = 2 << 20;
const frame = pattern(SIZE);
const large = { framer: fixed(SIZE), maxFrameLength: Infinity };

/** A peer that reads nothing until the connection is gone. */
const READS_NOTHING = `
  wait()
  gone(conn)
  done(True)
`;

/** Calls that wait for a peer to read. */
const calls: Record<string, (connection: Connection) => Promise<unknown>> = {
  "send()": async (connection) => {
    for (;;) await connection.send(frame);
  },
  "flush()": (connection) => {
    void connection.send(frame);
    return connection.flush();
  },
  "closeWrite()": (connection) => {
    void connection.send(frame);
    return connection.closeWrite();
  },
  "close()": (connection) => {
    void connection.send(frame);
    return connection.close();
  },
  "writable.write()": async (connection) => {
    const writer = connection.writable.getWriter();
    writer.closed.catch(() => {});
    for (;;) await writer.write(frame);
  },
  "writable.close()": (connection) => {
    const writer = connection.writable.getWriter();
    writer.closed.catch(() => {});
    writer.write(frame).catch(() => {});
    return writer.close();
  },
  "receive()": (connection) => {
    void connection.send(frame);
    return connection.receive();
  },
};

for (const [name, call] of Object.entries(calls)) {
  test(
    `Connection.${name} rejects after sendTimeout if the peer reads nothing`,
    bounded,
    async () => {
      const peer = await slowServers.TCP(READS_NOTHING);
      const connection = await connect({ ...peer.where, ...large, sendTimeout: 300 });
      const error = await failureOf(call(connection));
      assert.equal(error.code, "timedOut");
      assert.equal(error.timeout, "sendTimeout");
      assert.match(error.message, /sendTimeout of 300 ms expired/);
      const pending = Number(/(\d+) bytes pending/.exec(error.message)?.[1]);
      assert.ok(pending > 0, error.message);
      assert.equal(await connection.closed, "timedOut");
      assert.equal(connection.pending, 0);
      await assert.rejects(connection.send(frame), { code: "timedOut" });
      peer.go();
      await peer.result;
    },
  );
}

for (const way of ["TLS", "a Unix socket"] as const) {
  test(
    `Connection over ${way} times out by sendTimeout if the peer reads nothing`,
    bounded,
    async () => {
      const peer = await slowServers[way](READS_NOTHING);
      const connection = await connect({ ...peer.where, ...large, sendTimeout: 300 });
      void connection.send(frame);
      assert.equal((await failureOf(connection.flush())).timeout, "sendTimeout");
      assert.equal(await connection.closed, "timedOut");
      peer.go();
      await peer.result;
    },
  );
}

test(
  "Connection times out by sendTimeout even if no call is pending",
  bounded,
  async () => {
    const peer = await slowServers.TCP(READS_NOTHING);
    const connection = await connect({ ...peer.where, ...large, sendTimeout: 300 });
    void connection.send(frame);
    assert.equal(await connection.closed, "timedOut");
    await assert.rejects(connection.close(), { code: "timedOut", timeout: "sendTimeout" });
    peer.go();
    await peer.result;
  },
);

test(
  "Connection does not time out by sendTimeout while a peer reads slowly but steadily",
  bounded,
  async () => {
    const peer = await slowServers.TCP(`done(steadily(conn, 1_500_000))`);
    const connection = await connect({ ...peer.where, ...large, sendTimeout: scaled(600) });
    await connection.send(frame);
    await connection.close();
    assert.equal(await connection.closed, "local");
    assert.deepEqual(await peer.result, whole(SIZE));
  },
);

test(
  "Connection does not time out by sendTimeout while a peer reads in frequent bursts",
  bounded,
  async () => {
    const peer = await slowServers.TLS(`done(by_bursts(conn))`);
    const connection = await connect({ ...peer.where, ...large, sendTimeout: scaled(600) });
    void connection.send(frame);
    await connection.flush();
    await connection.close();
    assert.deepEqual(await peer.result, whole(SIZE));
  },
);

test(
  "Connection does not time out by sendTimeout while nothing is pending",
  bounded,
  async () => {
    const peer = await pythonServer(`done(to_end(conn).decode())`);
    const options = { framer: lines(), codec: text(), sendTimeout: scaled(200) };
    const connection = await connect({ port: peer.port, ...options });
    for (const message of ["one", "two"]) {
      await connection.send(message);
      await sleep(500);
    }
    await connection.close();
    assert.equal(await connection.closed, "local");
    assert.equal(await peer.result, "one\ntwo\n");
  },
);

for (const when of ["while its handler is sending", "after its handler has returned"] as const) {
  test(
    `serve() ends a connection by sendTimeout ${when}, if the client reads nothing`,
    bounded,
    async () => {
      const errors: unknown[] = [];
      const onError = (error: unknown) => void errors.push(error);
      const server = await serve({ ...large, sendTimeout: 300, onError }, async (connection) => {
        const sent = connection.send(frame);
        if (when === "while its handler is sending") await sent;
      });
      const client = await slowClient(server.address.port, READS_NOTHING);
      while (errors.length === 0) await sleep(10);
      const [error] = errors;
      assert.ok(error instanceof ConnectionError, `${error}`);
      assert.equal(error.timeout, "sendTimeout");
      client.go();
      await client.result;
      await server.close();
    },
  );
}

test("connect(), listen() and serve() reject an invalid sendTimeout", bounded, async () => {
  for (const sendTimeout of [-1, NaN, 0]) {
    const options = { ...large, sendTimeout };
    await assert.rejects(connect({ port: 9, ...options }), RangeError);
    await assert.rejects(listen(options), RangeError);
    await assert.rejects(serve(options, () => {}), RangeError);
  }
});

test(
  "Connection.send() times out by sendTimeout if the peer sends but never reads",
  bounded,
  async () => {
    const peer = await pythonServer(`
      try:
          while True:
              conn.sendall(b"x")
              time.sleep(0.05)
      except OSError:
          done(True)
    `);
    const framer = fixed(64 << 20);
    const limits = { maxFrameLength: Infinity, sendTimeout: 500 };
    const connection = await connect({ port: peer.port, framer, ...limits });
    connection.receive().catch(() => {});
    const error = await failureOf(connection.send(new Uint8Array(64 << 20)));
    assert.deepEqual([error.code, error.timeout], ["timedOut", "sendTimeout"]);
    assert.equal(await peer.result, true);
  },
);
