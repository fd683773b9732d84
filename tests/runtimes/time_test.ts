import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { connect, fixed, lengthPrefixed, listen, serve, uint32 } from "../../mod.ts";
import { failureOf, textLines } from "../support/connections.ts";
import { bounded, scaled, sleep } from "../support/limits.ts";
import { pattern, pythonServer } from "../support/python.ts";
import { silentPort } from "../support/silent.ts";
import { textOf } from "../support/streams.ts";

test(
  "connect() reports connectTimeout if the peer does not answer",
  bounded,
  async () => {
    const { port, kill } = await silentPort();
    const error = await failureOf(connect({ port, ...textLines, connectTimeout: 50 }));
    assert.equal(error.code, "timedOut");
    assert.equal(error.timeout, "connectTimeout");
    assert.match(error.message, /^Cannot connect to 127\.0\.0\.1:\d+: .*connectTimeout.* 50 ms/);
    kill();
  },
);

test(
  "connect() leaves the connection open after connectTimeout has passed",
  bounded,
  async () => {
    const peer = await pythonServer(`
    wait()
    conn.sendall(b"late\\n")
    conn.close()
    done(True)
  `);
    const connection = await connect({
      port: peer.port,
      ...textLines,
      connectTimeout: scaled(500),
    });
    await sleep(600);
    peer.go();
    assert.equal(await connection.receive(), "late");
    await connection.close();
  },
);

test("connect(), listen() and serve() reject invalid timeouts", bounded, async () => {
  for (const time of [-1, NaN, 0]) {
    for (
      const name of ["connectTimeout", "idleTimeout", "frameTimeout", "closeTimeout"] as const
    ) {
      await assert.rejects(connect({ port: 9, ...textLines, [name]: time }), RangeError, name);
    }
    await assert.rejects(listen({ ...textLines, handshakeTimeout: time }), RangeError);
    await assert.rejects(serve({ ...textLines, idleTimeout: time }, () => {}), RangeError);
  }
});

test(
  "Connection.receive() ends the connection if nothing arrives within idleTimeout",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"one\\n")
    say("sent")
    try:
        done(to_end(conn).decode())
    except ConnectionError:
        done("")
  `);
    const connection = await connect({ port: peer.port, ...textLines, idleTimeout: scaled(100) });
    assert.equal(await peer.said(), "sent");
    assert.equal(await connection.receive(), "one");
    const error = await failureOf(connection.receive());
    assert.equal(error.code, "timedOut");
    assert.equal(error.timeout, "idleTimeout");
    assert.equal(error.received, 0);
    assert.equal(error.expected, undefined);
    await assert.rejects(connection.receive(), (again) => again === error);
    await assert.rejects(connection.send("more"), { code: "timedOut" });
    assert.equal(await connection.closed, "timedOut");
    assert.equal(await peer.result, "");
  },
);

test(
  "Connection.receive() reports how much of the frame has arrived when it times out",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"\\x00\\x00\\x00\\x02hi" + b"\\x00\\x00\\x00\\x0ahel")
    say("sent")
    try:
        done(to_end(conn).decode())
    except ConnectionError:
        done("")
  `);
    const protocol = { framer: lengthPrefixed(uint32), idleTimeout: scaled(100) };
    const connection = await connect({ port: peer.port, ...protocol });
    assert.equal(await peer.said(), "sent");
    assert.equal(textOf(await connection.receive()), "hi");
    const error = await failureOf(connection.receive());
    assert.equal(error.timeout, "idleTimeout");
    assert.equal(error.received, 7);
    assert.equal(error.expected, 14);
    assert.match(error.message, /7 of 14/);
    await peer.result;
  },
);

test(
  "Connection.receive() times out by frameTimeout if the peer sends a frame slowly",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"\\x00\\x00\\x27\\x10")
    sent = 4
    try:
        while True:
            conn.sendall(b"x")
            sent += 1
            time.sleep(0.01)
    except OSError:
        done(sent)
  `);
    const protocol = {
      framer: lengthPrefixed(uint32),
      frameTimeout: 300,
      idleTimeout: scaled(10_000),
    };
    const connection = await connect({ port: peer.port, ...protocol });
    const error = await failureOf(connection.receive());
    assert.equal(error.code, "timedOut");
    assert.equal(error.timeout, "frameTimeout");
    assert.equal(error.expected, 10_004);
    assert.ok(error.received! >= 4 && error.received! < 10_004, `${error.received}`);
    assert.equal(await connection.closed, "timedOut");
    assert.ok(await peer.result as number >= error.received!);
  },
);

test("Connection.receive() restarts idleTimeout with every chunk", bounded, async () => {
  const peer = await pythonServer(`
    for _ in range(60):
        conn.sendall(b"x")
        sleep(0.01)
    conn.sendall(b"\\n")
    conn.close()
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...textLines, idleTimeout: scaled(500) });
  assert.equal(await connection.receive(), "x".repeat(60));
  await connection.close();
});

test(
  "Connection.receive() restarts frameTimeout with the first byte of every frame",
  bounded,
  async () => {
    const peer = await pythonServer(`
    for _ in range(2):
        # Longer than the limit, but no frame has begun.
        sleep(0.5)
        for piece in (b"on", b"e", b"\\n"):
            conn.sendall(piece)
            sleep(0.01)
    conn.close()
    done(True)
  `);
    const connection = await connect({ port: peer.port, ...textLines, frameTimeout: scaled(400) });
    for (let count = 0; count < 2; count++) assert.equal(await connection.receive(), "one");
    assert.equal(await connection.receive(), undefined);
    await connection.close();
  },
);

