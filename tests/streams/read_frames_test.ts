import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodecError,
  FrameTooLargeError,
  json,
  lines,
  readFrames,
  text,
  TruncatedFrameError,
} from "../../mod.ts";
import { openStream, streamOf, textOf, utf8 } from "../support/streams.ts";

const protocol = { framer: lines(), codec: text() };

test("readFrames() iterates over all messages", async () => {
  const messages: string[] = [];
  for await (const message of readFrames(streamOf("on", "e\n\ntwo\nth", "ree"), protocol)) {
    messages.push(message);
  }
  assert.deepEqual(messages, ["one", "", "two", "three"]);
});

test("readFrames() accepts a bare framer and any async iterable", async () => {
  async function* chunks() {
    yield utf8("one\ntwo\n");
  }
  const frames: (string | undefined)[] = [];
  for await (const frame of readFrames(chunks(), lines())) frames.push(textOf(frame));
  assert.deepEqual(frames, ["one", "two"]);
});

test("readFrames() stays done after the end", async () => {
  const iterator = readFrames(streamOf("one\n"), protocol);
  assert.deepEqual(await iterator.next(), { done: false, value: "one" });
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});

test("readFrames() serves pending calls in order", async () => {
  const { readable, push, end } = openStream();
  const iterator = readFrames(readable, protocol);
  const results = [iterator.next(), iterator.next(), iterator.next()];
  push("one\ntw");
  push("o");
  end();
  assert.deepEqual((await Promise.all(results)).map(({ value }) => value), [
    "one",
    "two",
    undefined,
  ]);
});

test("readFrames() cancels the stream when the loop exits early", async () => {
  const { readable, push, cancelled } = openStream();
  push("one\ntwo\n");
  for await (const message of readFrames(readable, protocol)) {
    assert.equal(message, "one");
    break;
  }
  assert.equal(cancelled.length, 1);
});

test("readFrames() ends pending calls when return() is called", async () => {
  const { readable } = openStream();
  const iterator = readFrames(readable, protocol);
  const waiting = iterator.next();
  assert.deepEqual(await iterator.return!(), { done: true, value: undefined });
  assert.deepEqual(await waiting, { done: true, value: undefined });
});

test("readFrames() calls return() of an async iterable when the loop exits early", async () => {
  let returned = false;
  async function* chunks() {
    try {
      yield utf8("one\n");
      yield utf8("two\n");
    } finally {
      returned = true;
    }
  }
  for await (const _ of readFrames(chunks(), protocol)) break;
  assert.ok(returned);
});

test("readFrames() delivers the messages before a framing error, then cancels the stream", async () => {
  const { readable, push, cancelled } = openStream();
  push("one\n12345678\n");
  const iterator = readFrames(readable, { ...protocol, maxFrameLength: 4 });
  assert.equal((await iterator.next()).value, "one");
  const error = await iterator.next().catch((error) => error);
  assert.ok(error instanceof FrameTooLargeError);
  assert.equal(error.offset, 4);
  assert.deepEqual(cancelled, [error]);
  await assert.rejects(iterator.next(), (again) => again === error);
});

test("readFrames() reports a truncated stream", async () => {
  const iterator = readFrames(streamOf("one\ntwo"), { framer: lines({ strict: true }) });
  assert.equal(textOf((await iterator.next()).value), "one");
  await assert.rejects(iterator.next(), TruncatedFrameError);
});

test("readFrames() continues after a message that cannot be decoded", async () => {
  const { readable, push, cancelled } = openStream();
  push("{\n1\n");
  const iterator = readFrames(readable, { framer: lines(), codec: json() });
  await assert.rejects(iterator.next(), CodecError);
  assert.equal((await iterator.next()).value, 1);
  assert.deepEqual(cancelled, []);
});
