import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { connect, type Connection, type ConnectionError, fixed, listen, serve } from "../../mod.ts";
import { textLines } from "../support/connections.ts";
import { bounded, sleep } from "../support/limits.ts";
import { pythonClient, pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { slowServers } from "../support/slow_peers.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { failureOf, identity, trusting } from "../support/tls.ts";

const SIZE = 4 << 20;
const large = { framer: fixed(SIZE), maxFrameLength: Infinity };
const frame = new Uint8Array(SIZE);

type Lines = Connection<string>;

/** Sends until a call fails, and returns its error; nothing receives meanwhile. */
const senders: Record<string, (connection: Lines) => Promise<unknown>> = {
  async "send()"(connection) {
    for (;;) {
      await connection.send("more");
      await sleep(5);
    }
  },
  async "flush()"(connection) {
    for (;;) {
      void connection.send("more");
      await connection.flush();
      await sleep(5);
    }
  },
  async "closeWrite()"(connection) {
    // More than the system buffers while the peer is not reading.
    for (let count = 0; count < 8000; count++) void connection.send("x".repeat(1000));
    await connection.closeWrite();
  },
  async "writable"(connection) {
    const writer = connection.writable.getWriter();
    writer.closed.catch(() => {});
    for (;;) {
      await writer.write("more");
      await sleep(5);
    }
  },
};

/** A peer that sends three lines and then resets. */
const RESETS = `
  conn.sendall(b"one\\ntwo\\nthree\\n")
  wait()
  reset(conn)
  say("reset")
  wait()
  done(True)
`;

for (const [name, send] of Object.entries(senders)) {
  test(
    `Connection.closed settles after ${name} fails with a reset, even if nothing is receiving`,
    bounded,
    async () => {
      const peer = await pythonServer(RESETS);
      const connection = await connect({ port: peer.port, ...textLines });
      assert.equal(await connection.receive(), "one");
      const failed = failureOf(send(connection));
      peer.go();
      assert.equal((await failed).code, "reset");
      assert.equal(await connection.closed, "reset");
      // These arrived together with the first one.
      assert.equal(await connection.receive(), "two");
      assert.equal(await connection.receive(), "three");
      assert.equal((await failureOf(connection.receive())).code, "reset");
      assert.equal((await failureOf(connection.send("more"))).code, "reset");
      peer.go();
      await peer.result;
    },
  );
}

test(
  "Connection.closed settles after a send over TLS fails with a reset",
  bounded,
  async () => {
    const peer = await pythonServer(withTls(`conn = tls_server(conn)\n${RESETS.trim()}`
      .replace(/^ +/gm, "")));
    const connection = await connect({ port: peer.port, tls: trusting, ...textLines });
    assert.equal(await connection.receive(), "one");
    peer.go();
    const error = await failureOf(senders["flush()"]!(connection));
    assert.equal(await connection.closed, error.code === "truncated" ? "truncated" : "reset");
    assert.equal(await connection.receive(), "two");
    assert.equal(await connection.receive(), "three");
    peer.go();
    await peer.result;
  },
);

test(
  "Connection.closed settles after a send over a Unix socket fails because the peer is gone",
  bounded,
  async () => {
    const peer = await slowServers["a Unix socket"](`
      conn.sendall(b"one\\ntwo\\n")
      wait()
      conn.close()
      say("gone")
      wait()
      done(True)
    `);
    const connection = await connect({ ...peer.where, ...textLines });
    assert.equal(await connection.receive(), "one");
    peer.go();
    assert.equal((await failureOf(senders["flush()"]!(connection))).code, "reset");
    assert.equal(await connection.closed, "reset");
    assert.equal(await connection.receive(), "two");
    peer.go();
    await peer.result;
  },
);

test(
  "Connection.closed settles after a handler's send fails with a reset",
  bounded,
  async () => {
    const reasons: Promise<string>[] = [];
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    const server = await serve({ ...textLines, onError }, async (connection) => {
      reasons.push(connection.closed);
      await senders["send()"]!(connection);
    });
    const peer = await pythonClient(
      server.address.port,
      `
      wait()
      reset(conn)
      done(True)
    `,
    );
    while (server.connections.size === 0) await sleep(5);
    peer.go();
    await peer.result;
    while (errors.length === 0) await sleep(5);
    assert.equal((errors[0] as ConnectionError).code, "reset");
    assert.equal(await reasons[0], "reset");
    await server.close();
  },
);

/** Calls that must reject if a message was lost. */
const ends: Record<string, (connection: Lines) => Promise<unknown>> = {
  "close()": (connection) => connection.close(),
  "flush()": (connection) => connection.flush(),
  "closeWrite()": (connection) => connection.closeWrite(),
  "[Symbol.asyncDispose]()": (connection) => connection[Symbol.asyncDispose](),
};

for (const [name, end] of Object.entries(ends)) {
  test(
    `Connection.${name} rejects if a small message was lost in an earlier turn`,
    bounded,
    async () => {
      const connection = await resetUnnoticed();
      // The message is accepted, since nothing can have noticed the reset yet.
      await connection.send("lost");
      await sleep(50);
      assert.equal((await failureOf(end(connection))).code, "reset");
      assert.equal((await failureOf(connection.close())).code, "reset");
      assert.equal(await connection.closed, "reset");
    },
  );

  for (const call of ["flush", "receive"] as const) {
    test(
      `Connection.${name} rejects if ${call}() has reported a reset while a message was pending`,
      bounded,
      async () => {
        const peer = await slowServers.TCP(`
          wait()
          reset(conn)
          done(True)
        `);
        const connection = await connect({ ...peer.where, ...large });
        void connection.send(frame);
        const reported = failureOf(connection[call]());
        peer.go();
        assert.equal((await reported).code, "reset");
        const again = end(connection as unknown as Lines);
        assert.equal((await failureOf(again)).code, "reset");
        assert.equal((await failureOf(connection.close())).code, "reset");
        assert.equal(await connection.closed, "reset");
      },
    );
  }
}

test(
  "Connection.writable.close() rejects if a message was lost in an earlier turn",
  bounded,
  async () => {
    const connection = await resetUnnoticed();
    const writer = connection.writable.getWriter();
    writer.closed.catch(() => {});
    await writer.write("lost");
    await sleep(50);
    assert.equal((await failureOf(writer.close())).code, "reset");
    assert.equal(await connection.closed, "reset");
  },
);

for (const [when, delay] of [["immediately", 0], ["after a while", 50]] as const) {
  test(
    `Connection.closed settles when closeWrite() finds a reset ${when}, even if nothing was pending`,
    bounded,
    async () => {
      const connection = await resetUnnoticed();
      if (delay > 0) await sleep(delay);
      const error = await connection.closeWrite().catch((error) => error);
      // The system may have accepted the end of the stream.
      if (error === undefined) await failureOf(connection.receive());
      else assert.equal(error.code, "reset");
      assert.equal(await connection.closed, "reset");
    },
  );
}

test(
  "Connection.close() rejects if idleTimeout has expired with messages pending",
  bounded,
  async () => {
    const peer = await slowServers.TCP(`
      wait()
      done(True)
    `);
    const connection = await connect({ ...peer.where, ...large, idleTimeout: 200 });
    void connection.send(frame);
    assert.equal((await failureOf(connection.receive())).timeout, "idleTimeout");
    assert.equal((await failureOf(connection.close())).timeout, "idleTimeout");
    peer.go();
    await peer.result;
  },
);

test(
  "serve() reports a message that is lost after the handler has returned",
  bounded,
  async () => {
    const errors: ConnectionError[] = [];
    const onError = (error: unknown) => void errors.push(error as ConnectionError);
    const server = await serve({ ...large, onError }, (connection) => {
      void connection.send(frame);
    });
    const peer = await pythonClient(
      server.address.port,
      `
    exactly(conn, 1000)
    reset(conn)
    done(True)
  `,
    );
    await peer.result;
    while (errors.length === 0) await sleep(5);
    assert.equal(errors[0]!.code, "reset");
    await server.close();
  },
);

for (
  const [name, options, body] of [
    ["TCP", {}, ""],
    ["TLS", { tls: identity }, "conn = tls_client(conn)"],
  ] as const
) {
  test(
    `Connection.close() resolves after a reset over ${name} if nothing is pending`,
    bounded,
    async () => {
      const listener = await listen({ ...options, ...textLines });
      const accepting = listener.accept();
      const peer = await pythonClient(
        listener.address.port,
        withTls(`${body}\nexactly(conn, 4)\nwait()\nreset(conn)\ndone(True)`),
      );
      const connection = await accepting;
      listener.close();
      await connection!.send("all");
      await connection!.flush();
      peer.go();
      await peer.result;
      await sleep(50);
      await connection!.close();
      assert.notEqual(await connection!.closed, "failed");
    },
  );
}

test(
  "Connection.close() resolves after receive() has reported a reset if nothing is pending",
  bounded,
  async () => {
    const peer = await pythonServer(`
      exactly(conn, 4)
      wait()
      reset(conn)
      done(True)
    `);
    const connection = await connect({ port: peer.port, ...textLines });
    await connection.send("all");
    await connection.flush();
    peer.go();
    assert.equal((await failureOf(connection.receive())).code, "reset");
    await connection.close();
    assert.equal(await connection.closed, "reset");
  },
);

/** Returns a connection that the peer has just reset, before this process could notice. */
async function resetUnnoticed(): Promise<Lines> {
  const mark = `${temporaryFolder()}/reset`;
  const peer = await pythonServer(`
    exactly(conn, 3)
    sleep(0.05)
    reset(conn)
    os.mkdir(${JSON.stringify(mark)})
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...textLines });
  await connection.send("go");
  await connection.flush();
  // Block the event loop until the reset has arrived.
  const block = `while [ ! -d ${mark} ]; do sleep 0.01; done; sleep 0.05`;
  assert.equal(spawnSync("sh", ["-c", block], bounded).status, 0);
  return connection;
}
