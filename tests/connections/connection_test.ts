import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodecError,
  Connection,
  ConnectionError,
  FrameTooLargeError,
  json,
  lengthPrefixed,
  lines,
  streamTransport,
  text,
  TruncatedFrameError,
  uint16,
  uint32,
} from "../../mod.ts";
import { textLines } from "../support/connections.ts";
import { utf8 } from "../support/streams.ts";
import { pipe, recorder, turn } from "../support/transports.ts";

test("Connection sends and receives over any pair of Web Streams", async () => {
  const [here, there] = pipe();
  const client = new Connection(here, textLines);
  const server = new Connection(streamTransport(there), textLines);
  void client.send("one");
  void client.send("two");
  assert.equal(await server.receive(), "one");
  assert.equal(await server.receive(), "two");
  void server.send("three");
  assert.equal(await client.receive(), "three");
  await Promise.all([client.close(), server.close()]);
  assert.equal(client.localAddress, undefined);
  assert.equal(client.remoteAddress, undefined);
});

test("Connection.closeWrite() over Web Streams leaves the other direction open", async () => {
  const [here, there] = pipe();
  const client = new Connection(here, textLines);
  const server = new Connection(there, textLines);
  void client.send("request");
  const finished = client.closeWrite();
  assert.equal(await server.receive(), "request");
  assert.equal(await server.receive(), undefined);
  await finished;
  void server.send("reply");
  assert.equal(await client.receive(), "reply");
  await Promise.all([client.close(), server.close()]);
});

test("Connection.abort() over Web Streams ends both directions", async () => {
  const [here, there] = pipe();
  const client = new Connection(here, textLines);
  const server = new Connection(there, textLines);
  client.abort(new Error("why"));
  const error = await Promise.race([
    server.receive().then(() => undefined, (error) => error),
    turn().then(() => turn()).then(() => "pending"),
  ]);
  assert.ok(error instanceof ConnectionError, `${error}`);
  server.abort();
});

test("Connection.receive() over Web Streams returns messages, and rejects invalid and truncated ones", async () => {
  const [here, there] = pipe();
  const client = new Connection(here, { framer: lines({ strict: true }), codec: json() });
  const writer = there.writable.getWriter();
  const written = (async () => {
    for (const part of ["1\n", "{\n2\n[", "3]\n4"]) await writer.write(utf8(part));
    await writer.close();
  })();
  assert.equal(await client.receive(), 1);
  await assert.rejects(client.receive(), CodecError);
  assert.equal(await client.receive(), 2);
  assert.deepEqual(await client.receive(), [3]);
  await assert.rejects(client.receive(), TruncatedFrameError);
  await written;
  client.abort();
});

test("Connection receives further messages after a loop over it was left early", async () => {
  const [here, there] = pipe();
  const client = new Connection(here, textLines);
  const writer = there.writable.getWriter();
  void writer.write(utf8("one\n\n\0\x03abc"));
  for await (const line of client) if (line === "") break;
  const frames = client.switchTo({ framer: lengthPrefixed(uint16), codec: text() });
  assert.equal(await frames.receive(), "abc");
  client.abort();
  writer.closed.catch(() => {});
});

test("Connection.readable delivers the messages before an error, and then fails", async () => {
  const [here, there] = pipe();
  const client = new Connection(here, { ...textLines, maxFrameLength: 4 });
  const writer = there.writable.getWriter();
  writer.closed.catch(() => {});
  writer.write(utf8("one\ntwo\n12345678\n")).catch(() => {});
  const reader = client.readable.getReader();
  assert.equal((await reader.read()).value, "one");
  await turn();
  assert.equal((await reader.read()).value, "two");
  await assert.rejects(reader.read(), FrameTooLargeError);
});

test("Connection.readable.cancel() aborts the connection", async () => {
  const transport = recorder();
  const connection = new Connection(transport, textLines);
  await connection.readable.cancel("why");
  assert.deepEqual(transport.calls, ["abort"]);
  await assert.rejects(connection.send("more"), { code: "aborted", cause: "why" });
});

test("Connection.writable.abort() aborts the connection", async () => {
  const transport = recorder();
  const connection = new Connection(transport, textLines);
  await connection.writable.abort("why");
  assert.deepEqual(transport.calls, ["abort"]);
  await assert.rejects(connection.receive(), { code: "aborted", cause: "why" });
});

test("Connection closes its transport when both directions have ended", async () => {
  const transport = recorder();
  const connection = new Connection(transport, textLines);
  const receiving = connection.receive();
  await connection.closeWrite();
  assert.equal(await receiving, undefined);
  await turn();
  assert.deepEqual(transport.calls, ["closeWrite", "close"]);
});

test("Connection throws when it is constructed with an invalid limit", () => {
  assert.throws(
    () => new Connection(recorder(), { ...textLines, maxFrameLength: NaN }),
    RangeError,
  );
});

test("Connection.receive() returns null and false as messages", async () => {
  const [here, there] = pipe();
  const client = new Connection<unknown>(here, { framer: lines(), codec: json() });
  const server = new Connection<unknown>(there, { framer: lines(), codec: json() });
  const received = [client.receive(), client.receive()];
  for (const message of [null, false]) void server.send(message);
  assert.deepEqual(await Promise.all(received), [null, false]);
  client.abort();
});

test("Connection reads into the decoder's memory if the transport has readInto()", async () => {
  const frame = Uint8Array.from({ length: 40_000 }, (_, index) => index);
  const bytes = Uint8Array.of(0, 0, 156, 64, ...frame, 0, 0, 0, 1, 7);
  let at = 0;
  const transport = Object.assign(recorder(), {
    read: () => Promise.reject(new Error("not called")),
    readInto(memory: Uint8Array) {
      const chunk = bytes.subarray(at, at + Math.min(2000, memory.length));
      at += chunk.length;
      memory.set(chunk);
      return Promise.resolve(chunk.length || undefined);
    },
  });
  const connection = new Connection(transport, { framer: lengthPrefixed(uint32) });
  const first = await connection.receive();
  assert.deepEqual(await connection.receive(), Uint8Array.of(7));
  assert.equal(await connection.receive(), undefined);
  assert.deepEqual(first, frame);
});

test("Connection.switchTo() throws after the connection has been detached", () => {
  const connection = new Connection(recorder(), textLines);
  connection.detach();
  assert.throws(() => connection.switchTo(textLines), { code: "closed" });
});
