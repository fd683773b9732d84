import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  connect,
  type Connection,
  ConnectionError,
  delimited,
  fixed,
  lengthPrefixed,
  lines,
  text,
  uint32,
} from "../../mod.ts";
import { textLines } from "../support/connections.ts";
import { bounded, resolves, sleep } from "../support/limits.ts";
import { pattern, pythonServer } from "../support/python.ts";
import { utf8 } from "../support/streams.ts";

test(
  "Connection.send() completes writes that the system accepts only in part",
  bounded,
  async () => {
    const peer = await pythonServer(`
    wait()
    data = to_end(conn)
    done([len(data), hashlib.sha1(data).hexdigest()])
  `);
    const connection = await connect({
      port: peer.port,
      framer: lengthPrefixed(uint32),
      maxFrameLength: Infinity,
    });
    const payload = pattern(48 << 20);
    const sent = connection.send(payload);
    assert.equal(await resolves(sent, 100), false);
    peer.go();
    await Promise.all([sent, connection.send(utf8("and more"))]);
    await connection.close();
    const hash = createHash("sha1")
      .update(Uint8Array.of(3, 0, 0, 0)).update(payload)
      .update(Uint8Array.of(0, 0, 0, 8)).update("and more");
    assert.deepEqual(await peer.result, [(48 << 20) + 16, hash.digest("hex")]);
  },
);

test("Connection.send() waits while the peer does not read", bounded, async () => {
  const peer = await pythonServer(`
    wait()
    done(len(to_end(conn)))
  `);
  const connection = await connect({ port: peer.port, framer: fixed(65_536) });
  let sent = 0;
  let stalled = false;
  while (!stalled && sent < 1024) {
    stalled = !await resolves(connection.send(pattern(65_536)), 200);
    sent++;
  }
  assert.ok(stalled, "64 MiB were accepted for a peer that does not read");
  peer.go();
  await connection.close();
  assert.equal(await peer.result, sent * 65_536);
});

test(
  "Connection.send() never interleaves messages, large or small, awaited or not",
  bounded,
  async () => {
    const peer = await pythonServer(`
    count = 0
    while True:
        header = conn.recv(4, socket.MSG_WAITALL)
        if header == b"":
            break
        body = exactly(conn, struct.unpack(">I", header)[0])
        number = struct.unpack(">I", body[:4])[0]
        if number != count or body[4:] != bytes([number % 256]) * (len(body) - 4):
            raise RuntimeError("message %d is corrupt" % count)
        count += 1
    done(count)
  `);
    const connection = await connect({ port: peer.port, framer: lengthPrefixed(uint32) });
    const message = (number: number) => {
      const bytes = new Uint8Array(4 + (number % 10 === 0 ? 300_000 : number % 100)).fill(number);
      new DataView(bytes.buffer).setUint32(0, number);
      return bytes;
    };
    const sends: Promise<void>[] = [];
    for (let number = 0; number < 500; number++) {
      const sent = connection.send(message(number));
      if (number % 3 === 0) sends.push(sent);
      else if (number % 3 === 1) await sent;
    }
    await Promise.all(sends);
    await connection.close();
    assert.equal(await peer.result, 500);
  },
);

test(
  "Connection.send() rejects messages that cannot be framed, and sends nothing of them",
  bounded,
  async () => {
    const peer = await pythonServer(`done(to_end(conn).decode())`);
    const connection = await connect({
      port: peer.port,
      framer: delimited(";"),
      codec: text(),
      maxFrameLength: 5,
    });
    await connection.send("one");
    await assert.rejects(connection.send("t;o"), TypeError);
    await assert.rejects(connection.send("toolong"), RangeError);
    await assert.rejects(connection.send(3 as unknown as string), TypeError);
    await connection.send("two");
    await connection.close();
    assert.equal(await peer.result, "one;two;");
  },
);

test(
  "Connection.flush() waits until the system has accepted everything that was sent",
  bounded,
  async () => {
    const peer = await pythonServer(`
    wait()
    done(len(to_end(conn)))
  `);
    const connection = await connect({ port: peer.port, framer: fixed(1 << 20) });
    for (let count = 0; count < 64; count++) void connection.send(new Uint8Array(1 << 20));
    const flushing = connection.flush();
    assert.equal(await resolves(flushing, 100), false);
    assert.ok(connection.pending > 0);
    peer.go();
    await flushing;
    assert.equal(connection.pending, 0);
    await connection.flush();
    await connection.close();
    assert.equal(await peer.result, 64 << 20);
  },
);

test(
  "Connection.closeWrite() ends sending, and receiving continues",
  bounded,
  async () => {
    const peer = await pythonServer(`
    data = to_end(conn)
    time.sleep(0.05)
    conn.sendall(b"%d bytes\\nbye\\n" % len(data))
    conn.close()
    done(data.decode())
  `);
    const connection = await connect({ port: peer.port, ...textLines });
    void connection.send("one");
    await connection.closeWrite();
    await connection.closeWrite();
    await assert.rejects(
      connection.send("more"),
      (error) => error instanceof ConnectionError && error.code === "closed",
    );
    assert.equal(await connection.receive(), "4 bytes");
    assert.equal(await connection.receive(), "bye");
    assert.equal(await connection.receive(), undefined);
    await connection.close();
    assert.equal(await peer.result, "one\n");
  },
);

