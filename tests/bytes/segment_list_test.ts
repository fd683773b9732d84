import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteQueue } from "../../src/bytes/byte_queue.ts";
import { FillableQueue } from "../../src/bytes/fillable_queue.ts";
import { FramingError } from "../../src/errors.ts";
import { heldBy } from "../support/held.ts";

/** Size of two blocks of small chunks: one that is being read, and one that is being filled. */
const BLOCKS = 4096;

/** Asserts that a queue holds at most twice what is buffered, plus one chunk and two blocks. */
function checkMemory(queue: ByteQueue, largest: number): void {
  const most = 2 * queue.pending + largest + BLOCKS;
  assert.ok(heldBy(queue) <= most, `${heldBy(queue)} bytes for ${queue.pending}`);
}

/** Repeating patterns of chunk sizes. */
const patterns: readonly (readonly number[])[] = [
  [1],
  [511],
  [512],
  [512, 1],
  [1, 512],
  [513, 1],
  [700, 3],
  [1023, 1],
  [1024, 1],
  [1025, 1, 1],
  [4095, 1],
  [4096, 1],
  [4097, 1, 1],
  [8191, 1],
  [65_536, 1],
  [65_536, 511],
  [1, 8192, 511, 600, 2, 2, 9000],
  [16_384, 5],
];

for (const pattern of patterns) {
  test(`ByteQueue holds at most twice what is buffered plus one chunk: ${pattern.join(", ")}`, () => {
    const queue = new ByteQueue();
    const largest = Math.max(...pattern);
    for (let turn = 0; queue.pending < 600_000 && turn < 30_000; turn++) {
      queue.push(new Uint8Array(pattern[turn % pattern.length]!));
      checkMemory(queue, largest);
    }
  });
}

test("ByteQueue holds at most twice what is buffered plus one chunk, for any chunks and frames", () => {
  const size = fc.oneof(
    fc.integer({ min: 1, max: 40 }),
    fc.constantFrom(511, 512, 513, 1024, 4095, 4096, 4097, 65_536),
    fc.nat(9000),
  );
  const step = fc.record({ size, times: fc.constantFrom(1, 1, 1, 30, 300), take: fc.nat(100) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), fc.boolean(), (steps, keeps) => {
      const queue = new ByteQueue();
      let largest = 0;
      for (const { size, times, take } of steps) {
        largest = Math.max(largest, size);
        for (let count = 0; count < times; count++) queue.push(new Uint8Array(size));
        queue.rewind();
        const length = Math.floor(queue.pending * take / 100);
        if (take % 3 === 0 && queue.take(length) >= 0 && keeps) queue.keep();
        queue.trim(1);
        checkMemory(queue, largest);
      }
    }),
    { numRuns: 100 },
  );
});

test("ByteQueue holds at most twice what is buffered plus one chunk, when chunks are read into it", () => {
  const step = fc.record({
    share: fc.constantFrom(0.001, 0.01, 0.3, 1, 1),
    times: fc.constantFrom(1, 5, 40),
    take: fc.nat(100),
    how: fc.constantFrom("keep", "visit", "wait"),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const queue = new FillableQueue();
      for (const { share, times, take, how } of steps) {
        for (let count = 0; count < times; count++) {
          queue.advance(Math.ceil(queue.room().length * share));
        }
        queue.rewind();
        queue.widen();
        const length = Math.floor(queue.pending * take / 100);
        if (how !== "wait" && queue.take(length) >= 0 && how === "keep") queue.keep();
        queue.trim(1);
        // There is room for as many bytes as are pending, up to 131,072, and for another chunk.
        checkMemory(queue, 2 * 131_072 + 65_536);
      }
    }),
    { numRuns: 100 },
  );
});

test("ByteQueue releases chunks whose frames were taken", () => {
  for (const size of [1, 600, 65_536]) {
    const queue = new ByteQueue();
    for (let at = 0; at < 1_000_000; at += size) queue.push(new Uint8Array(size));
    queue.rewind();
    queue.widen();
    assert.ok(queue.take(queue.pending - 10) > 0);
    queue.trim(1);
    assert.ok(heldBy(queue) <= Math.max(size, BLOCKS), `${heldBy(queue)} bytes`);
    queue.rewind();
    assert.equal(queue.take(10), 10);
    queue.trim(1);
    assert.ok(heldBy(queue) <= BLOCKS);
  }
});

test("ByteQueue.release() releases the middle of a frame, and later looks at it throw", () => {
  const queue = new ByteQueue();
  for (let count = 0; count < 100; count++) queue.push(new Uint8Array(1000).fill(count));
  queue.release(5000);
  assert.ok(heldBy(queue) <= 13_000);
  assert.equal(queue.pending, 100_000);
  queue.rewind();
  queue.widen();
  for (const at of [0, 4999, 95_000, 99_999]) assert.equal(queue.peek(at), Math.floor(at / 1000));
  for (const at of [6000, 50_000, 93_999]) {
    assert.throws(() => queue.peek(at), FramingError);
    assert.equal(queue.peek(99_000), 99);
  }
  assert.throws(() => queue.look(10_000), FramingError);
  queue.push(new Uint8Array(1000).fill(100));
  assert.equal(queue.peek(100_500), 100);
  assert.equal(queue.pass(100_000), 100_000);
  queue.rewind();
  assert.equal(queue.peek(), 100);
  assert.equal(queue.pending, 1000);
});
