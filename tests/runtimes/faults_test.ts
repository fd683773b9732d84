import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  connect,
  delimited,
  fixed,
  type Framer,
  lengthPrefixed,
  listen,
  netstring,
  serve,
  TruncatedFrameError,
  uint32,
} from "../../mod.ts";
import { child } from "../support/child.ts";
import { failureOf, textLines } from "../support/connections.ts";
import { bounded, resolves, sleep } from "../support/limits.ts";
import { message, same } from "../support/messages.ts";
import { isolated, noNamespaces } from "../support/namespaces.ts";
import { type Habit, proxy } from "../support/proxy.ts";
import { pattern, pythonListener, pythonServer } from "../support/python.ts";
import { silentPort } from "../support/silent.ts";
import { textOf } from "../support/streams.ts";
import { unless } from "../support/unless.ts";

test('connect() rejects with "refused" if no process listens', bounded, async () => {
  const listener = await listen(textLines);
  const { port } = listener.address;
  listener.close();
  const error = await failureOf(connect({ port, ...textLines }));
  assert.equal(error.code, "refused");
  assert.equal(error.timeout, undefined);
  assert.ok(error.cause instanceof Error);
});

test(
  ...unless(noNamespaces, 'connect() rejects with "notFound" if the host is unknown'),
  async () => {
    const peer = child("peer connect", { hostname: "name.invalid", port: 7 }, isolated);
    assert.deepEqual(await peer.next(), { code: "notFound" });
    await peer.ended;
  },
);

test(
  ...unless(noNamespaces, 'connect() rejects with "unreachable" if there is no route'),
  async () => {
    const peer = child("peer connect", { hostname: "10.99.99.99", port: 7 }, isolated);
    assert.deepEqual(await peer.next(), { code: "unreachable" });
    await peer.ended;
  },
);

