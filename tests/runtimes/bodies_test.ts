import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  connect,
  type Connection,
  ConnectionError,
  lengthPrefixed,
  netstring,
  serve,
  text,
  TruncatedFrameError,
  uint32,
  uint64,
} from "../../mod.ts";
import { failureOf, pair } from "../support/connections.ts";
import { bounded, scaled, sleep, within } from "../support/limits.ts";
import { never } from "../support/pairs.ts";
import { pattern, pythonServer } from "../support/python.ts";
import { streamOf, textOf, utf8 } from "../support/streams.ts";

const frames = { framer: lengthPrefixed(uint64) };
const strings = { framer: netstring(), codec: text() };

/** Bytes of a body that are produced and consumed in counted buffers. */
class Tally {
  produced = 0;
  consumed = 0;
  /** Largest number of bytes that were between source and consumer. */
  most = 0;

  /** Produces `length` bytes in chunks of different sizes, none of them twice. */
  async *source(length: number): AsyncGenerator<Uint8Array> {
    for (let count = 0; this.produced < length; count++) {
      const chunk = new Uint8Array(Math.min(1 + count * 7919 % 200_000, length - this.produced));
      chunk.fill(count);
      this.produced += chunk.length;
      this.most = Math.max(this.most, this.produced - this.consumed);
      yield chunk;
    }
  }

  async consume(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    for (let read; !(read = await reader.read()).done;) this.consumed += read.value.length;
  }
}

test(
  "Connection sends and receives a body of 64 MiB, and holds only what is on its way",
  within(60_000),
  async () => {
    const length = 64 << 20;
    const tally = new Tally();
    const [client, server] = await pair({ ...frames, maxFrameLength: 16 });
    const sent = client.sendStream(length, tally.source(length));
    const after = client.send(utf8("after"));
    const frame = await server.receiveStream();
    assert.equal(frame?.length, length);
    // The sender is stopped while nobody reads.
    await sleep(200);
    const held = tally.produced;
    assert.ok(held < length / 2, `${held} bytes were sent to a peer that does not read`);
    await tally.consume(frame.body);
    await Promise.all([sent, after]);
    assert.equal(tally.consumed, length);
    assert.ok(tally.most < length / 2, `${tally.most} bytes were on their way`);
    assert.equal(textOf(await server.receive()), "after");
    await Promise.all([client.close(), server.close()]);
  },
);

test(
  "Connection discards an unread body of 64 MiB before the next message",
  within(60_000),
  async () => {
    const length = 64 << 20;
    const [client, server] = await pair({ ...frames, maxFrameLength: 16 });
    for (const cancels of [true, false]) {
      const sent = client.sendStream(length, new Tally().source(length));
      void client.send(utf8("after"));
      const frame = await server.receiveStream();
      if (cancels) await frame!.body.cancel();
      assert.equal(textOf(await server.receive()), "after");
      await sent;
    }
    await Promise.all([client.close(), server.close()]);
  },
);

test("Connection.sendStream() sends the bytes that a peer expects", bounded, async () => {
  const peer = await pythonServer(`
    data = to_end(conn)
    done(hashlib.sha1(data).hexdigest())
  `);
  const connection = await connect({ port: peer.port, framer: lengthPrefixed(uint32) });
  const body = pattern(3_000_000);
  void connection.send(utf8("before"));
  void connection.sendStream(
    body.length,
    streamOf(...[0, 1, 2].map((part) => {
      return body.subarray(part * 1_000_000, (part + 1) * 1_000_000);
    })),
  );
  void connection.send(utf8("after"));
  await connection.close();
  const hash = createHash("sha1")
    .update("\0\0\0\x06before").update(Uint8Array.of(0, 0x2d, 0xc6, 0xc0)).update(body)
    .update("\0\0\0\x05after");
  assert.equal(await peer.result, hash.digest("hex"));
});

