import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, FrameDecoder, FrameReader, lengthPrefixed, lines, uint8 } from "../../mod.ts";
import { countHeld } from "../support/garbage.ts";
import { bounded } from "../support/limits.ts";
import { recorder, turn } from "../support/transports.ts";

/** Number of objects in each test. */
const COUNT = 20;
/** Number of them that may still be held: Bun's collector scans the stack conservatively. */
const TOLERANCE = 3;

/** A source of chunks that arrive when the test says so. */
class WatchedChunks {
  /** References to all chunks that have arrived. */
  readonly chunks: WeakRef<Uint8Array>[] = [];
  readonly #waiting: ((chunk: Uint8Array) => void)[] = [];

  read = (): Promise<Uint8Array> => new Promise((resolve) => this.#waiting.push(resolve));

  /** Delivers a chunk to the oldest read. */
  arrive(): void {
    const chunk = new Uint8Array(10_000);
    this.chunks.push(new WeakRef(chunk));
    this.#waiting.shift()!(chunk);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: async () => ({ done: false, value: await this.read() }) };
  }
}

/** Asserts that the chunks have been released, although their readers are still referenced. */
async function assertReleased(
  chunks: readonly WeakRef<Uint8Array>[],
  readers: unknown,
): Promise<void> {
  assert.equal(chunks.length, COUNT);
  const held = await countHeld(chunks);
  assert.ok(held <= TOLERANCE, `${held} of ${COUNT} chunks are held`);
  assert.ok(readers);
}

test("countHeld() counts only objects that are held", bounded, async () => {
  const objects = Array.from({ length: COUNT }, () => new Uint8Array(10_000));
  const references = objects.map((object) => new WeakRef(object));
  assert.equal(await countHeld(references), COUNT);
  objects.length = 1;
  const held = await countHeld(references);
  assert.ok(held >= 1 && held <= 1 + TOLERANCE, `${held}`);
  assert.equal(objects.length, 1);
});

test("FrameDecoder releases chunks that arrive after an error", bounded, async () => {
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint8), maxFrameLength: 4 });
  decoder.push(Uint8Array.of(5));
  assert.throws(() => decoder.read());
  const references = Array.from({ length: COUNT }, () => {
    const chunk = new Uint8Array(10_000);
    decoder.push(chunk);
    return new WeakRef(chunk);
  });
  await assertReleased(references, decoder);
});

test("Connection.abort() releases the chunk that arrives afterwards", bounded, async () => {
  const source = new WatchedChunks();
  const connections: Connection[] = [];
  for (let count = 0; count < COUNT; count++) {
    const transport = Object.assign(recorder(), { read: source.read });
    const connection = new Connection(transport, { framer: lines() });
    const receiving = connection.receive().catch((error) => error.code);
    connection.abort();
    assert.equal(await receiving, "aborted");
    source.arrive();
    connections.push(connection);
  }
  await turn();
  await assertReleased(source.chunks, connections);
});

test("Connection.close() releases the chunks that arrive while it waits", bounded, async () => {
  const source = new WatchedChunks();
  const transport = Object.assign(recorder(), { read: source.read });
  const connection = new Connection(transport, { framer: lines() });
  const receiving = connection.receive();
  const closing = connection.close();
  for (let count = 0; count < COUNT; count++) {
    source.arrive();
    await turn();
  }
  await assertReleased(source.chunks, connection);
  assert.equal(await receiving, undefined);
  connection.abort();
  await closing;
});

test("FrameReader.cancel() releases the chunk that arrives afterwards", bounded, async () => {
  const source = new WatchedChunks();
  const readers: FrameReader[] = [];
  for (let count = 0; count < COUNT; count++) {
    const reader = new FrameReader(source);
    const reading = reader.read(lines());
    await reader.cancel();
    assert.equal(await reading, undefined);
    source.arrive();
    readers.push(reader);
  }
  await turn();
  await assertReleased(source.chunks, readers);
});

test(
  "FrameReader.detach() leaves the chunk that arrives afterwards to the new owner",
  bounded,
  async () => {
    const source = new WatchedChunks();
    const readers: unknown[] = [];
    for (let count = 0; count < COUNT; count++) {
      const reader = new FrameReader(source);
      const controller = new AbortController();
      const aborted = reader.read(lines(), { signal: controller.signal });
      controller.abort();
      await assert.rejects(aborted);
      const rest = reader.detach().readable.getReader();
      const reading = rest.read();
      source.arrive();
      assert.equal((await reading).value?.length, 10_000);
      readers.push(reader, rest);
    }
    await turn();
    await assertReleased(source.chunks, readers);
  },
);