test("Connection can send after the peer has finished sending", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"request\\n")
    conn.shutdown(socket.SHUT_WR)
    data = to_end(conn)
    done([len(data), hashlib.sha1(data).hexdigest()])
  `);
  const connection = await connect({ port: peer.port, framer: lines(), maxFrameLength: Infinity });
  await connection.receive();
  assert.equal(await connection.receive(), undefined);
  const reply = new Uint8Array(4 << 20).fill(0x61);
  await connection.send(reply);
  await connection.closeWrite();
  const hash = createHash("sha1").update(reply).update("\n").digest("hex");
  assert.deepEqual(await peer.result, [reply.length + 1, hash]);
  await connection.close();
});

test("Connection.close() loses nothing while the peer is still sending", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"x" * 100000)
    wait()
    conn.sendall(b"y" * 100000)
    data = to_end(conn)
    done([len(data), hashlib.sha1(data).hexdigest()])
  `);
  const connection = await connect({
    port: peer.port,
    framer: lengthPrefixed(uint32),
    maxFrameLength: Infinity,
  });
  const payload = pattern(2 << 20);
  void connection.send(payload);
  const closing = connection.close();
  await sleep(100);
  peer.go();
  await closing;
  await connection.close();
  const hash = createHash("sha1").update(Uint8Array.of(0, 32, 0, 0)).update(payload).digest("hex");
  assert.deepEqual(await peer.result, [payload.length + 4, hash]);
});

test("Connection.close() does not wait forever for a peer that never closes", bounded, async () => {
  const peer = await pythonServer(`
    data = to_end(conn)
    # If the other socket were closed, the first line would cause a reset, and the second would fail.
    conn.sendall(b"late\\n")
    sleep(0.1)
    conn.sendall(b"later\\n")
    say(data.decode())
    wait()
    done("still open")
  `);
  const connection = await connect({ port: peer.port, ...textLines });
  void connection.send("bye");
  const closing = connection.close();
  assert.equal(await peer.said(), "bye\n");
  await closing;
  assert.equal(await connection.closed, "local");
  peer.go();
  assert.equal(await peer.result, "still open");
});

test("Connection.close() ends pending receives", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"unread\\n")
    done(to_end(conn).decode())
  `);
  const connection = await connect({ port: peer.port, ...textLines });
  assert.equal(await connection.receive(), "unread");
  const waiting = connection.receive();
  await connection.close();
  assert.equal(await waiting, undefined);
  assert.equal(await connection.receive(), undefined);
  assert.deepEqual(await connection.next(), { done: true, value: undefined });
  await assert.rejects(connection.send("more"), { code: "closed" });
  assert.equal(await peer.result, "");
});

test("Connection.abort() ends immediately, and rejects pending calls", bounded, async () => {
  const peer = await pythonServer(`
    try:
        data = to_end(conn)
    except ConnectionError:
        data = b""
    done(len(data) < 64 << 20)
  `);
  const connection = await connect({
    port: peer.port,
    framer: fixed(64 << 20),
    maxFrameLength: Infinity,
  });
  const receiving = connection.receive();
  const sending = connection.send(new Uint8Array(64 << 20));
  const reason = new Error("enough");
  connection.abort(reason);
  const aborted = (error: unknown) =>
    error instanceof ConnectionError && error.code === "aborted" && error.cause === reason;
  await assert.rejects(receiving, aborted);
  await assert.rejects(sending, aborted);
  await assert.rejects(connection.receive(), aborted);
  await assert.rejects(connection.send(new Uint8Array(1)), () => true);
  await assert.rejects(connection.flush(), aborted);
  await connection.close();
  connection.abort();
  assert.equal(await peer.result, true);
});

test(
  'Connection.send() rejects with "reset" once the peer is gone, and may be ignored',
  bounded,
  async () => {
    const peer = await pythonServer(`
    exactly(conn, 1)
    reset(conn)
    done(True)
  `);
    const connection = await connect({ port: peer.port, framer: fixed(65_536) });
    let error: unknown;
    for (let count = 0; count < 200 && error === undefined; count++) {
      void connection.send(new Uint8Array(65_536));
      await sleep(5);
      await connection.flush().catch((thrown) => error = thrown);
    }
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.equal(error.code, "reset");
    await connection.close().catch(() => {});
    await peer.result;
  },
);

test("Connection.writable sends messages as a Web Stream", bounded, async () => {
  const peer = await pythonServer(`done(to_end(conn).decode())`);
  const connection = await connect({ port: peer.port, ...textLines });
  assert.equal(connection.writable, connection.writable);
  const writer = connection.writable.getWriter();
  await writer.write("one");
  await writer.write("two");
  await writer.close();
  assert.equal(await peer.result, "one\ntwo\n");
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});

test(
  "Connection.switchTo() switches both directions to another protocol",
  bounded,
  async () => {
    const peer = await pythonServer(`
    line = b""
    while not line.endswith(b"\\n"):
        line += conn.recv(1)
    conn.sendall(b"OK\\n\\x00\\x00\\x00\\x03a\\nb")
    done([line.decode(), list(to_end(conn))])
  `);
    const greeting = await connect({ port: peer.port, ...textLines });
    void greeting.send("UPGRADE");
    assert.equal(await greeting.receive(), "OK");
    const frames: Connection = greeting.switchTo({ framer: lengthPrefixed(uint32) });
    assert.deepEqual(await frames.receive(), utf8("a\nb"));
    await frames.send(Uint8Array.of(10));
    await frames.close();
    assert.deepEqual(await peer.result, ["UPGRADE\n", [0, 0, 0, 1, 10]]);
  },
);

test("Connection has the addresses of both ends", bounded, async () => {
  const peer = await pythonServer(`
    done([conn.getsockname()[1], conn.getpeername()[1]])
  `);
  const connection = await connect({ port: peer.port, framer: lines() });
  assert.equal(connection.localAddress?.hostname, "127.0.0.1");
  assert.equal(connection.remoteAddress?.hostname, "127.0.0.1");
  assert.deepEqual(await peer.result, [
    connection.remoteAddress?.port,
    connection.localAddress?.port,
  ]);
  await connection.close();
});