test("Connection.receive() does not count time while no receive is pending", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"one\\ntw")
    wait()
    conn.sendall(b"o\\n" + b"x" * 200000 + b"\\n")
    say("sent")
    done(to_end(conn).decode())
  `);
  const limits = { idleTimeout: scaled(300), frameTimeout: scaled(300) };
  const connection = await connect({ port: peer.port, ...textLines, ...limits });
  assert.equal(await connection.receive(), "one");
  await sleep(400);
  peer.go();
  assert.equal(await peer.said(), "sent");
  await sleep(400);
  assert.equal(await connection.receive(), "two");
  assert.equal((await connection.receive())?.length, 200_000);
  await connection.close();
  assert.equal(await peer.result, "");
});

test(
  "Connection.receive() does not time out while this process is busy",
  bounded,
  async () => {
    const folder = mkdtempSync(`${tmpdir()}/framewright-`);
    const peer = await pythonServer(`
    exactly(conn, 3)
    conn.sendall(b"one\\n")
    os.mkdir("${folder}/sent")
    done(to_end(conn).decode())
  `);
    const limits = { idleTimeout: scaled(200), frameTimeout: scaled(200) };
    const connection = await connect({ port: peer.port, ...textLines, ...limits });
    await connection.send("go");
    const receiving = connection.receive();
    await connection.flush();
    // Block the event loop until the answer has arrived and the timeout has passed.
    const block = `while [ ! -d ${folder}/sent ]; do sleep 0.02; done; sleep ${scaled(300) / 1000}`;
    assert.equal(spawnSync("sh", ["-c", block], bounded).status, 0);
    assert.equal(await receiving, "one");
    await connection.close();
    rmSync(folder, { recursive: true });
  },
);

test(
  "Connection.receive() loses no byte when it is aborted repeatedly",
  bounded,
  async () => {
    const peer = await pythonServer(`
    frame = struct.pack(">I", 30000) + pattern(30000)[:30000]
    for at in range(0, len(frame), 1000):
        conn.sendall(frame[at:at + 1000])
        time.sleep(0.005)
    conn.sendall(frame)
    conn.close()
    done(True)
  `);
    const connection = await connect({ port: peer.port, framer: lengthPrefixed(uint32) });
    let timeouts = 0;
    const receivePatiently = async (): Promise<Uint8Array | undefined> => {
      for (;;) {
        try {
          return await connection.receive({ signal: AbortSignal.timeout(2) });
        } catch (error) {
          assert.equal((error as Error).name, "TimeoutError");
          timeouts++;
        }
      }
    };
    assert.deepEqual(await receivePatiently(), pattern(30_000));
    assert.deepEqual(await receivePatiently(), pattern(30_000));
    assert.equal(await connection.receive(), undefined);
    assert.ok(timeouts > 0);
    await connection.close();
    assert.equal(await connection.closed, "remote");
  },
);

test(
  "Connection.send() aborted while waiting still sends its message, once and in order",
  bounded,
  async () => {
    const peer = await pythonServer(`
    wait()
    data = to_end(conn)
    done([len(data), [data[at] for at in range(0, len(data), 1 << 20)]])
  `);
    const connection = await connect({ port: peer.port, framer: fixed(1 << 20) });
    const never = new Error("never");
    const aborted = AbortSignal.abort(never);
    await assert.rejects(
      connection.send(new Uint8Array(1 << 20).fill(99), { signal: aborted }),
      never,
    );
    let count = 0;
    let abortedCount = 0;
    while (abortedCount < 3) {
      const reason = new Error("enough");
      const controller = new AbortController();
      const sent = connection.send(new Uint8Array(1 << 20).fill(count++), {
        signal: controller.signal,
      });
      const waiting = await Promise.race([sent.then(() => false), sleep(100).then(() => true)]);
      controller.abort(reason);
      if (waiting && await sent.then(() => false, (error) => error === reason)) abortedCount++;
    }
    peer.go();
    await connection.close();
    const numbers = Array.from({ length: count }, (_, number) => number);
    assert.deepEqual(await peer.result, [count << 20, numbers]);
  },
);

test(
  "Connection.close() resolves after closeTimeout if the peer never closes",
  bounded,
  async () => {
    const peer = await pythonServer(`
    data = to_end(conn)
    wait()
    done(data.decode())
  `);
    const connection = await connect({ port: peer.port, ...textLines, closeTimeout: 50 });
    void connection.send("bye");
    await connection.close();
    assert.equal(await connection.closed, "local");
    peer.go();
    assert.equal(await peer.result, "bye\n");
  },
);

test(
  "Connection.close() rejects if data is still pending after closeTimeout",
  bounded,
  async () => {
    const peer = await pythonServer(`
    wait()
    done(True)
  `);
    const connection = await connect({
      port: peer.port,
      framer: fixed(64 << 20),
      maxFrameLength: Infinity,
      closeTimeout: 100,
    });
    void connection.send(new Uint8Array(64 << 20));
    const error = await failureOf(connection.close());
    assert.equal(error.code, "timedOut");
    assert.equal(error.timeout, "closeTimeout");
    assert.equal(await connection.closed, "timedOut");
    assert.equal((await failureOf(connection.close())).code, "timedOut");
    peer.go();
    await peer.result;
  },
);

test(
  "listen() stops when its signal is aborted, and accepted connections stay open",
  bounded,
  async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const listener = await listen({ ...textLines, signal });
    const client = await connect({ ...listener.address, ...textLines });
    const server = await listener.accept();
    const waiting = listener.accept();
    controller.abort();
    assert.equal(await waiting, undefined);
    assert.equal(await listener.accept(), undefined);
    assert.equal((await failureOf(connect({ ...listener.address, ...textLines }))).code, "refused");
    await client.send("still here");
    assert.equal(await server!.receive(), "still here");
    await Promise.all([client.close(), server!.close()]);
  },
);
