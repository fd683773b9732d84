import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asymmetric,
  type ByteSource,
  Connection,
  delimited,
  fixed,
  FrameDecoder,
  lengthPrefixed,
  lines,
  netstring,
  part,
  sequence,
  tagged,
  text,
  uint8,
} from "../../mod.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { codeOf, never, settled, soon } from "../support/pairs.ts";
import { openStream, streamOf, utf8 } from "../support/streams.ts";
import { type Recorder, recorder, turn } from "../support/transports.ts";

const strings = { framer: netstring(), codec: text() };

/** Yields one chunk per turn. */
async function* slowly(chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    yield utf8(chunk);
    await turn();
  }
}

/** Returns a connection, and what it has written so far. */
function recording(waits = false): {
  readonly connection: Connection<string>;
  readonly transport: Recorder;
  written(): string;
} {
  const transport = recorder(waits);
  const connection = new Connection<string>(transport, strings);
  return { connection, transport, written: () => transport.sent.join("") };
}

test("Connection.sendStream() writes header, body and trailer", async () => {
  const { connection, written } = recording();
  await connection.sendStream(10, streamOf("hello", "", "wor", "ld"));
  await connection.flush();
  assert.equal(written(), "10:helloworld,");
  await connection.sendStream(0, streamOf());
  await connection.sendStream(0, streamOf("", ""));
  await connection.flush();
  assert.equal(written(), "10:helloworld,0:,0:,");
  assert.equal(connection.pending, 0);
});

test("Connection.sendStream() accepts any source of bytes", async () => {
  const { connection, written } = recording();
  async function* chunks() {
    await turn();
    yield bytes("ab");
    yield bytes("c").buffer;
  }
  await connection.sendStream(3, chunks());
  await connection.sendStream(2, new Response("ok").body!);
  await connection.flush();
  assert.equal(written(), "3:abc,2:ok,");
});

test("Connection.sendStream() keeps the order of calls, and frames never interleave", async () => {
  const { connection, written } = recording();
  const [first, second] = [openStream(), openStream()];
  void connection.send("a");
  void connection.sendStream(4, first.readable);
  void connection.send("b");
  void connection.sendStream(2, second.readable);
  void connection.send("c");
  void connection.sendStream(0, streamOf());
  void connection.send("d");
  second.push("22");
  second.end();
  await turn();
  assert.equal(written(), "1:a,4:");
  first.push("11");
  await turn();
  assert.equal(written(), "1:a,4:11");
  first.push("11");
  first.end();
  await connection.flush();
  assert.equal(written(), "1:a,4:1111,1:b,2:22,1:c,0:,1:d,");
});

test("Connection.sendStream() sends nothing that would make a wrong length look complete", async () => {
  for (
    const { chunks, message } of [
      { chunks: ["12", "3"], message: "Cannot send stream: it ended after 3 of 5 bytes" },
      { chunks: [], message: "Cannot send stream: it ended after 0 of 5 bytes" },
      { chunks: ["123456"], message: "Cannot send stream: it has more than 5 bytes" },
      { chunks: ["12345", "6"], message: "Cannot send stream: it has more than 5 bytes" },
    ]
  ) {
    const { connection, transport, written } = recording();
    const sent = connection.sendStream(5, slowly(chunks));
    const later = connection.send("later");
    const error = await sent.catch((error) => error);
    assert.equal(error.name, "RangeError");
    assert.equal(error.message, message);
    await later;
    assert.ok("5:123".startsWith(written()), written());
    assert.deepEqual(transport.calls, ["abort"]);
    const after = await connection.send("more").catch((error) => error);
    assert.equal(codeOf(after), "aborted");
    assert.equal(after.cause, error);
    assert.equal(await connection.closed, "aborted");
  }
});

test("Connection.sendStream() aborts the connection if its source fails", async () => {
  const { connection, transport, written } = recording();
  const source = openStream();
  const sent = connection.sendStream(5, source.readable);
  source.push("12");
  await turn();
  const failure = new Error("disk failed");
  source.fail(failure);
  assert.equal(await sent.catch((error) => error), failure);
  assert.equal(written(), "5:12");
  assert.deepEqual(transport.calls, ["abort"]);
});

test("Connection.sendStream() aborts the connection if its signal aborts inside the frame", async () => {
  const { connection, transport } = recording();
  const source = openStream();
  const controller = new AbortController();
  const sent = connection.sendStream(5, source.readable, { signal: controller.signal });
  source.push("12");
  await turn();
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await sent.catch((error) => error), reason);
  await turn();
  assert.deepEqual(source.cancelled, [reason]);
  assert.deepEqual(transport.calls, ["abort"]);
});

