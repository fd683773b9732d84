import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, ConnectionError, FramingError, lengthPrefixed, uint16 } from "../../mod.ts";
import { utf8 } from "../support/streams.ts";
import { pipe } from "../support/transports.ts";

const frames = { framer: lengthPrefixed(uint16) };

test("Connection.closed is local when this side has ended first", async () => {
  const [here, there] = pipe();
  const client = new Connection(here, frames);
  const server = new Connection(there, frames);
  const closing = client.close();
  assert.equal(await server.receive(), undefined);
  await Promise.all([closing, server.close()]);
  assert.equal(await client.closed, "local");
  assert.equal(await server.closed, "remote");
});

test("Connection.closed comes when both sides have finished, without a close", async () => {
  const [here, there] = pipe();
  const client = new Connection(here, frames);
  const server = new Connection(there, frames);
  const finishing = client.closeWrite();
  assert.equal(await server.receive(), undefined);
  await server.closeWrite();
  assert.equal(await client.receive(), undefined);
  await finishing;
  assert.equal(await client.closed, "local");
  assert.equal(await server.closed, "remote");
});

test("Connection.closed is framing when the peer has ended inside a frame", async () => {
  const [here, there] = pipe();
  const connection = new Connection(here, frames);
  const writer = there.writable.getWriter();
  const written = writer.write(Uint8Array.of(0, 9, 1)).then(() => writer.close());
  await assert.rejects(connection.receive(), FramingError);
  await Promise.all([written, connection.close()]);
  assert.equal(await connection.closed, "framing");
});

test("Connection.closed is aborted, and stays so", async () => {
  const [here] = pipe();
  const connection = new Connection(here, frames);
  connection.abort(new Error("why"));
  assert.equal(await connection.closed, "aborted");
  await connection.close();
  assert.equal(await connection.closed, "aborted");
  await assert.rejects(connection.receive(), { name: "ConnectionError", code: "aborted" });
});

test("Connection.closed is failed when the transport has failed for no reason known", async () => {
  const readable = new ReadableStream<Uint8Array>({
    pull: () => Promise.reject(new Error("out of order")),
  });
  const connection = new Connection({ readable, writable: new WritableStream() }, frames);
  await assert.rejects(connection.receive(), { code: "unknown" });
  assert.equal(await connection.closed, "failed");
});

test("Connection ends when nothing arrives within idleTimeout", async () => {
  const [here, there] = pipe();
  const connection = new Connection(here, { ...frames, idleTimeout: 20 });
  const writer = there.writable.getWriter();
  writer.closed.catch(() => {});
  await Promise.all([writer.write(Uint8Array.of(0, 1, 65)), connection.receive()]);
  const error = await connection.receive().catch((error) => error);
  assert.ok(error instanceof ConnectionError);
  assert.equal(error.code, "timedOut");
  assert.equal(error.timeout, "idleTimeout");
  assert.equal(error.received, 0);
  assert.equal(error.expected, undefined);
  assert.equal(
    error.message,
    "Cannot receive: nothing arrived within the idleTimeout of 20 ms",
  );
  assert.equal(await connection.closed, "timedOut");
  await assert.rejects(connection.send(utf8("more")), (again) => again === error);
});

test("Connection ends when a frame is not whole within frameTimeout, however it dribbles", async () => {
  const [here, there] = pipe();
  const connection = new Connection(here, { ...frames, idleTimeout: 5_000, frameTimeout: 60 });
  const writer = there.writable.getWriter();
  writer.closed.catch(() => {});
  let dribbling = true;
  const dribble = (async () => {
    await writer.write(Uint8Array.of(0, 200));
    while (dribbling) {
      await writer.write(Uint8Array.of(65));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })().catch(() => {});
  const error = await connection.receive().catch((error) => error);
  dribbling = false;
  await dribble;
  assert.ok(error instanceof ConnectionError, `${error}`);
  assert.equal(error.timeout, "frameTimeout");
  assert.equal(error.expected, 202);
  assert.ok(error.received! >= 2 && error.received! < 202);
  assert.match(
    error.message,
    /^Cannot receive: the frame was not whole within the frameTimeout of 60 ms; \d+ of 202 bytes of a frame had come$/,
  );
});

test("Connection counts no time in which nobody waits to receive", async () => {
  const [here, there] = pipe();
  const connection = new Connection(here, { ...frames, idleTimeout: 200, frameTimeout: 200 });
  const writer = there.writable.getWriter();
  await Promise.all([writer.write(Uint8Array.of(0, 1, 65, 0, 2, 66)), connection.receive()]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const [, message] = await Promise.all([writer.write(Uint8Array.of(67)), connection.receive()]);
  assert.deepEqual(message, Uint8Array.of(66, 67));
  await Promise.all([connection.close(), writer.close()]);
});

test("Connection.close() waits no longer than closeTimeout for a silent peer", async () => {
  const [here] = pipe();
  const connection = new Connection(here, { ...frames, closeTimeout: 20 });
  await connection.send(utf8("pending"));
  await assert.rejects(connection.close(), { code: "timedOut", timeout: "closeTimeout" });
  assert.equal(await connection.closed, "timedOut");
});

test("Connection refuses limits that are none", () => {
  const [here] = pipe();
  for (const wrong of [0, -1, NaN]) {
    for (const name of ["idleTimeout", "frameTimeout", "closeTimeout", "highWaterMark"]) {
      assert.throws(() => new Connection(here, { ...frames, [name]: wrong }), RangeError);
    }
  }
});
