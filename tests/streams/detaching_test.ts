import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, FrameReader } from "../../mod.ts";
import { textLines } from "../support/connections.ts";
import { collect, textOf, utf8 } from "../support/streams.ts";
import { recorder } from "../support/transports.ts";

/** Returns a function that reads chunks, then the end once, and fails after that. */
function readOnce(...chunks: string[]): () => Promise<Uint8Array | undefined> {
  let ended = false;
  return () => {
    const chunk = chunks.shift();
    if (ended) return Promise.reject(new Error("read after the end"));
    ended = chunk === undefined;
    return Promise.resolve(chunk === undefined ? undefined : utf8(chunk));
  };
}

test("FrameReader.detach() after the end does not read again", async () => {
  const read = readOnce("one\n");
  const source = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const value = await read();
        return value === undefined ? { done: true as const, value } : { done: false, value };
      },
    }),
  };
  const reader = new FrameReader(source);
  assert.equal(await reader.read(textLines), "one");
  assert.equal(await reader.read(textLines), undefined);
  assert.deepEqual(await collect(reader.detach().readable), []);
});

test("Connection.detach() after the end does not read again", async () => {
  const transport = Object.assign(recorder(), { read: readOnce("one\n") });
  const connection = new Connection(transport, textLines);
  assert.equal(await connection.receive(), "one");
  assert.equal(await connection.receive(), undefined);
  assert.equal(await connection.detach().read(), undefined);
});

test("Connection.detach() keeps the unread bytes and the end, without another read", async () => {
  const transport = Object.assign(recorder(), { read: readOnce("one\ntwo\nth") });
  const connection = new Connection(transport, textLines);
  const iterator = connection[Symbol.asyncIterator]();
  assert.equal((await iterator.next()).value, "one");
  const detached = connection.detach();
  assert.equal(textOf(await detached.read()), "two\nth");
  assert.equal(await detached.read(), undefined);
});
