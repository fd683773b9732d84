import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodecError,
  FrameDecoderStream,
  FrameTooLargeError,
  json,
  lines,
  text,
} from "../../mod.ts";
import { sleep } from "../support/limits.ts";
import { collect, openStream, streamOf, utf8 } from "../support/streams.ts";

const protocol = { framer: lines(), codec: text() };

test("FrameDecoderStream decodes bytes to messages", async () => {
  const messages = streamOf("on", "e\n\ntwo\nth", "ree").pipeThrough(
    new FrameDecoderStream(protocol),
  );
  assert.deepEqual(await collect(messages), ["one", "", "two", "three"]);
});

test("FrameDecoderStream delivers the messages before an error, and cancels its source", async () => {
  const { readable, push, cancelled } = openStream();
  push("one\ntwo\n12345678\nthree\n");
  const decoder = new FrameDecoderStream({ ...protocol, maxFrameLength: 4 });
  const reader = readable.pipeThrough(decoder).getReader();
  await sleep(10);
  assert.equal((await reader.read()).value, "one");
  await sleep(10);
  assert.equal((await reader.read()).value, "two");
  const error = await reader.read().catch((error) => error);
  assert.ok(error instanceof FrameTooLargeError);
  await sleep(10);
  assert.deepEqual(cancelled, [error]);
});

test("FrameDecoderStream rejects writes if the stream cannot be framed", async () => {
  const { readable, writable } = new FrameDecoderStream({ ...protocol, maxFrameLength: 4 });
  const writer = writable.getWriter();
  const written = writer.write(utf8("12345678\n"));
  written.catch(() => {});
  writer.closed.catch(() => {});
  await assert.rejects(collect(readable), FrameTooLargeError);
  await assert.rejects(writer.write(utf8("more")), FrameTooLargeError);
});

test("FrameDecoderStream delivers the messages before one that cannot be decoded", async () => {
  const reader = streamOf("1\n2\n{\n3\n").pipeThrough(
    new FrameDecoderStream({ framer: lines(), codec: json() }),
  ).getReader();
  assert.equal((await reader.read()).value, 1);
  assert.equal((await reader.read()).value, 2);
  await assert.rejects(reader.read(), CodecError);
});

test("FrameDecoderStream applies backpressure while its messages are not read", async () => {
  const { readable, writable } = new FrameDecoderStream(protocol);
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  let written = 0;
  const write = () => writer.write(utf8("line\n")).then(() => void written++);
  const writes = Array.from({ length: 10 }, write);
  await sleep(10);
  assert.ok(written <= 1, `${written} chunks were taken`);
  await readable.cancel();
  await Promise.allSettled(writes);
});

test("FrameDecoderStream cancels its source when it is cancelled", async () => {
  const { readable, push, cancelled } = openStream();
  push("one\n");
  const reader = readable.pipeThrough(new FrameDecoderStream(protocol)).getReader();
  assert.equal((await reader.read()).value, "one");
  await reader.cancel("why");
  await sleep(10);
  assert.deepEqual(cancelled, ["why"]);
});

test("FrameDecoderStream fails with the error of its source", async () => {
  const { readable, push, fail } = openStream();
  push("one\ntw");
  const reader = readable.pipeThrough(new FrameDecoderStream(protocol)).getReader();
  assert.equal((await reader.read()).value, "one");
  fail(new Error("broken"));
  await assert.rejects(reader.read(), /broken/);
});

test("FrameDecoderStream refuses an invalid limit immediately", () => {
  assert.throws(() => new FrameDecoderStream({ ...protocol, maxFrameLength: 1.5 }), RangeError);
});
