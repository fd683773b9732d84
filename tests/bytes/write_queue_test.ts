import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BlockPool } from "../../src/bytes/block_pool.ts";
import { WriteQueue } from "../../src/bytes/write_queue.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, hex, latin1, numbered } from "../support/bytes.ts";

test("WriteQueue joins small writes in one chunk", () => {
  const output = new WriteQueue();
  output.writeUint(5, 4);
  output.write(bytes("hello"));
  output.write(numbered(100));
  const chunks = output.drain();
  assert.equal(chunks.length, 1);
  assert.equal(chunks[0]!.length, 109);
  assert.equal(latin1(chunks[0]!.subarray(0, 9)), "\0\0\0\x05hello");
});

test("WriteQueue copies small arrays and passes large ones on without copying", () => {
  const output = new WriteQueue();
  const [small, large] = [numbered(8191), numbered(8192)];
  output.write(small);
  output.write(large);
  small.fill(0);
  const chunks = output.drain();
  assert.equal(chunks.length, 2);
  assert.deepEqual(chunks[0], numbered(8191));
  assert.equal(chunks[1], large);
});

test("WriteQueue.writeUint() writes all sizes in both byte orders", () => {
  const output = new WriteQueue();
  output.writeUint(0xfe, 1);
  output.writeUint(0xfedc, 2);
  output.writeUint(0xfedcba, 3, true);
  output.writeUint(0xfedcba98, 4);
  output.writeUint(0xfedcba9876, 5, true);
  output.writeUint(0xfedcba987654, 6);
  output.writeUint(1, 7, true);
  output.writeUint(2 ** 53 - 1, 8);
  output.writeUint(2 ** 53 - 1, 8, true);
  assert.deepEqual(
    concat(output.drain()),
    hex(
      "fe fe dc ba dc fe fe dc ba 98 76 98 ba dc fe fe dc ba 98 76 54 01 00 00 00 00 00 00 " +
        "00 1f ff ff ff ff ff ff ff ff ff ff ff ff 1f 00",
    ),
  );
});

test("WriteQueue.writeUint() refuses a value that does not fit, and writes nothing", () => {
  const output = new WriteQueue();
  const sizes = [1, 2, 3, 4, 5, 6] as const;
  for (const size of sizes) assert.throws(() => output.writeUint(256 ** size, size), RangeError);
  for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assert.throws(() => output.writeUint(value, 8), RangeError);
  }
  assert.throws(() => output.writeUint(256, 1), /^RangeError: Cannot write 256 in 1 byte$/);
  assert.throws(() => output.writeUint(-1, 2), /^RangeError: Cannot write -1 in 2 bytes$/);
  assert.equal(output.length, 0);
});

test("WriteQueue.length counts the bytes that are not drained yet", () => {
  const output = new WriteQueue();
  assert.equal(output.length, 0);
  output.write(numbered(10));
  output.write(numbered(10_000));
  output.writeUint(1, 2);
  assert.equal(output.length, 10_012);
  output.drain();
  assert.equal(output.length, 0);
  assert.deepEqual(output.drain(), []);
});

test("WriteQueue does not change drained chunks", () => {
  const output = new WriteQueue();
  output.write(bytes("one"));
  const [one] = output.drain();
  output.write(bytes("two"));
  const [two] = output.drain();
  assert.equal(latin1(one!), "one");
  assert.equal(latin1(two!), "two");
});

test("WriteQueue overwrites recycled bytes and no others", () => {
  const output = new WriteQueue(new BlockPool());
  output.write(bytes("one"));
  const [one] = output.drain();
  output.write(bytes("two"));
  output.recycle();
  const [two] = output.drain();
  output.recycle();
  output.write(bytes("3"));
  const [three] = output.drain();
  assert.equal(latin1(two!), "two");
  assert.equal(latin1(one!), "3ne");
  assert.ok(three!.buffer === one!.buffer);
});

test("WriteQueue shares a long block with another queue of its pool when both recycle", () => {
  const pool = new BlockPool();
  const [first, second] = [new WriteQueue(pool), new WriteQueue(pool)];
  const blockOf = (output: WriteQueue) => {
    for (let count = 0; count < 100; count++) output.write(numbered(500));
    const buffer = output.drain().at(-1)!.buffer;
    output.recycle();
    return buffer;
  };
  // Each queue first uses up the block that it made before its first recycle().
  [first, second, first, second].forEach(blockOf);
  const block = blockOf(first);
  assert.equal(block.byteLength, 65_536);
  assert.ok(blockOf(second) === block);
  assert.ok(blockOf(first) === block);
});

