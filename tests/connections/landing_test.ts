import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  FrameDecoder,
  FrameEncoder,
  type Framer,
  lengthPrefixed,
  lines,
  uint32,
} from "../../mod.ts";
import { concat } from "../../src/bytes/concat.ts";
import { Landing } from "../../src/connections/landing.ts";
import { queueOf } from "../../src/frame_decoder.ts";
import { numbered } from "../support/bytes.ts";

/** A decoder whose chunks land in memory of its queue. */
class Landed extends FrameDecoder {
  readonly #landing = new Landing(queueOf(this));

  override room(): Uint8Array {
    return this.#landing.lend();
  }

  override push(chunk: Uint8Array): void {
    if (!this.#landing.take(chunk)) super.push(chunk);
  }
}

/** The bytes of these frames, one behind the other. */
function streamOf(framer: Framer, frames: readonly Uint8Array[]): Uint8Array {
  const encoder = new FrameEncoder({ framer });
  for (const frame of frames) encoder.write(frame);
  return concat(encoder.drain());
}

/** Reads as a socket does: up to `most` bytes of a stream, from `at`, into the memory that is lent. */
function readInto(decoder: Landed, stream: Uint8Array, at: number, most: number): number {
  const room = decoder.room();
  assert.ok(room.length > 0);
  const count = Math.min(room.length, most, stream.length - at);
  room.set(stream.subarray(at, at + count));
  decoder.push(room.subarray(0, count));
  // A socket may have written more there than it says.
  room.fill(0xee, count);
  return count;
}

test("Landing lends the same memory again when its frames were visited", () => {
  const framer = lengthPrefixed(uint32);
  const stream = streamOf(framer, Array.from({ length: 1000 }, () => numbered(1000)));
  const decoder = new Landed({ framer });
  const memory = new Set<unknown>();
  let frames = 0;
  for (let at = 0; at < stream.length;) {
    memory.add(decoder.room().buffer);
    at += readInto(decoder, stream, at, 30_000);
    decoder.visit((bytes, start, end) => {
      frames++;
      assert.deepEqual(bytes.slice(start, end), numbered(1000));
    });
  }
  assert.equal(frames, 1000);
  assert.ok(memory.size < 8, `${memory.size} buffers`);
});

test("Landing lends the same memory again for frames longer than a chunk", () => {
  const framer = lengthPrefixed(uint32);
  const stream = streamOf(framer, Array.from({ length: 50 }, () => numbered(65_536)));
  const decoder = new Landed({ framer });
  const memory = new Set<unknown>();
  let frames = 0;
  for (let at = 0; at < stream.length;) {
    memory.add(decoder.room().buffer);
    at += readInto(decoder, stream, at, Infinity);
    decoder.visit((bytes, start, end) => {
      frames++;
      assert.deepEqual(bytes.slice(start, end), numbered(65_536));
    });
  }
  assert.equal(frames, 50);
  assert.ok(memory.size < 8, `${memory.size} buffers`);
});

test("Landing lends as much memory as what comes is worth", () => {
  const framer = lengthPrefixed(uint32);
  const decoder = new Landed({ framer });
  const lengths: number[] = [];
  const visitAll = (frames: number, size: number) => {
    const stream = streamOf(framer, Array.from({ length: frames }, () => numbered(size)));
    for (let at = 0; at < stream.length;) {
      at += readInto(decoder, stream, at, size < 100 ? size + 4 : Infinity);
      decoder.visit(() => {});
      lengths.push(decoder.room().buffer.byteLength);
    }
    return lengths.at(-1)!;
  };
  assert.equal(visitAll(1, 10), 2048);
  assert.ok(visitAll(300, 1000) >= 65_536);
  assert.ok(visitAll(100, 10) <= 4 * 2048);
});

test("Landing leaves frames alone that were kept", () => {
  const framer = lengthPrefixed(uint32);
  const decoder = new Landed({ framer });
  const stream = streamOf(framer, [numbered(100)]);
  readInto(decoder, stream, 0, Infinity);
  const kept = decoder.read()!;
  const before = decoder.room();
  assert.ok(before.buffer !== kept.buffer);
  decoder.push(streamOf(framer, [new Uint8Array(5)]));
  assert.deepEqual(decoder.read(), new Uint8Array(5));
  assert.deepEqual(kept, numbered(100));
});

test("Landing has room however much of a frame is pending", () => {
  const decoder = new Landed({ framer: lengthPrefixed(uint32) });
  const stream = streamOf(lengthPrefixed(uint32), [numbered(1_000_000)]);
  let most = 0;
  for (let at = 0; at < stream.length;) {
    const room = decoder.room();
    most = Math.max(most, room.buffer.byteLength);
    assert.equal(decoder.read(), undefined);
    at += readInto(decoder, stream, at, Infinity);
  }
  assert.deepEqual(decoder.read(), numbered(1_000_000));
  assert.ok(most <= 4 * 131_072, "more than what has arrived justifies");
});

test("Landing does not mind a chunk from elsewhere", () => {
  const decoder = new Landed({ framer: lines() });
  const stream = new TextEncoder().encode("one\ntwo\nthree\n");
  readInto(decoder, stream, 0, 6);
  decoder.room();
  decoder.push(stream.slice(6, 9));
  const seen: string[] = [];
  const look = (bytes: Uint8Array, start: number, end: number) =>
    void seen.push(new TextDecoder().decode(bytes.subarray(start, end)));
  decoder.visit(look);
  readInto(decoder, stream, 9, Infinity);
  decoder.visit(look);
  assert.deepEqual(seen, ["one", "two", "three"]);
});

test("Landing gives the frames that pushing gives, visited or kept, from wherever chunks come", () => {
  const sizes = fc.array(fc.oneof(fc.nat(300), fc.nat(5000), fc.constantFrom(70_000, 140_000)), {
    maxLength: 25,
  });
  const step = fc.record({
    count: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 100_000 })),
    lent: fc.boolean(),
    how: fc.constantFrom("visit", "visit", "read", "wait"),
  });
  const framers: readonly Framer[] = [lengthPrefixed(uint32), lines()];
  fc.assert(
    fc.property(
      fc.constantFrom(...framers),
      sizes,
      fc.infiniteStream(step),
      (framer, sizes, steps) => {
        const frames = sizes.map((size, index) => new Uint8Array(size).fill(0x20 + index));
        const stream = streamOf(framer, frames);
        const decoder = new Landed({ framer });
        const copies: Uint8Array[] = [];
        const kept: { readonly frame: Uint8Array; readonly index: number }[] = [];
        for (let at = 0; at < stream.length;) {
          const { count, lent, how } = steps.next().value!;
          if (lent) at += readInto(decoder, stream, at, count);
          else decoder.push(stream.slice(at, at += count));
          if (how === "visit") {
            decoder.visit((bytes, start, end) => void copies.push(bytes.slice(start, end)));
          } else if (how === "read") {
            for (const frame of decoder) {
              kept.push({ frame, index: copies.length });
              copies.push(frame.slice());
            }
          }
        }
        copies.push(...decoder);
        assert.equal(copies.length, frames.length);
        copies.forEach((copy, index) => assert.ok(same(copy, frames[index]!)));
        for (const { frame, index } of kept) assert.ok(same(frame, frames[index]!));
      },
    ),
    { numRuns: 60 },
  );
});

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
