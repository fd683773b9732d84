import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodecError,
  connect,
  ConnectionError,
  decimal,
  fixed,
  FrameTooLargeError,
  json,
  lengthPrefixed,
  lines,
  text,
  TruncatedFrameError,
  uint32,
  untilClose,
} from "../../mod.ts";
import { textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { pattern, pythonServer } from "../support/python.ts";
import { textOf } from "../support/streams.ts";

test(
  "Connection.receive() returns complete messages, wherever the peer cuts them",
  bounded,
  async () => {
    const peer = await pythonServer(`
    pieces(conn, b"0", b"00", b"05he", b"llo00000000", b"03abc00001x")
    conn.close()
    done(True)
  `);
    const connection = await connect({
      port: peer.port,
      framer: lengthPrefixed(decimal(5)),
      codec: text(),
    });
    const messages: string[] = [];
    for await (const message of connection) messages.push(message);
    assert.deepEqual(messages, ["hello", "", "abc", "x"]);
    await connection.close();
    await peer.result;
  },
);

test(
  "Connection.receive() returns undefined after the peer has closed between two messages",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"one\\n")
    conn.close()
    done(True)
  `);
    const connection = await connect({ port: peer.port, ...textLines });
    assert.equal(await connection.receive(), "one");
    assert.equal(await connection.receive(), undefined);
    assert.equal(await connection.receive(), undefined);
    await connection.close();
  },
);

test(
  "Connection.receive() rejects with TruncatedFrameError if the peer closes inside a message",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(struct.pack(">I", 3) + b"abc" + struct.pack(">I", 5) + b"de")
    conn.close()
    done(True)
  `);
    const connection = await connect({ port: peer.port, framer: lengthPrefixed(uint32) });
    assert.equal(textOf(await connection.receive()), "abc");
    const error = await connection.receive().catch((error) => error);
    assert.ok(error instanceof TruncatedFrameError);
    assert.deepEqual(error.partial, Uint8Array.of(0, 0, 0, 5, 0x64, 0x65));
    assert.equal(error.expectedLength, 9);
    assert.equal(error.offset, 7);
    await assert.rejects(connection.receive(), (again) => again === error);
    await connection.close();
  },
);

test(
  "Connection.receive() reports a reset after the messages before it, on every later call",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"one\\ntwo\\nthr")
    exactly(conn, 3)
    reset(conn)
    done(True)
  `);
    const connection = await connect({ port: peer.port, ...textLines });
    assert.equal(await connection.receive(), "one");
    await connection.send("go");
    assert.equal(await connection.receive(), "two");
    const error = await connection.receive().catch((error) => error);
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.equal(error.code, "reset");
    assert.ok(error.cause instanceof Error);
    await assert.rejects(connection.receive(), (again) => again === error);
    await assert.rejects(connection.send("more"), (again) => again === error);
    await connection.close();
  },
);

test(
  "Connection.receive() rejects a message that is too large before it has arrived",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"\\x00\\x00\\x00\\x01x\\x15\\x03\\x03\\x00")
    done(to_end(conn).decode())
  `);
    const connection = await connect({ port: peer.port, framer: lengthPrefixed(uint32) });
    assert.equal(textOf(await connection.receive()), "x");
    const error = await connection.receive().catch((error) => error);
    assert.ok(error instanceof FrameTooLargeError);
    assert.equal(
      error.message,
      "Cannot read frame of 352518912 bytes at offset 5: limit is 1048576; " +
        "the bytes 15 03 03 00 look like a TLS record",
    );
    await connection.close();
    assert.equal(await connection.closed, "framing");
    assert.equal(await peer.result, "");
  },
);

