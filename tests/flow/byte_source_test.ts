import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByteSource, FrameReader, lines, readFrames, text } from "../../mod.ts";
import { collect, streamOf, textOf, utf8 } from "../support/streams.ts";

const protocol = { framer: lines(), codec: text() };
const [one, two] = [utf8("on"), utf8("e\ntwo\n")];

async function* asynchronous<Item>(...items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

function* synchronous<Item>(...items: readonly Item[]): Generator<Item> {
  yield* items;
}

/** Sources of "one\ntwo\n", by name. */
const sources: Readonly<Record<string, () => ByteSource>> = {
  "a ReadableStream": () => streamOf(one, two),
  "a ReadableStream of batches": () =>
    new ReadableStream<Uint8Array[]>({
      start(controller) {
        controller.enqueue([one, two]);
        controller.close();
      },
    }),
  "an async iterable of chunks": () => asynchronous(one, two),
  "an async iterable of batches": () => asynchronous([one, two]),
  "an async iterable of chunks and batches, some empty": () =>
    asynchronous<Uint8Array | Uint8Array[]>([], new Uint8Array(), [one], [], two, []),
  "a sync iterable of chunks": () => synchronous(one, two),
  "a sync iterable of batches": () => synchronous([one], [two]),
  "an array of chunks": () => [one, two],
  "a set of chunks": () => new Set([one, two]),
  "a batch of every kind of buffer": () => [
    [Uint8Array.from(one).buffer, new DataView(Uint8Array.from(two).buffer, 0, 2)],
    [new Uint16Array(Uint8Array.from(two).buffer, 2, 1), two.subarray(4)],
  ],
  "a Blob": () => new Blob([Uint8Array.from(one), Uint8Array.from(two)]),
  "a Response": () => new Response("one\ntwo\n"),
  "a Request": () => new Request("http://localhost/", { method: "POST", body: "one\ntwo\n" }),
};

/** Returns the messages of a source, by each API that reads one. */
async function messagesOf(source: () => ByteSource): Promise<string[][]> {
  const iterated: string[] = [];
  for await (const message of readFrames(source(), protocol)) iterated.push(message);
  const reader = new FrameReader(source());
  const read: string[] = [];
  for (let next; (next = await reader.read(protocol)) !== undefined;) read.push(next);
  return [iterated, read];
}

for (const [name, source] of Object.entries(sources)) {
  test(`readFrames() and FrameReader read ${name}`, async () => {
    assert.deepEqual(await messagesOf(source), [["one", "two"], ["one", "two"]]);
  });
}

test("readFrames() and FrameReader read no message where there is no body", async () => {
  const empty: readonly (() => ByteSource)[] = [
    () => new Response(null),
    () => new Response(""),
    () => new Request("http://localhost/"),
    () => new Blob([]),
    () => [],
    () => [[]],
  ];
  for (const source of empty) assert.deepEqual(await messagesOf(source), [[], []]);
});

test("readFrames() refuses a body that has been used", async () => {
  const used = new Response("one\n");
  await used.text();
  const begun = new Request("http://localhost/", { method: "POST", body: "one\n" });
  const reader = begun.body!.getReader();
  await reader.read();
  reader.releaseLock();
  for (const source of [used, begun]) {
    const error = { name: "TypeError", message: /^Cannot read from a \w+: its body .* been used$/ };
    assert.throws(() => readFrames(source, protocol), error);
    assert.throws(() => new FrameReader(source), error);
  }
  const locked = new Response("one\n");
  locked.body!.getReader();
  assert.throws(() => readFrames(locked, protocol), TypeError);
});

test("readFrames() refuses a promise, and says to await it", () => {
  for (const source of [Promise.resolve(new Response("one\n")), Promise.resolve()]) {
    assert.throws(() => readFrames(source as never, protocol), {
      name: "TypeError",
      message: "Cannot read from a Promise: await it first",
    });
  }
});

test("readFrames() refuses what is no source when it is called", () => {
  const others = ["one\n", "", 1, null, undefined, {}, one, one.buffer, () => [one], { body: one }];
  for (const source of others) {
    assert.throws(() => readFrames(source as never, protocol), {
      name: "TypeError",
      message: /^Cannot read from .*: expected a ReadableStream, an iterable of bytes/,
    });
  }
});

test(
  "readFrames() rejects at a chunk that is not bytes, after the messages before it",
  async () => {
    const strings: readonly unknown[] = [
      ["one\n"],
      [["one\n"]],
      [[[one]]],
      [1],
      asynchronous("one\n"),
      asynchronous([one, "e\n"]),
      [Promise.resolve(one)],
    ];
    for (const source of strings) {
      const iterator = readFrames(source as ByteSource, protocol);
      await assert.rejects(iterator.next(), {
        name: "TypeError",
        message: /^Cannot read chunk: expected a Uint8Array, got /,
      });
    }
    const iterator = readFrames([[utf8("one\n"), "two\n"]] as unknown as ByteSource, protocol);
    assert.equal((await iterator.next()).value, "one");
    await assert.rejects(iterator.next(), TypeError);
  },
);

test("readFrames() takes no more from an iterable than its loop asks for", async () => {
  const taken: number[] = [];
  let returned = false;
  function* endless(): Generator<Uint8Array[]> {
    try {
      for (let index = 0;; index++) {
        taken.push(index);
        yield [utf8(`${index}\n`), utf8(`${index}.5\n`)];
      }
    } finally {
      returned = true;
    }
  }
  const messages: string[] = [];
  for await (const message of readFrames(endless(), protocol)) {
    messages.push(message);
    if (message === "1.5") break;
  }
  assert.deepEqual(messages, ["0", "0.5", "1", "1.5"]);
  assert.deepEqual(taken, [0, 1]);
  assert.ok(returned);
});

test("FrameReader.detach() returns the rest of a batch", async () => {
  const batches = asynchronous([utf8("one\ntw"), utf8("o\n")], [utf8("three")]);
  const reader = new FrameReader(batches);
  assert.equal(await reader.read(protocol), "one");
  const rest = await collect(reader.detach().readable);
  assert.deepEqual(rest.map(textOf), ["tw", "o\n", "three"]);
});
