import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodecError,
  delimited,
  fixed,
  FrameReader,
  json,
  lengthPrefixed,
  lines,
  text,
  TruncatedFrameError,
  uint16,
  untilClose,
} from "../../mod.ts";
import { sleep } from "../support/limits.ts";
import { collect, openStream, streamOf, textOf, utf8 } from "../support/streams.ts";

test("FrameReader.read() reads each frame with the framer that it is given", async () => {
  const reader = new FrameReader(streamOf("GET /\r\nHost: x\r\n\r\n", "\0\x03abc", "defg", "rest"));
  assert.equal(await reader.read({ framer: lines(), codec: text() }), "GET /");
  assert.equal(textOf(await reader.read(delimited("\r\n\r\n"))), "Host: x");
  assert.equal(textOf(await reader.read(lengthPrefixed(uint16))), "abc");
  assert.equal(textOf(await reader.read(fixed(4))), "defg");
  assert.equal(textOf(await reader.read(untilClose())), "rest");
  assert.equal(await reader.read(lines()), undefined);
});

test("FrameReader.read() returns the same frames however the stream is cut", async () => {
  const stream = utf8("one\n\0\x03abcxyz|two\n");
  for (let size = 1; size <= stream.length; size++) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size));
    const reader = new FrameReader(streamOf(...chunks));
    assert.equal(textOf(await reader.read(lines())), "one");
    assert.equal(textOf(await reader.read(lengthPrefixed(uint16))), "abc");
    assert.equal(textOf(await reader.read(delimited("|"))), "xyz");
    assert.equal(textOf(await reader.read(lines({ strict: true }))), "two");
    assert.equal(await reader.read(fixed(1)), undefined);
  }
});

test("FrameReader.read() reads a frame of fixed(0) without input, even at the end", async () => {
  const reader = new FrameReader(streamOf());
  assert.deepEqual(await reader.read(fixed(0)), new Uint8Array(0));
  assert.equal(await reader.read(fixed(1)), undefined);
  assert.deepEqual(await reader.read(fixed(0)), new Uint8Array(0));
});

test("FrameReader.read() reads any async iterable", async () => {
  async function* chunks() {
    yield utf8("on");
    await Promise.resolve();
    yield utf8("e\ntwo");
  }
  const reader = new FrameReader(chunks());
  assert.equal(textOf(await reader.read(lines())), "one");
  assert.equal(textOf(await reader.read(lines())), "two");
  assert.equal(await reader.read(lines()), undefined);
});

test("FrameReader.read() loses no byte when it is aborted", async () => {
  const { readable, push, end } = openStream();
  const reader = new FrameReader(readable);
  push("on");
  const controller = new AbortController();
  const aborted = reader.read(lines(), { signal: controller.signal });
  await Promise.resolve();
  controller.abort(new Error("enough"));
  await assert.rejects(aborted, /enough/);
  await assert.rejects(reader.read(lines(), { signal: controller.signal }), /enough/);
  const next = reader.read(lines());
  push("e\ntwo\n");
  end();
  assert.equal(textOf(await next), "one");
  assert.equal(textOf(await reader.read(lines())), "two");
  assert.equal(await reader.read(lines()), undefined);
});

test("FrameReader.read() leaves a chunk that arrives after an abort to the next call", async () => {
  const { readable, push } = openStream();
  const reader = new FrameReader(readable);
  const controller = new AbortController();
  const aborted = reader.read(fixed(2), { signal: controller.signal });
  controller.abort();
  await assert.rejects(aborted, { name: "AbortError" });
  push("ab");
  push("cd");
  assert.equal(textOf(await reader.read(fixed(3))), "abc");
});

test("FrameReader.read() removes its listener from a signal", async () => {
  const { readable, push } = openStream();
  const reader = new FrameReader(readable);
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: unknown[]) => {
    listeners++;
    return addEventListener.apply(signal, args as never);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    listeners--;
    return removeEventListener.apply(signal, args as never);
  };
  for (let count = 0; count < 3; count++) {
    const reading = reader.read(fixed(1), { signal });
    push("x");
    assert.equal(textOf(await reading), "x");
  }
  assert.equal(listeners, 0);
});

test("FrameReader.read() serves pending calls in order", async () => {
  const { readable, push } = openStream();
  const reader = new FrameReader(readable);
  const reads = [reader.read(lines()), reader.read(fixed(3)), reader.read(lines())];
  push("on");
  push("e\nabctwo\n");
  assert.deepEqual((await Promise.all(reads)).map(textOf), ["one", "abc", "two"]);
});