test("Connection.receiveStream() receives a body that arrives in pieces", bounded, async () => {
  const peer = await pythonServer(`
    pieces(conn, b"1", b"0:", b"hel", b"lo", b"world", b",2", b":ok,3:no", b"w,")
    to_end(conn)
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...strings });
  const frame = await connection.receiveStream();
  assert.equal(await new Response(frame!.body).text(), "helloworld");
  assert.equal(await connection.receive(), "ok");
  const last = await connection.receiveStream();
  assert.equal(await new Response(last!.body).text(), "now");
  await connection.close();
  await peer.result;
});

for (const end of ["ends", "resets"] as const) {
  test(
    `The body of Connection.receiveStream() fails if the peer ${end} inside it`,
    bounded,
    async () => {
      const peer = await pythonServer(`
      conn.sendall(b"10:hello")
      wait()
      ${end === "ends" ? "conn.close()" : "reset(conn)"}
      done(True)
    `);
      const connection = await connect({ port: peer.port, ...strings });
      const { body } = (await connection.receiveStream())!;
      const reader = body.getReader();
      assert.equal(textOf((await reader.read()).value), "hello");
      peer.go();
      const error = await reader.read().catch((error) => error);
      if (end === "ends") {
        assert.ok(error instanceof TruncatedFrameError, `${error}`);
        assert.deepEqual([error.expectedLength, error.offset, error.partial.length], [14, 0, 0]);
        assert.equal(await connection.closed, "framing");
      } else {
        assert.ok(error instanceof ConnectionError, `${error}`);
        assert.deepEqual([error.code, error.received, error.expected], ["reset", 8, 14]);
        assert.equal(await connection.closed, "reset");
      }
      assert.equal(await connection.receive().catch((error) => error), error);
      connection.abort();
      await peer.result;
    },
  );
}

test(
  "A frame whose stream is shorter or longer than announced is never taken for complete",
  bounded,
  async () => {
    for (const chunks of [["12345"], ["1234567890", "1"], ["12345678901"]]) {
      const [client, server] = await pair(strings);
      const receiving = server.receiveStream().then((frame) => new Response(frame!.body).text());
      receiving.catch(() => {});
      await assert.rejects(client.sendStream(10, streamOf(...chunks)), RangeError);
      const error = await receiving.then(
        (body) => assert.fail(`received ${body}`),
        (error) => error,
      );
      assert.ok(
        error instanceof TruncatedFrameError || error instanceof ConnectionError,
        `${error}`,
      );
      assert.equal(await client.closed, "aborted");
      server.abort();
    }
  },
);

test("frameTimeout limits a header, and then the silence of a body", bounded, async () => {
  const limit = scaled(300);
  for (
    const { bytes, received, expected } of [
      { bytes: 'b"1"', received: 1, expected: undefined },
      { bytes: 'b"10:", b"hello"', received: 8, expected: 14 },
      { bytes: 'b"10:helloworld"', received: 13, expected: 14 },
    ]
  ) {
    const peer = await pythonServer(`
      pieces(conn, ${bytes})
      done(until_gone(conn))
    `);
    const connection = await connect({ port: peer.port, ...strings, frameTimeout: limit });
    const error = await failureOf((async () => {
      const frame = await connection.receiveStream();
      await new Response(frame!.body).text();
    })());
    assert.deepEqual(
      [error.code, error.timeout, error.received, error.expected],
      ["timedOut", "frameTimeout", received, expected],
    );
    await peer.result;
  }
});

test(
  "frameTimeout and idleTimeout tolerate a body that takes longer than they do",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"10:")
    for _ in range(10):
        sleep(0.08)
        conn.sendall(b"x")
    conn.sendall(b",")
    to_end(conn)
    done(True)
  `);
    const limit = scaled(400);
    const options = { frameTimeout: limit, idleTimeout: limit };
    const connection = await connect({ port: peer.port, ...strings, ...options });
    const frame = await connection.receiveStream();
    assert.equal(await new Response(frame!.body).text(), "x".repeat(10));
    await connection.close();
    await peer.result;
  },
);