test("Connection.sendStream() can be aborted without a loss while it waits for its turn", async () => {
  const { connection, transport, written } = recording();
  const [first, second] = [openStream(), openStream()];
  const controller = new AbortController();
  void connection.sendStream(2, first.readable);
  void connection.send("a");
  const aborted = connection.sendStream(2, second.readable, { signal: controller.signal });
  void connection.send("b");
  controller.abort(new Error("enough"));
  await assert.rejects(aborted, { message: "enough" });
  await turn();
  assert.equal(second.cancelled.length, 1);
  first.push("11");
  first.end();
  await connection.flush();
  assert.equal(written(), "2:11,1:a,1:b,");
  assert.deepEqual(transport.calls, []);
  const never = openStream();
  const signal = AbortSignal.abort(new Error("before"));
  await assert.rejects(connection.sendStream(2, never.readable, { signal }), { message: "before" });
  assert.equal(never.readable.locked, false);
  await connection.flush();
  assert.equal(written(), "2:11,1:a,1:b,");
});

test("Connection.sendStream() refuses framings, lengths and sources before anything is sent", async () => {
  const source = streamOf("ab");
  const refused = async (
    protocol: ConstructorParameters<typeof Connection<Uint8Array>>[1],
    length: number,
    kind: string,
    given: ByteSource = source,
  ) => {
    const transport = recorder();
    const connection = new Connection(transport, protocol);
    const error = await connection.sendStream(length, given).catch((error) => error);
    assert.equal(error.name, kind, `${error}`);
    await connection.flush();
    assert.deepEqual(transport.sent, []);
    assert.deepEqual(transport.calls, []);
    assert.equal(connection.pending, 0);
    assert.equal(source.locked, false);
  };
  for (const framer of [lines(), delimited(","), tagged({ 0x61: 1 })]) {
    await refused(framer, 2, "TypeError");
  }
  const sequenced = sequence({
    *read() {
      return yield* part(fixed(1));
    },
  });
  await refused(sequenced, 2, "TypeError");
  for (const length of [-1, 1.5, NaN, 2 ** 53, "2" as unknown as number]) {
    await refused(netstring(), length, "RangeError");
  }
  await refused(lengthPrefixed(uint8), 256, "RangeError");
  await refused(fixed(3), 2, "RangeError");
  await refused({ framer: netstring(), maxBodyLength: 1 }, 2, "RangeError");
  await refused(netstring(), 2, "TypeError", "ab" as unknown as ByteSource);
  const locked = streamOf("ab");
  locked.getReader();
  await refused(netstring(), 2, "TypeError", locked);
});

test("Connection.sendStream() is not limited by maxFrameLength", async () => {
  const transport = recorder();
  const connection = new Connection(transport, { framer: netstring(), maxFrameLength: 1 });
  await connection.sendStream(2, streamOf("ab"));
  await connection.flush();
  assert.equal(transport.sent.join(""), "2:ab,");
});

test("Connection.sendStream() uses the protocol of sent messages", async () => {
  const transport = recorder();
  const connection = new Connection(transport, asymmetric({ read: lines(), write: netstring() }));
  await connection.sendStream(2, streamOf("ab"));
  await connection.flush();
  assert.equal(transport.sent.join(""), "2:ab,");
});

test("Connection.sendStream() reads its source only while there is room", async () => {
  const transport = recorder(true);
  const connection = new Connection(transport, { framer: netstring(), highWaterMark: 10 });
  let pulls = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulls++;
      controller.enqueue(utf8("123456"));
    },
  }, { highWaterMark: 0 });
  const sent = connection.sendStream(6_000_000, source);
  await turn();
  const first = pulls;
  assert.ok(first <= 3, `${first} chunks were read`);
  await turn();
  assert.equal(pulls, first);
  assert.ok(connection.pending >= 10 && connection.pending <= 24, `${connection.pending}`);
  const later = connection.send(utf8("later"));
  assert.equal(await soon(later), "pending");
  transport.release();
  await turn();
  assert.ok(pulls > first);
  assert.ok(pulls <= first + 3);
  connection.abort();
  assert.equal(codeOf(await sent.catch((error) => error)), "aborted");
  assert.equal(codeOf(await later.catch((error) => error)), "aborted");
});

test("Connection.sendStream() joins small chunks", async () => {
  const { connection, transport, written } = recording();
  async function* chunks() {
    for (let count = 0; count < 1000; count++) yield utf8("x");
  }
  await connection.sendStream(1000, chunks());
  await connection.flush();
  assert.equal(written(), `1000:${"x".repeat(1000)},`);
  assert.ok(transport.sent.length < 20, `${transport.sent.length} writes`);
});

test("Connection.closeWrite() and close() wait for streams, and reject if one is lost", async () => {
  const { connection, transport, written } = recording();
  const source = openStream();
  void connection.sendStream(2, source.readable);
  const closed = connection.close();
  await assert.rejects(connection.sendStream(2, streamOf("ab")), { code: "closed" });
  await turn();
  assert.deepEqual(transport.calls, []);
  source.push("ok");
  source.end();
  await closed;
  assert.equal(written(), "2:ok,");
  assert.equal(transport.calls[0], "closeWrite");

  const stalled = new Connection(recorder(), { ...strings, closeTimeout: 30 });
  const sent = stalled.sendStream(2, { [Symbol.asyncIterator]: () => ({ next: () => never }) });
  const error = await stalled.close().catch((error) => error);
  assert.equal(error.code, "timedOut");
  assert.equal(error.timeout, "closeTimeout");
  assert.equal(codeOf(await sent.catch((error) => error)), "timedOut");
});

