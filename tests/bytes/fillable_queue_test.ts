import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  FrameDecoder,
  FrameEncoder,
  type Framer,
  lengthPrefixed,
  lines,
  text,
  uint32,
} from "../../mod.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { allocated } from "../support/counting.ts";
import { failure } from "../support/framing.ts";

/** Returns the stream of these frames. */
function streamOf(framer: Framer, frames: readonly Uint8Array[]): Uint8Array {
  const encoder = new FrameEncoder({ framer });
  for (const frame of frames) encoder.write(frame);
  return concat(encoder.drain());
}

/** Reads up to `most` bytes of a stream, from `at`, into the decoder's memory, as a socket does. */
function readInto<In>(
  decoder: FrameDecoder<In>,
  stream: Uint8Array,
  at: number,
  most: number,
): number {
  const room = decoder.room();
  assert.ok(room.length > 0);
  const count = Math.min(room.length, most, stream.length - at);
  room.set(stream.subarray(at, at + count));
  decoder.advance(count);
  // A socket may write beyond the count that it reports.
  room.fill(0xee, count);
  return count;
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

test("FrameDecoder.advance() appends bytes that were read into the room", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text() });
  const stream = bytes("one\ntwo\nthree\n");
  for (let at = 0; at < stream.length;) at += readInto(decoder, stream, at, 3);
  assert.deepEqual(decoder.readAll(), ["one", "two", "three"]);
  assert.equal(decoder.offset, stream.length);
});

test("FrameDecoder.advance() accepts 0 and refuses counts beyond the room", () => {
  const decoder = new FrameDecoder({ framer: lines() });
  const refused = (count: number) => {
    const error = failure(() => decoder.advance(count));
    assert.ok(error instanceof RangeError);
    return error.message;
  };
  assert.equal(refused(1), "Cannot advance by 1 byte: there is room for 0");
  decoder.advance(0);
  const { length } = decoder.room();
  decoder.advance(0);
  assert.equal(decoder.buffered, 0);
  decoder.room();
  for (const count of [-1, 0.5, NaN, length + 1]) {
    assert.equal(refused(count), `Cannot advance by ${count} bytes: there is room for ${length}`);
  }
  decoder.advance(length);
  assert.equal(decoder.buffered, length);
  assert.equal(refused(1), "Cannot advance by 1 byte: there is room for 0");
});

test("FrameDecoder.room() returns the same memory until advance() is called", () => {
  const decoder = new FrameDecoder({ framer: lines() });
  const room = decoder.room();
  assert.equal(decoder.room(), room);
  decoder.push(bytes("one\n"));
  assert.equal(decoder.room(), room);
  room.set(bytes("two\n"));
  decoder.advance(4);
  assert.deepEqual(decoder.readAll().map(latin1), ["one", "two"]);
});

test("FrameDecoder.advance() fails after the end and discards bytes after an error", () => {
  const decoder = new FrameDecoder({ framer: lines(), maxFrameLength: 2 });
  decoder.room();
  decoder.end();
  const error = failure(() => decoder.advance(1));
  assert.ok(error instanceof TypeError);
  assert.equal(error.message, "Cannot advance: the stream has ended");
  decoder.advance(0);
  const other = new FrameDecoder({ framer: lines(), maxFrameLength: 2 });
  other.push(bytes("abc"));
  const fatal = failure(() => other.read());
  assert.ok(other.room().length > 0);
  other.advance(1);
  assert.equal(other.buffered, 0);
  assert.equal(failure(() => other.read()), fatal);
});

test("FrameDecoder.detach() returns bytes that a pending read into the room cannot change", () => {
  const decoder = new FrameDecoder({ framer: lines() });
  const stream = bytes("one\ntwo");
  readInto(decoder, stream, 0, 7);
  assert.equal(latin1(decoder.read()!), "one");
  const room = decoder.room();
  room[0] = 0x21;
  const rest = decoder.detach();
  room.fill(0xee);
  assert.equal(latin1(rest), "two");
});

test("FrameDecoder.room() reuses its memory after its frames were visited", () => {
  const framer = lengthPrefixed(uint32);
  for (const [size, most] of [[1000, 30_000], [65_536, Infinity], [10, 14]] as const) {
    const count = Math.min(1000, Math.ceil(3_000_000 / size));
    const stream = streamOf(framer, Array.from({ length: count }, () => numbered(size)));
    const decoder = new FrameDecoder({ framer });
    const memory = new Set<unknown>();
    let frames = 0;
    for (let at = 0; at < stream.length;) {
      memory.add(decoder.room().buffer);
      at += readInto(decoder, stream, at, most);
      decoder.visit((bytes, start, end) => {
        frames++;
        assert.ok(same(bytes.subarray(start, end), numbered(size)));
      });
    }
    assert.equal(frames, count);
    assert.ok(memory.size < 8, `${memory.size} buffers for frames of ${size}`);
  }
});

test("FrameDecoder.room() reuses its memory after its small frames were read", () => {
  const framer = lengthPrefixed(uint32);
  const stream = streamOf(framer, Array.from({ length: 1000 }, () => numbered(64)));
  const decoder = new FrameDecoder({ framer });
  const memory = new Set<unknown>();
  const kept: Uint8Array[] = [];
  const sum = allocated(() => {
    for (let at = 0; at < stream.length;) {
      memory.add(decoder.room().buffer);
      at += readInto(decoder, stream, at, 68);
      for (const frame of decoder) kept.push(frame);
    }
  });
  assert.equal(kept.length, 1000);
  assert.ok(kept.every((frame) => same(frame, numbered(64))));
  assert.equal(memory.size, 1);
  assert.ok(sum <= 2048 + 1000 * 68, `${sum} bytes`);
  // Each frame keeps a copy of its chunk alive, not the memory for a whole read.
  assert.ok(kept.every((frame) => frame.buffer.byteLength <= 68));
});