test("WriteQueue without a pool never overwrites drained bytes", () => {
  const output = new WriteQueue();
  output.write(bytes("one"));
  const [one] = output.drain();
  output.recycle();
  output.write(bytes("two"));
  assert.equal(latin1(one!), "one");
  assert.equal(latin1(output.drain()[0]!), "two");
});

test("WriteQueue joins a burst in one chunk even if it began in a short block", () => {
  const output = new WriteQueue();
  output.write(numbered(400));
  output.write(numbered(400));
  assert.equal(output.drain().length, 1);
});

test("WriteQueue keeps a drained chunk unchanged while other queues recycle into the same pool", () => {
  const step = fc.record({
    writer: fc.nat(2),
    act: fc.constantFrom("write", "write", "write", "drain", "recycle"),
    length: fc.constantFrom(1, 100, 511, 512, 513, 5000, 8191, 8192),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const pool = new BlockPool();
      const writers = [0, 1, 2].map(() => ({
        output: new WriteQueue(pool),
        waiting: [] as Uint8Array[],
        drained: [] as { readonly chunks: Uint8Array[]; readonly copy: Uint8Array }[],
      }));
      let next = 0;
      for (const { writer, act, length } of steps) {
        const { output, waiting, drained } = writers[writer]!;
        if (act === "write") {
          const part = Uint8Array.from({ length }, () => next++ % 251);
          output.write(part);
          waiting.push(part);
        } else if (act === "drain") {
          drained.push({ chunks: output.drain(), copy: concat(waiting.splice(0)) });
        } else {
          drained.splice(0);
          output.recycle();
        }
        for (const { drained } of writers) {
          for (const { chunks, copy } of drained) assert.deepEqual(concat(chunks), copy);
        }
      }
      for (const { output, waiting } of writers) {
        assert.deepEqual(concat(output.drain()), concat(waiting));
      }
    }),
  );
});

test("WriteQueue.truncate() removes the bytes written last, within blocks and across chunks", () => {
  const output = new WriteQueue();
  const large = numbered(9000);
  output.write(bytes("abc"));
  output.write(large);
  output.write(bytes("def"));
  output.truncate(9005);
  assert.equal(output.length, 9005);
  output.truncate(8003);
  output.write(bytes("x"));
  const chunks = output.drain();
  assert.equal(latin1(concat(chunks)), "abc" + latin1(large.subarray(0, 8000)) + "x");
  assert.equal(chunks[1]!.buffer, large.buffer);
  output.write(bytes("rest"));
  output.truncate(0);
  assert.deepEqual(output.drain(), []);
  output.truncate(5);
  assert.equal(output.length, 0);
});

test("WriteQueue.peek() returns bytes that are not drained yet", () => {
  const output = new WriteQueue();
  output.write(bytes("gone"));
  output.drain();
  output.write(bytes("abc"));
  output.write(numbered(9000));
  output.write(numbered(8500));
  output.write(bytes("xyz"));
  assert.equal(output.peek(0), 0x61);
  assert.equal(output.peek(2), 0x63);
  assert.equal(output.peek(3 + 7), 7);
  assert.equal(output.peek(9003 + 9), 9);
  assert.equal(output.peek(17_503), 0x78);
  assert.equal(output.peek(17_505), 0x7a);
  assert.equal(output.peek(17_506), undefined);
});

test("WriteQueue returns the bytes written, in order, however it is drained and truncated", () => {
  const step = fc.oneof(
    fc.record({ write: fc.constantFrom(0, 1, 31, 32, 33, 1000, 8191, 8192, 9000) }),
    fc.record({ back: fc.nat(10_000) }),
    fc.constant("drain" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const output = new WriteQueue();
      let waiting: number[] = [];
      let next = 0;
      for (const step of steps) {
        if (step === "drain") {
          assert.deepEqual(concat(output.drain()), Uint8Array.from(waiting));
          waiting = [];
        } else if ("write" in step) {
          const part = Uint8Array.from({ length: step.write }, () => next++ % 251);
          output.write(part);
          waiting.push(...part);
        } else {
          waiting.length = Math.max(0, waiting.length - step.back);
          output.truncate(waiting.length);
        }
        assert.equal(output.length, waiting.length);
        const middle = Math.floor(waiting.length / 2);
        assert.equal(output.peek(middle), waiting[middle]);
      }
      assert.deepEqual(concat(output.drain()), Uint8Array.from(waiting));
    }),
    { numRuns: 100 },
  );
});