test("Connection.send() never overwrites messages that wait before a stream", async () => {
  const { connection, transport, written } = recording(true);
  const release = async () => {
    transport.release();
    await turn();
  };
  for (let count = 0; count < 1000; count++) void connection.send("warm up the memory");
  await release();
  await release();
  const [first, second] = [openStream(), openStream()];
  void connection.sendStream(1, first.readable);
  for (let count = 0; count < 10_000; count++) void connection.send("a");
  void connection.sendStream(1, second.readable);
  await release();
  for (let count = 0; count < 10_000; count++) void connection.send("b");
  for (const { push, end } of [first, second]) {
    push("s");
    end();
  }
  for (let count = 0; count < 8; count++) await release();
  const messages = "1:a,".repeat(10_000) + "1:s," + "1:b,".repeat(10_000);
  assert.ok(written().endsWith(`1:s,${messages}`));
});

test("Connection.sendStream() cancels its source when the connection fails", async () => {
  for (const begun of [true, false]) {
    const { connection } = recording();
    const [first, second] = [openStream(), openStream()];
    const calls = [
      connection.sendStream(5, first.readable),
      connection.sendStream(5, second.readable),
    ];
    if (begun) first.push("12");
    await turn();
    connection.abort(new Error("gone"));
    for (const call of calls) {
      const error = await call.catch((error) => error);
      assert.equal(error.code, "aborted");
    }
    await turn();
    assert.equal(first.cancelled.length, 1);
    assert.equal(second.cancelled.length, 1);
  }
});

test("Connection.detach() returns a transport that writes after a stream", async () => {
  const { connection, written } = recording();
  const source = openStream();
  void connection.sendStream(2, source.readable);
  const transport = connection.detach();
  const writing = transport.write([utf8("after")]);
  await turn();
  assert.equal(written(), "2:");
  source.push("ok");
  source.end();
  await writing;
  assert.equal(written(), "2:ok,after");
});

test("Connection.startTls() begins after the streams sent before it", async () => {
  const { connection, transport, written } = recording();
  const upgraded = settled<Recorder>();
  const calls: string[] = [];
  transport.startTls = () => {
    calls.push(written());
    return upgraded.promise;
  };
  const second = recorder();
  const source = openStream();
  void connection.sendStream(2, source.readable);
  void connection.send("a");
  const tls = connection.startTls();
  void connection.send("b");
  await turn();
  assert.deepEqual(calls, []);
  source.push("ok");
  source.end();
  await turn();
  assert.deepEqual(calls, ["2:ok,1:a,"]);
  const secret = connection.sendStream(1, streamOf("c"));
  upgraded.resolve(second);
  await tls;
  await secret;
  await connection.flush();
  assert.equal(written(), "2:ok,1:a,");
  assert.equal(second.sent.join(""), "1:b,1:c,");
});

test("A tap sees a streamed frame when it is sent, and later ones at their offsets", async () => {
  const frames: unknown[] = [];
  const transport = recorder();
  const tap = { frame: (event: unknown) => void frames.push(event) };
  const connection = new Connection<string>(transport, { ...strings, tap });
  const source = openStream();
  void connection.sendStream(5, source.readable);
  void connection.send("a");
  source.push("hel");
  await turn();
  void connection.send("b");
  source.push("lo");
  source.end();
  await connection.flush();
  void connection.send("c");
  assert.deepEqual(frames, [
    { direction: "out", offset: 0, length: 8 },
    { direction: "out", offset: 8, length: 4 },
    { direction: "out", offset: 12, length: 4 },
    { direction: "out", offset: 16, length: 4 },
  ]);
});

test("Streams of any cut among messages of any length arrive as they were sent", async () => {
  let seed = 7;
  const random = (below: number) => (seed = seed * 48271 % 2147483647) % below;
  for (let round = 0; round < 30; round++) {
    const transport = recorder();
    const received: Uint8Array[] = [];
    transport.write = (chunks) => {
      for (const chunk of chunks) received.push(chunk.slice());
      return random(2) === 0 ? undefined : turn();
    };
    const connection = new Connection(transport, { framer: netstring(), highWaterMark: 1000 });
    const expected: string[] = [];
    for (let count = 0; count < 8; count++) {
      const body = utf8(`${count}`.repeat(random(3) === 0 ? random(30_000) : random(40)));
      expected.push(latin1(body));
      if (random(2) === 0) {
        void connection.send(body);
      } else {
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < body.length;) {
          const size = 1 + random(9000);
          chunks.push(body.slice(at, at + size));
          at += size;
        }
        void connection.sendStream(body.length, streamOf(...chunks));
      }
      if (random(3) === 0) await turn();
    }
    await connection.flush();
    const decoder = new FrameDecoder(netstring());
    for (const chunk of received) decoder.push(chunk);
    assert.deepEqual(Array.from(decoder, latin1), expected);
  }
});
