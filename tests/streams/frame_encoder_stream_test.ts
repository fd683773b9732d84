import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Codec,
  FrameDecoderStream,
  FrameEncoderStream,
  json,
  lengthPrefixed,
  lines,
  type Protocol,
  text,
  varint,
} from "../../mod.ts";
import { collect, textOf } from "../support/streams.ts";

function readableOf<Item>(...items: Item[]): ReadableStream<Item> {
  return new ReadableStream({
    start(controller) {
      for (const item of items) controller.enqueue(item);
      controller.close();
    },
  });
}

test("FrameEncoderStream encodes messages to bytes", async () => {
  const bytes = readableOf("one", "", "two").pipeThrough(
    new FrameEncoderStream({ framer: lines(), codec: text() }),
  );
  assert.equal((await collect(bytes)).map(textOf).join(""), "one\n\ntwo\n");
});

test("FrameEncoderStream accepts a framer alone, and a protocol whose received messages differ", async () => {
  const bare = readableOf(Uint8Array.of(65), Uint8Array.of()).pipeThrough(
    new FrameEncoderStream(lines()),
  );
  assert.equal((await collect(bare)).map(textOf).join(""), "A\n\n");
  const codec: Codec<Uint8Array, number, string> = {
    decode: (frame) => frame.length,
    encode: (message) => new TextEncoder().encode(message),
  };
  const protocol = { framer: lines(), codec } satisfies Protocol<number, string>;
  const bytes = readableOf("one").pipeThrough(new FrameEncoderStream<string>(protocol));
  assert.equal((await collect(bytes)).map(textOf).join(""), "one\n");
});

test("FrameDecoderStream decodes what FrameEncoderStream encodes", async () => {
  const protocol = { framer: lengthPrefixed(varint), codec: json<unknown>() };
  const messages = [1, "two", { three: [3] }, null, "x".repeat(100_000)];
  const decoded = readableOf(...messages)
    .pipeThrough(new FrameEncoderStream(protocol))
    .pipeThrough(new FrameDecoderStream(protocol));
  assert.deepEqual(await collect(decoded), messages);
});

test("FrameEncoderStream delivers the frames before a message that cannot be framed, then fails", async () => {
  const reader = readableOf("one", "t\nwo").pipeThrough(
    new FrameEncoderStream({ framer: lines(), codec: text() }),
  ).getReader();
  assert.equal(textOf((await reader.read()).value), "one\n");
  await assert.rejects(reader.read(), TypeError);
});