test("Connection.receive() continues after a message that cannot be decoded", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"1\\n{\\n2\\n")
    conn.close()
    done(True)
  `);
  const connection = await connect({ port: peer.port, framer: lines(), codec: json() });
  assert.equal(await connection.receive(), 1);
  await assert.rejects(connection.receive(), CodecError);
  assert.equal(await connection.receive(), 2);
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});

test("Connection.receive() loses no byte when it is aborted", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"on")
    exactly(conn, 3)
    conn.sendall(b"e\\ntwo\\n")
    conn.close()
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...textLines });
  await assert.rejects(connection.receive({ signal: AbortSignal.timeout(50) }), {
    name: "TimeoutError",
  });
  await assert.rejects(connection.receive({ signal: AbortSignal.abort(new Error("why")) }), /why/);
  await connection.send("go");
  assert.equal(await connection.receive(), "one");
  assert.equal(await connection.receive(), "two");
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});

test("Connection.receive() settles concurrent calls in order", bounded, async () => {
  const peer = await pythonServer(`
    pieces(conn, b"one\\n", b"tw", b"o\\nthree\\n")
    conn.close()
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...textLines });
  const received = await Promise.all([1, 2, 3, 4].map(() => connection.receive()));
  assert.deepEqual(received, ["one", "two", "three", undefined]);
  await connection.close();
});

test(
  "Connection stops a peer while nothing is received, and then receives everything",
  bounded,
  async () => {
    const peer = await pythonServer(`
    data = pattern(64 << 20)[:64 << 20]
    conn.setblocking(False)
    sent, idle = 0, 0
    while sent < len(data) and idle < 5:
        _, writable, _ = select.select([], [conn], [], scaled(0.1))
        if writable:
            sent += conn.send(data[sent:sent + 65536])
            idle = 0
        else:
            idle += 1
    say(sent)
    conn.settimeout(scaled(20))
    conn.sendall(data[sent:])
    conn.close()
    done(True)
  `);
    const connection = await connect({ port: peer.port, framer: fixed(1 << 20) });
    assert.deepEqual(await connection.receive(), pattern(1 << 20));
    const stopped = await peer.said() as number;
    assert.ok(stopped < 32 << 20, `${stopped} bytes were accepted while nothing was received`);
    let frames = 1;
    for await (const _ of connection) frames++;
    assert.equal(frames, 64);
    assert.equal(await peer.result, true);
    await connection.close();
  },
);

test("Connection.batches() returns all buffered messages at once", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"1\\n2\\n3\\n4")
    exactly(conn, 5)
    conn.sendall(b"\\n5\\n{\\n6\\n")
    conn.close()
    done(True)
  `);
  const connection = await connect({ port: peer.port, framer: lines(), codec: json() });
  const batches = connection.batches();
  assert.deepEqual(await batches.next(), { done: false, value: [1, 2, 3] });
  await connection.send("go");
  assert.deepEqual(await batches.next(), { done: false, value: [4, 5] });
  await assert.rejects(batches.next(), CodecError);
  assert.deepEqual(await batches.next(), { done: false, value: [6] });
  assert.deepEqual(await batches.next(), { done: true, value: undefined });
  await connection.close();
});

test("Connection.visit() visits all frames up to the peer's end", bounded, async () => {
  const peer = await pythonServer(`
    pieces(conn, b"one\\ntw", b"o\\n", b"three")
    conn.close()
    done(True)
  `);
  const connection = await connect({ port: peer.port, framer: lines() });
  const frames: (string | undefined)[] = [];
  await connection.visit((bytes, start, end) => frames.push(textOf(bytes.subarray(start, end))));
  assert.deepEqual(frames, ["one", "two", "three"]);
  await connection.close();
});

test("Connection.readable returns the messages as a Web Stream", bounded, async () => {
  const peer = await pythonServer(`
    pieces(conn, b"one\\ntw", b"o\\nthree\\n")
    conn.close()
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...textLines });
  const reader = connection.readable.getReader();
  assert.equal(connection.readable, connection.readable);
  assert.deepEqual(await reader.read(), { done: false, value: "one" });
  assert.deepEqual(await reader.read(), { done: false, value: "two" });
  assert.deepEqual(await reader.read(), { done: false, value: "three" });
  assert.equal((await reader.read()).done, true);
  await connection.close();
});

test(
  "Connection receives one message of several MiB that ends with the connection",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(pattern(5 << 20)[:5 << 20])
    conn.close()
    done(True)
  `);
    const connection = await connect({
      port: peer.port,
      framer: untilClose(),
      maxFrameLength: Infinity,
    });
    assert.deepEqual(await connection.receive(), pattern(5 << 20));
    assert.equal(await connection.receive(), undefined);
    await connection.close();
  },
);
