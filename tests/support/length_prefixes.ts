import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type LengthPrefix, lengthPrefixed } from "../../mod.ts";
import { ByteQueue } from "../../src/bytes/byte_queue.ts";
import { concat } from "../../src/bytes/concat.ts";
import { WriteQueue } from "../../src/bytes/write_queue.ts";
import { bytes, latin1 } from "./bytes.ts";
import { malformed } from "./framing.ts";
import { bounded } from "./limits.ts";

/** Returns the length that a prefix reads, and the number of bytes that it consumes. */
export function read(prefix: LengthPrefix, text: string): [number | undefined, number] {
  const queue = new ByteQueue();
  queue.push(bytes(text));
  const length = prefix.read(queue);
  return [length, text.length - queue.length];
}

/** Returns the bytes that a prefix writes for a length. */
export function write(prefix: LengthPrefix, length: number): string {
  const output = new WriteQueue();
  prefix.write(length, output);
  return latin1(concat(output.drain()));
}

/** Asserts that a prefix refuses the bytes at the last one, and not before. */
export function refusesLength(prefix: LengthPrefix, text: string, reason: string): void {
  malformed(lengthPrefixed(prefix), text, reason);
}

/**
 * Tests the contract of all prefixes: a prefix reads what it writes up to its maximum, refuses to write
 * more, and does not move the cursor until the prefix is complete.
 */
export function testPrefix(name: string, prefix: LengthPrefix, max: number): void {
  test(`${name} reads what it writes, up to its maximum`, bounded, () => {
    const lengths = fc.oneof(fc.maxSafeNat(), fc.nat(max), fc.constantFrom(0, 127, 128, max));
    fc.assert(
      fc.property(lengths, (length) => {
        if (length > max) return;
        const text = write(prefix, length);
        assert.deepEqual(read(prefix, text), [length, text.length]);
        for (let end = 0; end < text.length; end++) {
          assert.deepEqual(read(prefix, text.slice(0, end)), [undefined, 0]);
        }
      }),
      { numRuns: 100, examples: [[0], [max]] },
    );
  });

  test(
    `${name} refuses to write a length that is invalid or too large, and writes none of it`,
    bounded,
    () => {
      const lengths = [-1, 0.5, 128.5, NaN, Infinity, 2 ** 53 + 2];
      if (max < 2 ** 53 - 1) lengths.push(max + 1, 2 ** 53 - 1);
      for (const length of lengths) {
        const output = new WriteQueue();
        assert.throws(() => prefix.write(length, output), RangeError, `${length}`);
        assert.equal(output.length, 0);
      }
    },
  );
}