test(
  "connect() rejects when its signal is aborted while the peer does not answer",
  bounded,
  async () => {
    const { port, kill } = await silentPort();
    const reason = new Error("enough");
    const controller = new AbortController();
    const connecting = failureOf(connect({ port, ...textLines, signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 20);
    const error = await connecting;
    assert.equal(error.code, "aborted");
    assert.equal(error.cause, reason);
    const late = await failureOf(connect({ port, ...textLines, signal: AbortSignal.timeout(20) }));
    assert.equal(late.code, "timedOut");
    const never = await failureOf(
      connect({ port, ...textLines, signal: AbortSignal.abort(reason) }),
    );
    assert.equal(never.code, "aborted");
    kill();
  },
);

test("connect() leaves nothing open, whenever it is aborted", bounded, async () => {
  let open = 0;
  const server = await serve(textLines, async (connection) => {
    open++;
    await connection.receive().catch(() => {});
    open--;
  });
  const outcomes = new Set<string>();
  for (let moment = 0; moment < 60; moment++) {
    const controller = new AbortController();
    const { signal } = controller;
    const connecting = connect({ ...server.address, ...textLines, signal }).then(
      (connection) => {
        connection.abort();
        return "connected";
      },
      (error) => error.code,
    );
    if (moment < 30) { for (let turn = 0; turn < moment; turn++) await undefined; }
    else await sleep((moment - 30) / 10);
    controller.abort();
    outcomes.add(await connecting);
  }
  outcomes.delete("connected");
  assert.deepEqual([...outcomes], ["aborted"]);
  // Connections are served in order: once the last one is gone, so are all others.
  const last = await connect({ ...server.address, ...textLines });
  while (server.connections.size !== 1) await sleep(5);
  await last.close();
  await server.close();
  assert.equal(open, 0);
});

for (
  const [where, sent] of Object.entries({
    "before the first frame": "",
    "inside a header": "\\x00\\x00",
    "inside a frame": "\\x00\\x00\\x00\\x05he",
    "after a frame": "\\x00\\x00\\x00\\x02hi",
    "inside the second frame": "\\x00\\x00\\x00\\x02hi\\x00\\x00\\x00\\x09",
  })
) {
  test(
    `Connection.receive() rejects with "reset" if the peer resets ${where}`,
    bounded,
    async () => {
      const peer = await pythonServer(`
      conn.sendall(b"${sent}")
      exactly(conn, 5)
      reset(conn)
      done(True)
    `);
      const connection = await connect({ port: peer.port, framer: lengthPrefixed(uint32) });
      const receiving = connection.receive();
      if (sent.includes("hi")) assert.equal(textOf(await receiving), "hi");
      const failing = failureOf(sent.includes("hi") ? connection.receive() : receiving);
      await connection.send(Uint8Array.of(1));
      const error = await failing;
      assert.equal(error.code, "reset");
      // The same error on every call, not the end that the system reports next.
      await assert.rejects(connection.receive(), (again) => again === error);
      await assert.rejects(connection.send(Uint8Array.of(1)), { code: "reset" });
      assert.equal(await connection.closed, "reset");
      await peer.result;
    },
  );
}

test(
  "Connection.receive() returns messages that arrived before a reset, and then rejects",
  bounded,
  async () => {
    const peer = await pythonServer(`
    exactly(conn, 3)
    conn.sendall(b"one\\ntwo\\n")
    reset(conn)
    done(True)
  `);
    const connection = await connect({ port: peer.port, ...textLines });
    await connection.send("go");
    await peer.result;
    const received: unknown[] = [];
    const error = await failureOf((async () => {
      for await (const line of connection) received.push(line);
    })());
    assert.equal(error.code, "reset");
    assert.equal(await connection.closed, "reset");
    // The system may discard the last of the bytes that it had buffered.
    assert.deepEqual(received, ["one", "two"].slice(0, received.length));
  },
);

test(
  "Connection.receive() never takes a reset for an end, even if reading had stopped",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(pattern(300000)[:300000])
    wait()
    reset(conn)
    done(True)
  `);
    // Frames of 16 bytes, since the system may then cut the stream between two of them.
    const connection = await connect({ port: peer.port, framer: fixed(16), highWaterMark: 4096 });
    const expected = pattern(300_000);
    assert.ok(same(await connection.receive(), expected.subarray(0, 16)));
    // By now the buffer is full, and reading has stopped.
    await sleep(100);
    peer.go();
    await peer.result;
    let at = 16;
    const error = await failureOf((async () => {
      for await (const frame of connection) {
        assert.ok(same(frame, expected.subarray(at, at += 16)), `at ${at}`);
      }
    })());
    assert.equal(error.code, "reset", `after ${at} bytes`);
    assert.equal(await connection.closed, "reset");
  },
);

const framings: Record<string, [framer: Framer, frame: string]> = {
  "lengthPrefixed(uint32)": [lengthPrefixed(uint32), "\0\0\0\x05hello"],
  "netstring()": [netstring(), "5:hello,"],
  'delimited("\\r\\n")': [delimited("\r\n"), "hello\r\n"],
};
for (const [name, [framer, frame]] of Object.entries(framings)) {
  test(
    `Connection.receive() never takes an end inside a header, body or trailer for a clean one: ${name}`,
    bounded,
    async () => {
      const peer = await pythonListener(`
      frame = bytes(${JSON.stringify(Array.from(frame, (character) => character.charCodeAt(0)))})
      for cut in range(len(frame) + 1):
          conn = accept()
          conn.sendall(frame + frame[:cut])
          conn.shutdown(socket.SHUT_WR)
          to_end(conn)
          conn.close()
      done(True)
    `);
      for (let cut = 0; cut <= frame.length; cut++) {
        const connection = await connect({ port: peer.port, framer });
        assert.equal(textOf(await connection.receive()), "hello");
        const inside = cut % frame.length !== 0;
        if (inside) {
          const error = await connection.receive().catch((error) => error);
          assert.ok(error instanceof TruncatedFrameError, `${cut}: ${error}`);
          assert.equal(textOf(error.partial), frame.slice(0, cut));
          assert.equal(error.offset, frame.length);
          await assert.rejects(connection.receive(), (again) => again === error);
        } else {
          if (cut > 0) assert.equal(textOf(await connection.receive()), "hello");
          assert.equal(await connection.receive(), undefined);
        }
        await connection.close();
        assert.equal(await connection.closed, inside ? "framing" : "remote");
      }
      assert.equal(await peer.result, true);
    },
  );
}

test(
  "Connection.receive() never takes the end of a killed peer for a clean one",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(struct.pack(">I", 64 << 20) + bytes(100000))
    say("writing")
    conn.sendall(bytes(64 << 20))
  `);
    const connection = await connect({
      port: peer.port,
      framer: lengthPrefixed(uint32),
      maxFrameLength: Infinity,
    });
    assert.equal(await peer.said(), "writing");
    peer.kill();
    await assert.rejects(peer.result);
    const error = await connection.receive().catch((error) => error);
    if (error instanceof TruncatedFrameError) {
      assert.ok(error.partial.length >= 100_004, `${error.partial.length} bytes`);
      await connection.close();
      assert.equal(await connection.closed, "framing");
    } else {
      assert.equal(error.code, "reset", `${error}`);
      assert.equal(await connection.closed, "reset");
    }
  },
);

test(
  'Connection.send() rejects with "reset" if the peer is killed while its buffers are full',
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.recv(1)
    say("full")
    wait()
  `);
    const connection = await connect({
      port: peer.port,
      framer: lengthPrefixed(uint32),
      maxFrameLength: Infinity,
    });
    const sending = failureOf(connection.send(new Uint8Array(64 << 20)));
    const flushing = failureOf(connection.flush());
    assert.equal(await peer.said(), "full");
    peer.kill();
    assert.equal((await sending).code, "reset");
    assert.equal((await flushing).code, "reset");
    assert.equal(connection.pending, 0);
    assert.equal((await failureOf(connection.close())).code, "reset");
    assert.equal(await connection.closed, "reset");
  },
);

test("Connection sends for as long as a half-open peer receives", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"question\\n")
    conn.shutdown(socket.SHUT_WR)
    received = b""
    while not received.endswith(b"last\\n"):
        received += conn.recv(65536)
        say(received.count(b"\\n"))
    done(to_end(conn).decode())
  `);
  const connection = await connect({ port: peer.port, ...textLines });
  assert.equal(await connection.receive(), "question");
  assert.equal(await connection.receive(), undefined);
  for (let count = 1; count <= 20; count++) {
    await connection.send(count === 20 ? "last" : "more");
    assert.equal(await peer.said(), count);
  }
  await connection.close();
  assert.equal(await peer.result, "");
  assert.equal(await connection.closed, "remote");
});