test(
  "idleTimeout ends a body that stops arriving, and not one that is not read",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"10:hello")
    done(until_gone(conn))
  `);
    const limit = scaled(100);
    const connection = await connect({ port: peer.port, ...strings, idleTimeout: limit });
    const { body } = (await connection.receiveStream())!;
    await sleep(300);
    const reader = body.getReader();
    assert.equal(textOf((await reader.read()).value), "hello");
    const error = await failureOf(reader.read());
    assert.deepEqual([error.code, error.timeout], ["timedOut", "idleTimeout"]);
    await peer.result;
  },
);

test("sendTimeout ends a stream whose peer does not read", bounded, async () => {
  const peer = await pythonServer(`
    wait()
    done(until_gone(conn) > 0)
  `);
  const connection = await connect({
    port: peer.port,
    ...frames,
    sendTimeout: scaled(200),
  });
  const length = 1 << 30;
  const tally = new Tally();
  const error = await failureOf(connection.sendStream(length, tally.source(length)));
  assert.deepEqual([error.code, error.timeout], ["timedOut", "sendTimeout"]);
  assert.ok(tally.produced < length / 2);
  peer.go();
  await peer.result;
});

test("A source that stalls stops its stream, and not the receiving side", bounded, async () => {
  const [client, server] = await pair(strings, { sendTimeout: scaled(100) });
  const stalled: AsyncIterable<Uint8Array> = {
    async *[Symbol.asyncIterator]() {
      yield utf8("hello");
      await never;
    },
  };
  const sending = client.sendStream(10, stalled);
  const { body } = (await server.receiveStream())!;
  assert.equal(textOf((await body.getReader().read()).value), "hello");
  await server.send("still here");
  assert.equal(await client.receive(), "still here");
  await sleep(300);
  assert.equal(client.pending, 0);
  client.abort();
  assert.equal((await failureOf(sending)).code, "aborted");
  server.abort();
});

test("Connection.close() discards the rest of an open body", bounded, async () => {
  const [client, server] = await pair(strings);
  const length = 4 << 20;
  const sending = client.sendStream(length, new Tally().source(length));
  const { body } = (await server.receiveStream())!;
  const reader = body.getReader();
  await reader.read();
  const closed = server.close();
  assert.equal((await failureOf(reader.read())).code, "closed");
  await sending;
  await client.close();
  await closed;
  assert.equal(await server.closed, "local");
});

test("Server.close() lets a client finish its body", bounded, async () => {
  const opened: Connection<string>[] = [];
  const bodies: string[] = [];
  const server = await serve(strings, async (connection) => {
    opened.push(connection);
    for (let frame; (frame = await connection.receiveStream()) !== undefined;) {
      bodies.push(await new Response(frame.body).text());
      await connection.send("got it");
    }
  });
  const client = await connect({ ...server.address, ...strings });
  let resume = () => {};
  const waiting = new Promise<void>((resolve) => resume = resolve);
  async function* chunks() {
    yield utf8("hello");
    await waiting;
    yield utf8("world");
  }
  const sending = client.sendStream(10, chunks());
  while (opened.length === 0) await sleep(10);
  await sleep(100);
  const closed = server.close();
  await sleep(100);
  resume();
  await sending;
  assert.equal(await client.receive(), "got it");
  assert.equal(await client.receive(), undefined);
  await client.close();
  await closed;
  assert.deepEqual(bodies, ["helloworld"]);
});

test("A body can be sent on as it arrives", bounded, async () => {
  const [client, server] = await pair(frames);
  const [out, sink] = await pair(frames);
  const length = 2_000_000;
  void client.sendStream(length, new Tally().source(length));
  const frame = (await server.receiveStream())!;
  const relayed = out.sendStream(frame.length, frame.body);
  const tally = new Tally();
  await tally.consume((await sink.receiveStream())!.body);
  await relayed;
  assert.equal(tally.consumed, length);
  await Promise.all([client, server, out, sink].map((connection) => connection.close()));
});