test("FrameReader.read() rejects with the same framing error on every later call", async () => {
  const reader = new FrameReader(streamOf("\0\x05ab"));
  const error = await reader.read(lengthPrefixed(uint16)).catch((error) => error);
  assert.ok(error instanceof TruncatedFrameError);
  assert.deepEqual(error.partial, utf8("\0\x05ab"));
  assert.equal(error.expectedLength, 7);
  await assert.rejects(reader.read(lines()), (again) => again === error);
  assert.throws(() => reader.detach(), (again: unknown) => again === error);
});

test("FrameReader.read() continues after a message that cannot be decoded", async () => {
  const reader = new FrameReader(streamOf("{\n1\n"));
  const protocol = { framer: lines(), codec: json() };
  await assert.rejects(reader.read(protocol), CodecError);
  assert.equal(await reader.read(protocol), 1);
});

test("FrameReader.read() rejects with the stream's error after the frames before it", async () => {
  const { readable, push, fail } = openStream();
  const reader = new FrameReader(readable);
  push("one\ntw");
  assert.equal(textOf(await reader.read(lines())), "one");
  const read = reader.read(lines());
  fail(new Error("broken"));
  await assert.rejects(read, /broken/);
  await assert.rejects(reader.read(lines()), /broken/);
});

test("FrameReader.read() refuses a chunk that is not bytes", async () => {
  const readable = new ReadableStream({
    start: (controller) => controller.enqueue("text"),
  }) as unknown as ReadableStream<Uint8Array>;
  await assert.rejects(new FrameReader(readable).read(lines()), TypeError);
});

test("FrameReader.read() refuses an invalid limit, and then accepts a valid one", async () => {
  const reader = new FrameReader(streamOf("one\n"));
  await assert.rejects(reader.read({ framer: lines(), maxFrameLength: -1 }), RangeError);
  assert.equal(textOf(await reader.read(lines())), "one");
});

test("FrameReader.detach() returns a stream that begins with the bytes read ahead", async () => {
  const reader = new FrameReader(streamOf("one\ntw", "o\nthree"));
  assert.equal(textOf(await reader.read(lines())), "one");
  const { readable } = reader.detach();
  assert.deepEqual((await collect(readable)).map(textOf), ["tw", "o\nthree"]);
  await assert.rejects(reader.read(lines()), TypeError);
});

test("FrameReader.detach() keeps the chunk that an aborted call was waiting for", async () => {
  const { readable, push, end } = openStream();
  const reader = new FrameReader(readable);
  const controller = new AbortController();
  const read = reader.read(lines(), { signal: controller.signal });
  controller.abort();
  await assert.rejects(read);
  const rest = collect(reader.detach().readable);
  push("one");
  push("two");
  end();
  assert.deepEqual((await rest).map(textOf), ["one", "two"]);
});

test("FrameReader.detach() rejects pending reads", async () => {
  const { readable, push, end } = openStream();
  const reader = new FrameReader(readable);
  const read = reader.read(lines());
  const rest = collect(reader.detach().readable);
  await assert.rejects(read, TypeError);
  push("one\n");
  end();
  assert.deepEqual((await rest).map(textOf), ["one\n"]);
});

test("FrameReader.detach() returns an empty stream after the end, and passes on cancel() before it", async () => {
  const reader = new FrameReader(streamOf("one\n"));
  await reader.read(lines());
  assert.equal(await reader.read(lines()), undefined);
  assert.deepEqual(await collect(reader.detach().readable), []);

  const { readable, cancelled } = openStream();
  await new FrameReader(readable).detach().readable.cancel("why");
  assert.deepEqual(cancelled, ["why"]);
});

test("FrameReader.cancel() cancels the stream, and reads return undefined", async () => {
  const { readable, cancelled } = openStream();
  const reader = new FrameReader(readable);
  const read = reader.read(lines());
  await reader.cancel("why");
  assert.equal(await read, undefined);
  assert.equal(await reader.read(lines()), undefined);
  assert.deepEqual(cancelled, ["why"]);
});

test("FrameReader reads its stream only while a call is pending", async () => {
  let pulls = 0;
  const readable = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulls++;
      controller.enqueue(utf8("one\n"));
    },
  }, { highWaterMark: 0 });
  const reader = new FrameReader(readable);
  await sleep(5);
  assert.equal(pulls, 0);
  await reader.read(lines());
  await sleep(5);
  assert.equal(pulls, 1);
});

test("FrameReader refuses a locked stream", () => {
  const readable = streamOf();
  readable.getReader();
  assert.throws(() => new FrameReader(readable), TypeError);
});