const habits: Record<Habit, [does: string, count: number]> = {
  drip: ["forwards one byte at a time", 12],
  delay: ["delays", 60],
  cut: ["cuts the stream everywhere", 60],
};
for (const [habit, [does, count]] of Object.entries(habits)) {
  test(`Connection exchanges every message through a proxy that ${does}`, bounded, async () => {
    for (const framer of [lengthPrefixed(uint32), netstring()]) {
      const server = await serve({ framer }, async (connection) => {
        for await (const message of connection) await connection.send(message);
      });
      const { port, kill } = await proxy(server.address.port, habit as Habit);
      const connection = await connect({ port, framer });
      for (let number = 0; number < count; number++) void connection.send(message(number, 900));
      await connection.closeWrite();
      let number = 0;
      for await (const back of connection) assert.ok(same(back, message(number++, 900)));
      assert.equal(number, count);
      assert.equal(await connection.closed, "local");
      await server.close();
      kill();
    }
  });
}

test(
  "Connection.send() delivers 64 MiB to a peer that does not read for a while",
  bounded,
  async () => {
    const peer = await pythonServer(`
    wait()
    data = hashlib.sha1()
    total = 0
    while part := conn.recv(1 << 20):
        data.update(part)
        total += len(part)
    done([total, data.hexdigest()])
  `);
    const connection = await connect({ port: peer.port, framer: fixed(1 << 20) });
    const frame = pattern(1 << 20);
    const hash = createHash("sha1");
    const sends: Promise<void>[] = [];
    for (let count = 0; count < 64; count++) {
      hash.update(frame);
      sends.push(connection.send(frame));
    }
    assert.equal(await resolves(connection.flush(), 100), false);
    assert.ok(connection.pending > 32 << 20, `${connection.pending} bytes are pending`);
    peer.go();
    await Promise.all(sends);
    await connection.close();
    assert.deepEqual(await peer.result, [64 << 20, hash.digest("hex")]);
    assert.equal(connection.pending, 0);
  },
);

test("connect() reaches a server that was killed and started again", bounded, async () => {
  const protocol = { framer: lengthPrefixed(uint32) };
  const first = child("peer echo");
  const { port } = await first.next() as { readonly port: number };
  const clients = await Promise.all([1, 2, 3].map(() => connect({ port, ...protocol })));
  for (const client of clients) {
    await client.send(message(1));
    assert.ok(same(await client.receive(), message(1)));
  }
  const waiting = clients.map((client) => client.receive().catch((error) => error.code));
  first.kill();
  for (const ending of await Promise.all(waiting)) {
    assert.ok(ending === undefined || ending === "reset", `${ending}`);
  }
  for (const client of clients) await client.close();
  // The system closes its connections before its listener.
  await assert.rejects(first.ended);
  assert.equal((await failureOf(connect({ port, ...protocol }))).code, "refused");
  const second = child("peer echo", { port });
  assert.deepEqual(await second.next(), { hostname: "127.0.0.1", port });
  const again = await connect({ port, ...protocol });
  await again.send(message(2));
  assert.ok(same(await again.receive(), message(2)));
  await again.close();
  second.kill();
});

test(
  "listen() can use its port again while old connections to it are ending",
  bounded,
  async () => {
    let port = 0;
    let taken = 0;
    for (let round = 0; round < 5; round++) {
      let listener;
      try {
        listener = await listen({ port, ...textLines });
      } catch (error) {
        // Another process may have taken the port meanwhile, but hardly twice.
        if (++taken === 2) throw error;
        port = 0;
        continue;
      }
      port = listener.address.port;
      const client = await connect({ port, ...textLines });
      const server = await listener.accept();
      // The side that closes first keeps the port in TIME_WAIT.
      const closing = server!.close();
      assert.equal(await client.receive(), undefined);
      await client.close();
      await closing;
      listener.close();
    }
  },
);

test("connect() sends small messages immediately, each in its own packet", bounded, async () => {
  const body = `
    # Acknowledgements are delayed, so that Nagle's algorithm would hold back small packets.
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    conn.sendall(b"ready\\n")
    count = len(to_end(conn))
    packets = struct.unpack_from("I", conn.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256), 152)
    conn.close()
    done([count, packets[0]])
  `;
  const peer = await pythonServer(body);
  const connection = await connect({ port: peer.port, ...textLines });
  assert.equal(await connection.receive(), "ready");
  for (let count = 0; count < 8; count++) {
    await connection.send("small");
    await connection.flush();
  }
  await connection.close();
  assert.deepEqual(await peer.result, [48, 8]);
});