test("FrameDecoder.room() grows and shrinks with the size of reads", () => {
  const framer = lengthPrefixed(uint32);
  const decoder = new FrameDecoder({ framer });
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

test("FrameDecoder.visit() copies no frame of 64 KiB that was read into the room", () => {
  const framer = lengthPrefixed(uint32);
  const stream = streamOf(framer, Array.from({ length: 50 }, () => numbered(65_536)));
  const decoder = new FrameDecoder({ framer });
  let joined = 0;
  let room: Uint8Array | undefined;
  for (let at = 0; at < stream.length;) {
    room = decoder.room();
    const { buffer } = room;
    at += readInto(decoder, stream, at, Infinity);
    decoder.visit((bytes) => {
      if (bytes.buffer !== buffer) joined++;
    });
  }
  assert.equal(joined, 0);
});

test("FrameDecoder.room() never overwrites frames that were read", () => {
  const framer = lengthPrefixed(uint32);
  for (const size of [100, 20_000, 70_000]) {
    const decoder = new FrameDecoder({ framer });
    const kept: Uint8Array[] = [];
    const stream = streamOf(framer, Array.from({ length: 30 }, () => numbered(size)));
    for (let at = 0; at < stream.length;) {
      at += readInto(decoder, stream, at, Infinity);
      for (const frame of decoder) kept.push(frame);
    }
    assert.equal(kept.length, 30);
    assert.ok(kept.every((frame) => same(frame, numbered(size))));
  }
});

test("FrameDecoder does not overwrite a header that its framer has looked at", () => {
  const headers: Uint8Array[] = [];
  const framer: Framer = {
    measure(input) {
      const header = input.look(4);
      if (header === undefined) return undefined;
      headers.push(header);
      input.skip(4);
      return 0;
    },
    write: () => {},
  };
  const decoder = new FrameDecoder({ framer });
  for (const chunk of ["abcd", "efgh"]) {
    readInto(decoder, bytes(chunk), 0, 4);
    decoder.visit(() => {});
  }
  assert.deepEqual(headers.map(latin1), ["abcd", "efgh"]);
});

test("FrameDecoder.room() returns bounded memory however much of a frame is buffered", () => {
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint32) });
  const stream = streamOf(lengthPrefixed(uint32), [numbered(1_000_000)]);
  let most = 0;
  for (let at = 0; at < stream.length;) {
    const room = decoder.room();
    most = Math.max(most, room.buffer.byteLength);
    assert.equal(decoder.read(), undefined);
    at += readInto(decoder, stream, at, Infinity);
  }
  assert.ok(same(decoder.read()!, numbered(1_000_000)));
  assert.ok(most <= 4 * 131_072, "more than the received bytes justify");
});

test("FrameDecoder.room() allocates little memory while little arrives", () => {
  const sum = allocated(() => {
    const decoder = new FrameDecoder({ framer: lines() });
    for (let count = 0; count < 1000; count++) {
      const room = decoder.room();
      room.set(bytes("short\n"));
      decoder.advance(6);
      decoder.visit(() => {});
    }
  });
  assert.ok(sum <= 2048 + 1000 * 6 + 100, `${sum} bytes`);
});

test("FrameDecoder delivers the same frames from push() and advance(), visited or read", () => {
  const sizes = fc.array(fc.oneof(fc.nat(300), fc.nat(5000), fc.constantFrom(70_000, 140_000)), {
    maxLength: 25,
  });
  const step = fc.record({
    count: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 100_000 })),
    direct: fc.boolean(),
    how: fc.constantFrom("visit", "visit", "read", "readAll", "wait", "between"),
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
        const decoder = new FrameDecoder({ framer });
        const copies: Uint8Array[] = [];
        const kept: { readonly frame: Uint8Array; readonly index: number }[] = [];
        const keep = (frame: Uint8Array) => {
          kept.push({ frame, index: copies.length });
          copies.push(frame.slice());
        };
        for (let at = 0; at < stream.length;) {
          const { count, direct, how } = steps.next().value!;
          if (how === "between") {
            // A frame is taken while a read into the room is pending.
            const room = decoder.room();
            const frame = decoder.read();
            if (frame !== undefined) keep(frame);
            const more = Math.min(room.length, count, stream.length - at);
            room.set(stream.subarray(at, at + more));
            decoder.advance(more);
            at += more;
          } else if (direct) at += readInto(decoder, stream, at, count);
          else decoder.push(stream.slice(at, at += count));
          if (how === "visit") {
            decoder.visit((bytes, start, end) => void copies.push(bytes.slice(start, end)));
          } else if (how === "read") {
            for (const frame of decoder) keep(frame);
          } else if (how === "readAll") {
            decoder.readAll().forEach(keep);
          }
        }
        decoder.readAll().forEach(keep);
        assert.equal(copies.length, frames.length);
        copies.forEach((copy, index) => assert.ok(same(copy, frames[index]!)));
        for (const { frame, index } of kept) assert.ok(same(frame, frames[index]!));
      },
    ),
    { numRuns: 100 },
  );
});
