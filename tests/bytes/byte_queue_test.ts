import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ByteQueue } from "../../src/bytes/byte_queue.ts";
import { FramingError } from "../../src/errors.ts";
import { bytes, chunksOf, latin1, numbered } from "../support/bytes.ts";
import { allocated, countLooks } from "../support/counting.ts";
import { heldBy } from "../support/held.ts";

const LF = bytes("\n");

function queueOf(...chunks: (string | Uint8Array)[]): ByteQueue {
  const queue = new ByteQueue();
  for (const chunk of chunks) queue.push(typeof chunk === "string" ? bytes(chunk) : chunk);
  return queue;
}

function taken(queue: ByteQueue): string {
  return latin1(queue.taken.subarray(queue.takenStart, queue.takenEnd));
}

/** Takes a frame of `length` bytes and returns it. */
function take(queue: ByteQueue, length: number): string {
  queue.rewind();
  queue.take(length);
  return taken(queue);
}

test("ByteQueue.length counts the bytes after the cursor", () => {
  const queue = queueOf("abc");
  assert.equal(queue.length, 3);
  queue.readUint(1);
  assert.equal(queue.length, 2);
  queue.push(bytes("de"));
  assert.equal(queue.length, 4);
});

test("ByteQueue.peek() looks ahead of the cursor without moving it", () => {
  const queue = queueOf("ab", "cd");
  assert.equal(queue.peek(), 0x61);
  assert.equal(queue.peek(3), 0x64);
  assert.equal(queue.peek(4), undefined);
  queue.skip(3);
  assert.equal(queue.peek(), 0x64);
  assert.equal(queue.peek(1), undefined);
});

test("ByteQueue.peek() never returns unused bytes of a block", () => {
  const queue = queueOf("a", "b");
  assert.equal(queue.peek(2), undefined);
  assert.equal(take(queue, 2), "ab");
  queue.push(bytes("c"));
  queue.rewind();
  assert.equal(queue.peek(0), 0x63);
  assert.equal(queue.peek(1), undefined);
});

test("ByteQueue.readUint() reads all sizes in both byte orders, within a chunk and across chunks", () => {
  for (const size of [1, 2, 3, 4, 5, 6] as const) {
    const all = Uint8Array.of(0xf1, 0xe2, 0xd3, 0xc4, 0xb5, 0xa6).subarray(0, size);
    const big = all.reduce((value, byte) => value * 256 + byte, 0);
    const little = all.reduceRight((value, byte) => value * 256 + byte, 0);
    for (let cut = 0; cut <= size; cut++) {
      const queue = queueOf(all.subarray(0, cut), all.subarray(cut));
      assert.equal(queue.readUint(size), big);
      assert.equal(queue.length, 0);
      queue.rewind();
      assert.equal(queue.readUint(size, true), little);
    }
  }
});

test("ByteQueue.readUint() does not move the cursor when a byte is missing", () => {
  const queue = queueOf("a", "b");
  assert.equal(queue.readUint(3), undefined);
  assert.equal(queue.length, 2);
  assert.equal(queue.readUint(2), 0x6162);
  assert.equal(queue.readUint(1), undefined);
});

test("ByteQueue.readUint() never returns a negative number", () => {
  assert.equal(queueOf("\xff\xff\xff\xff").readUint(4), 2 ** 32 - 1);
  assert.equal(queueOf("\x80\0\0\0").readUint(4), 2 ** 31);
  assert.equal(queueOf("\xff\xff\xff\xff\xff\xff").readUint(6), 2 ** 48 - 1);
});

test("ByteQueue.look() returns a view within a chunk and a copy across chunks", () => {
  const first = numbered(600);
  const queue = queueOf(first, numbered(600));
  const inside = queue.look(600)!;
  assert.equal(inside.buffer, first.buffer);
  assert.deepEqual(inside, first);
  const across = queue.look(601)!;
  assert.notEqual(across.buffer, first.buffer);
  assert.equal(across[600], 0);
  assert.equal(queue.look(1200)!.length, 1200);
  assert.equal(queue.look(1201), undefined);
  assert.equal(queue.length, 1200);
});

test("ByteQueue.skip() moves the cursor forward and back", () => {
  const queue = queueOf("abcdef");
  queue.skip(4);
  queue.skip(-2);
  assert.equal(queue.peek(), 0x63);
  queue.take(2);
  assert.equal(taken(queue), "cd");
  queue.rewind();
  assert.equal(queue.peek(), 0x65);
});

test("ByteQueue.find() returns the offset of a delimiter from the cursor", () => {
  const queue = queueOf("ab\r\ncd\r\n");
  const CRLF = bytes("\r\n");
  assert.equal(queue.find(CRLF), 2);
  queue.skip(2);
  assert.equal(queue.find(CRLF), 0);
  queue.skip(1);
  assert.equal(queue.find(CRLF), 3);
  assert.equal(queue.find(bytes("x")), undefined);
});

test("ByteQueue.find() finds a delimiter that arrives in pieces", () => {
  const end = bytes("\r\n\r\n");
  for (let cut = 1; cut < 8; cut++) {
    const stream = "ab\r\n\r\nxy";
    const queue = queueOf(stream.slice(0, cut));
    queue.find(end);
    queue.push(bytes(stream.slice(cut)));
    queue.rewind();
    assert.equal(queue.find(end), 2, `cut at ${cut}`);
  }
});

test("ByteQueue.find() finds a delimiter that spans more than two chunks", () => {
  const stream = numbered(4 * 600);
  const queue = queueOf(...chunksOf(stream, 600));
  const long = stream.slice(200, 1900);
  assert.equal(queue.find(long), 200);
  assert.equal(queue.find(Uint8Array.from([...long, 7])), undefined);
});

test("ByteQueue.find() finds a delimiter that overlaps itself", () => {
  assert.equal(queueOf("aaab").find(bytes("aab")), 1);
  const queue = queueOf("aa");
  assert.equal(queue.find(bytes("aab")), undefined);
  queue.push(bytes("a"));
  queue.push(bytes("b"));
  queue.rewind();
  assert.equal(queue.find(bytes("aab")), 1);
});

test("ByteQueue.find() stops at its option within, whatever was searched before", () => {
  const queue = queueOf("abc\ndef");
  assert.equal(queue.find(LF, { within: 2 }), undefined);
  assert.equal(queue.find(LF, { within: 3 }), 3);
  assert.equal(queue.find(LF), 3);
  assert.equal(queue.find(LF, { within: 2 }), undefined);
  const several = bytes("c\n");
  assert.equal(queue.find(several, { within: 1 }), undefined);
  assert.equal(queue.find(several), 2);
  assert.equal(queue.find(several, { within: 2 }), 2);
  assert.equal(queue.find(several, { within: 0 }), undefined);
});

test("ByteQueue.find() compares delimiters by content", () => {
  const queue = queueOf("abc");
  assert.equal(queue.find(bytes("\n")), undefined);
  queue.push(bytes("\n"));
  queue.rewind();
  assert.equal(queue.find(bytes("\n")), 3);
  assert.equal(queue.find(bytes("\r")), undefined);
});

test("ByteQueue.find() finds an empty delimiter at the end of the stream", () => {
  const queue = queueOf("abc");
  const end = new Uint8Array(0);
  assert.equal(queue.find(end), undefined);
  queue.ended = true;
  assert.equal(queue.find(end), 3);
  queue.skip(1);
  assert.equal(queue.find(end), 2);
});

test("ByteQueue.find() searches no byte twice while a frame grows", () => {
  for (const delimiter of ["\n", "\r\n", "\r\n\r\n", "\0\0\0\0\0\0\x01"]) {
    const needle = bytes(delimiter);
    const looks = countLooks((counted) => {
      const queue = new ByteQueue();
      for (let chunk = 0; chunk < 200; chunk++) {
        queue.push(counted(new Uint8Array(1000)));
        queue.rewind();
        assert.equal(queue.find(needle), undefined);
      }
    });
    const most = 200_000 * needle.length + 200 * 3 * needle.length ** 2;
    assert.ok(looks <= most, `${looks} looks for ${JSON.stringify(delimiter)}`);
  }
});

test("ByteQueue.find() searches no byte twice for each of many delimiters", () => {
  const needles = Array.from({ length: 20 }, (_, index) => Uint8Array.of(index + 1));
  const looks = countLooks((counted) => {
    const queue = new ByteQueue();
    for (let chunk = 0; chunk < 100; chunk++) {
      queue.push(counted(new Uint8Array(1000)));
      queue.rewind();
      for (const needle of needles) assert.equal(queue.find(needle), undefined);
    }
  });
  assert.ok(looks <= 20 * 100_000, `${looks} looks`);
});

test("ByteQueue.find() searches no byte twice after earlier matches of the same delimiter", () => {
  for (const fields of [1, 7, 12]) {
    const looks = countLooks((counted) => {
      const queue = queueOf("a\n".repeat(fields));
      for (let chunk = 0; chunk < 100; chunk++) {
        queue.push(counted(new Uint8Array(1000)));
        queue.rewind();
        for (let field = 0; field < fields; field++) queue.skip(queue.find(LF)! + 1);
        assert.equal(queue.find(LF), undefined);
      }
    });
    assert.ok(looks <= 100_000, `${looks} looks after ${fields} fields`);
  }
});

test("ByteQueue.find() searches no byte after the frame twice", () => {
  const NUL = bytes("\0");
  const looks = countLooks((counted) => {
    const queue = queueOf(counted(bytes("a\n".repeat(2000))));
    for (let count = 0; count < 2000; count++) {
      queue.rewind();
      assert.equal(queue.find(NUL), undefined);
      assert.equal(queue.find(LF), 1);
      queue.drop(1);
      queue.take(1);
    }
  });
  // A word that contains the byte is searched again, byte by byte.
  assert.ok(looks <= 4000 + 2000 * 8, `${looks} looks`);
});

test("ByteQueue.find() does not depend on earlier searches", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 40 })
    .map((list) => list.join(""));
  const needle = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 })
    .map((list) => list.join(""));
  const question = fc.record({
    needle,
    skip: fc.nat(20),
    within: fc.option(fc.nat(20), { nil: undefined }),
    arrives: fc.nat(5),
    takes: fc.nat(3),
  });
  fc.assert(
    fc.property(text, fc.array(question, { maxLength: 12 }), (stream, questions) => {
      const queue = new ByteQueue();
      let [arrived, start] = [0, 0];
      for (const { needle, skip, within, arrives, takes } of questions) {
        const chunk = stream.slice(arrived, arrived + arrives);
        arrived += chunk.length;
        queue.push(bytes(chunk));
        queue.rewind();
        const from = Math.min(start + skip, arrived);
        queue.skip(from - start);
        const at = stream.slice(0, arrived).indexOf(needle, from) - from;
        const expected = at < 0 || at > (within ?? Infinity) ? undefined : at;
        assert.equal(
          queue.find(bytes(needle), { ...within !== undefined && { within } }),
          expected,
        );
        const count = Math.min(takes, arrived - start);
        assert.equal(take(queue, count), stream.slice(start, start + count));
        start += count;
      }
    }),
    { numRuns: 500 },
  );
});

test("ByteQueue.drop() discards bytes after the frame", () => {
  const queue = queueOf("abc\r\nd");
  queue.drop(2);
  assert.equal(queue.extent(3), 5);
  queue.take(3);
  assert.equal(taken(queue), "abc");
  queue.rewind();
  assert.equal(queue.peek(), 0x64);
});

test("ByteQueue.expect() requires its trailer, whatever bytes are dropped around it", () => {
  const trailer = bytes(";");
  const takes = (length: number, ...drops: (number | Uint8Array)[]) => {
    const queue = queueOf("ab;cd");
    for (const drop of drops) typeof drop === "number" ? queue.drop(drop) : queue.expect(drop);
    return queue.take(length);
  };
  assert.equal(takes(2, trailer), 3);
  assert.equal(takes(1, trailer), -1);
  assert.equal(takes(1, 1, trailer), 3);
  assert.equal(takes(2, trailer, 1), 4);
  assert.equal(takes(4), 4);
});

test("ByteQueue.expect() requires each of several trailers", () => {
  for (const [second, extent] of [["!", 5], ["?", -1]] as const) {
    const queue = queueOf("ab;x!c");
    queue.expect(bytes(";"));
    queue.drop(1);
    queue.expect(bytes(second));
    assert.equal(queue.take(2), extent);
  }
});

/** Takes a frame of two bytes that an optional trailer may follow. */
function takeBefore(queue: ByteQueue, trailer: string): string {
  queue.rewind();
  queue.drop(1);
  queue.expect(bytes(trailer), { optional: true });
  assert.equal(queue.take(2), 3);
  return taken(queue);
}

test("ByteQueue.expect({ optional }) drops a trailer whenever it arrives", () => {
  for (const trailer of ["\n", "xyz"]) {
    for (let cut = 0; cut <= trailer.length; cut++) {
      const queue = queueOf(`ab\r${trailer.slice(0, cut)}`);
      assert.equal(takeBefore(queue, trailer), "ab");
      assert.equal(queue.pending, cut === trailer.length ? 0 : cut);
      queue.rewind();
      assert.equal(queue.length, 0);
      for (const byte of trailer.slice(cut)) queue.push(bytes(byte));
      assert.equal(queue.pending, 0);
      assert.equal(queue.frameOffset, 3 + trailer.length);
      queue.push(bytes(trailer + "c"));
      queue.rewind();
      assert.equal(queue.length, trailer.length + 1, "it is dropped once");
    }
  }
});

test("ByteQueue.expect({ optional }) keeps other bytes", () => {
  for (const [trailer, rest] of [["\n", "x"], ["xyz", "xya"], ["xyz", "a"]] as const) {
    for (let cut = 0; cut <= rest.length; cut++) {
      const queue = queueOf(`ab\r${rest.slice(0, cut)}`);
      takeBefore(queue, trailer);
      queue.rewind();
      queue.push(bytes(rest.slice(cut)));
      queue.rewind();
      assert.equal(latin1(queue.look(queue.length)!), rest);
      assert.equal(queue.pending, rest.length);
    }
  }
});

test("ByteQueue.expect({ optional }) shows an incomplete trailer at the end of the stream", () => {
  const queue = queueOf("ab\rxy");
  takeBefore(queue, "xyz");
  queue.rewind();
  assert.equal(queue.length, 0);
  queue.finish();
  queue.rewind();
  assert.equal(latin1(queue.look(2)!), "xy");
});

test("ByteQueue.detach() returns an incomplete optional trailer, and no complete one", () => {
  for (const [rest, detached] of [["x", "x"], ["xy", ""], ["xyz", "z"]] as const) {
    const queue = queueOf(`ab\r${rest}`);
    takeBefore(queue, "xy");
    assert.equal(latin1(queue.detach()), detached);
    queue.push(bytes("y"));
    assert.equal(queue.pending, 1);
  }
});

test("ByteQueue.discard() removes bytes before the frame at once", () => {
  const queue = queueOf("\n\nab");
  queue.memo = 1;
  queue.discard(2);
  assert.equal(queue.offset, 2);
  assert.equal(queue.frameOffset, 2);
  assert.equal(queue.pending, 2);
  assert.equal(queue.memo, undefined);
  assert.equal(queue.take(2), -1, "the framer must be asked again");
  queue.discarded = false;
  queue.rewind();
  assert.equal(queue.take(2), 2);
  assert.equal(taken(queue), "ab");
  assert.equal(queue.noise, undefined);
});

test("ByteQueue.discard() records the first byte of a run that begins with a reason", () => {
  const queue = queueOf("abcdefgh");
  queue.discard(1);
  queue.discard(1, "first");
  queue.discard(2, "second");
  queue.discard(0);
  queue.discard(1);
  queue.discard(1, "third");
  assert.equal(queue.noise?.offset, 1);
  assert.equal(queue.noise?.message, "first");
});

test("ByteQueue.discard() refuses an invalid count, and bytes inside a frame", () => {
  const queue = queueOf("abc");
  for (const count of [-1, 0.5, NaN, 4, Infinity]) {
    assert.throws(() => queue.discard(count), {
      name: "RangeError",
      message: `Cannot discard ${count} bytes: 3 have arrived`,
    });
  }
  queue.skip(1);
  assert.throws(() => queue.discard(1), FramingError);
  assert.equal(queue.pending, 3);
});

test("ByteQueue.discard() releases the memory of what it discards", () => {
  const queue = new ByteQueue();
  for (const size of [1, 700]) {
    for (let count = 0; count < 5000; count++) {
      queue.push(new Uint8Array(size));
      queue.rewind();
      queue.discard(queue.length);
      queue.trim();
    }
    assert.ok(heldBy(queue) < 5000, `${heldBy(queue)} bytes`);
  }
});

test("ByteQueue.certain counts the bytes that certainly belong to the frame", () => {
  const queue = queueOf("ab\r");
  queue.find(bytes("\r\n"));
  assert.equal(queue.certain, 2);
  queue.rewind();
  queue.find(LF);
  assert.equal(queue.certain, 3);
  queue.atLeast(2);
  assert.equal(queue.certain, 2);
  queue.rewind();
  queue.find(new Uint8Array(0));
  assert.equal(queue.certain, 3);
});

test("ByteQueue.certain excludes a header, wherever the cursor is after the search", () => {
  const queue = queueOf("ab\r");
  queue.skip(1);
  queue.find(LF);
  assert.equal(queue.certain, 2);
  queue.skip(-1);
  assert.equal(queue.certain, 2);
});

test("ByteQueue.earliestEnd is relative to the cursor", () => {
  const queue = queueOf("abcd");
  assert.equal(queue.earliestEnd, 0);
  queue.memo = "here";
  queue.skip(1);
  assert.equal(queue.earliestEnd, 3);
  queue.memo = undefined;
  queue.skip(1);
  queue.find(LF);
  assert.equal(queue.earliestEnd, 2);
  queue.skip(-2);
  assert.equal(queue.earliestEnd, 4);
  assert.equal(queue.certain, 2);
  queue.skip(1);
  queue.atLeast(5);
  assert.equal(queue.earliestEnd, 5);
  queue.skip(-1);
  assert.equal(queue.earliestEnd, 6);
  assert.equal(queue.certain, 5);
  queue.atLeast(queue.earliestEnd);
  assert.equal(queue.certain, 6);
  queue.rewind();
  assert.equal(queue.earliestEnd, 0);
});

test("ByteQueue.certain is the minimum of what several searches imply, and never negative", () => {
  const queue = queueOf("ab\r\r");
  queue.find(LF);
  queue.find(bytes("\r\n"));
  assert.equal(queue.certain, 3);
  queue.find(bytes("\r\r\n"));
  queue.find(LF);
  assert.equal(queue.certain, 2);
  queue.rewind();
  assert.equal(queue.certain, 0);
});

test("ByteQueue.certain counts from the first of several searches if the earlier ones succeeded", () => {
  const queue = queueOf("-a\nb\ncd");
  queue.skip(1);
  assert.equal(queue.find(LF), 1);
  queue.skip(2);
  assert.equal(queue.find(LF), 1);
  queue.skip(2);
  assert.equal(queue.find(LF), undefined);
  assert.equal(queue.certain, 2);
  queue.skip(-4);
  assert.equal(queue.certain, 6);
  queue.skip(-1);
  assert.equal(queue.certain, 6);
  queue.rewind();
  queue.skip(3);
  assert.equal(queue.find(bytes(";")), undefined);
  queue.skip(-3);
  assert.equal(queue.find(bytes("?")), undefined);
  assert.equal(queue.certain, 4);
});

test("ByteQueue.declared is true if the framer has said anything about the frame's length", () => {
  const queue = queueOf(new Uint8Array(70_000));
  assert.deepEqual([queue.declared, queue.certain], [false, 0]);
  queue.memo = "here";
  assert.deepEqual([queue.declared, queue.certain], [true, 70_000]);
  queue.memo = undefined;
  queue.find(LF, { within: 80_000 });
  assert.deepEqual([queue.declared, queue.certain], [true, 0]);
  queue.rewind();
  queue.find(LF, { within: 60_000 });
  assert.deepEqual([queue.declared, queue.certain], [false, 0]);
  queue.atLeast(7);
  assert.deepEqual([queue.declared, queue.certain], [true, 7]);
});

test("ByteQueue.find() returns the offset of an incomplete match with its option partial", () => {
  const partial = { partial: true };
  const aab = bytes("aab");
  for (const cut of [1, 2, 3, 4]) {
    const queue = queueOf("xaaa".slice(0, cut), "xaaa".slice(cut));
    assert.equal(queue.find(aab), undefined);
    assert.equal(queue.find(aab, partial), 2);
    assert.equal(queue.find(aab, { partial: true, from: 3 }), 3);
    assert.equal(queue.find(aab, { partial: true, within: 2 }), 2);
    assert.equal(queue.find(aab, { partial: true, within: 1 }), undefined);
    assert.equal(queue.find(aab, { partial: true, within: 0 }), undefined);
    assert.equal(queue.find(LF, partial), undefined);
    queue.push(bytes("b"));
    assert.equal(queue.find(aab, partial), 2);
    queue.push(bytes("x"));
    assert.equal(queue.find(aab, { partial: true, from: 3 }), undefined);
  }
});

test("ByteQueue.rewind() undoes what a framer did, except its memo", () => {
  const queue = queueOf("abc");
  queue.readUint(2);
  queue.drop(1);
  queue.find(LF);
  queue.memo = 7;
  queue.ended = true;
  queue.rewind();
  assert.equal(queue.length, 3);
  assert.equal(queue.extent(0), 0);
  assert.equal(queue.scanned, false);
  assert.equal(queue.ended, false);
  assert.equal(queue.memo, 7);
});

test("ByteQueue.take() provides a view of the chunk, or a copy across chunks", () => {
  const [first, second] = [numbered(1000), numbered(1000)];
  const queue = queueOf(first, second);
  queue.take(600);
  assert.equal(queue.taken, first);
  assert.deepEqual([queue.takenStart, queue.takenEnd], [0, 600]);
  queue.rewind();
  queue.take(800);
  assert.equal(queue.taken.length, 800);
  assert.equal(queue.taken[399], 999 % 251);
  assert.equal(queue.taken[400], 0);
  queue.rewind();
  queue.skip(100);
  queue.take(500);
  assert.equal(queue.taken, second);
  assert.deepEqual([queue.takenStart, queue.takenEnd], [500, 1000]);
});

test("ByteQueue.take() joins large frames in the memory of the last one, unless that was kept", () => {
  const frame = 100_000;
  const queue = queueOf(...chunksOf(numbered(4 * frame), 70_000));
  const places = [];
  for (const keeps of [false, true, false, false]) {
    assert.equal(
      take(queue, frame),
      latin1(numbered(4 * frame).subarray(queue.frameOffset - frame, queue.frameOffset)),
    );
    places.push(queue.taken);
    if (keeps) assert.equal(queue.keep().length, frame);
  }
  assert.equal(places[1], places[0]);
  assert.notEqual(places[2], places[1]);
  assert.equal(places[3], places[2]);
});

test("ByteQueue.take() does not keep memory that is far longer than the frame", () => {
  const queue = queueOf(...chunksOf(new Uint8Array(1_000_000), 60_000));
  take(queue, 500_000);
  const { taken } = queue;
  take(queue, 100_000);
  assert.notEqual(queue.taken, taken);
  assert.equal(queue.taken.length, 100_000);
});

test("ByteQueue.take() clears the memo and returns the number of bytes taken", () => {
  const queue = queueOf("ab");
  queue.memo = 1;
  queue.rewind();
  assert.equal(queue.take(0), 0);
  assert.equal(queue.memo, undefined);
  queue.rewind();
  queue.readUint(1);
  assert.equal(queue.take(0), 1);
});

test("ByteQueue.frameOffset counts the bytes taken from the stream", () => {
  const queue = queueOf("abc", numbered(700));
  assert.equal(queue.frameOffset, 0);
  take(queue, 5);
  assert.equal(queue.frameOffset, 5);
  take(queue, 698);
  assert.equal(queue.frameOffset, 703);
  queue.trim();
  queue.push(bytes("x"));
  assert.equal(queue.frameOffset, 703);
  take(queue, 1);
  assert.equal(queue.frameOffset, 704);
});

test("ByteQueue.detach() returns all bytes that were not taken", () => {
  const queue = queueOf("abc", "def", numbered(600));
  take(queue, 2);
  const rest = queue.detach();
  assert.equal(latin1(rest.subarray(0, 4)), "cdef");
  assert.equal(rest.length, 604);
  assert.equal(queue.pending, 0);
  assert.equal(queue.frameOffset, 606);
  assert.deepEqual(queue.detach(), new Uint8Array(0));
});

test("ByteQueue.push() ignores empty chunks", () => {
  const queue = queueOf("", "a", "", "b", "");
  assert.equal(queue.length, 2);
  assert.equal(take(queue, 2), "ab");
  queue.push(new Uint8Array(0));
  assert.equal(queue.pending, 0);
});

test("ByteQueue returns plain Uint8Arrays whatever the class of the chunks", () => {
  class Chunk extends Uint8Array {}
  const chunk = new Chunk(600);
  const queue = queueOf(chunk);
  queue.take(10);
  assert.equal(Object.getPrototypeOf(queue.taken), Uint8Array.prototype);
  assert.equal(queue.taken.buffer, chunk.buffer);
  queue.rewind();
  assert.equal(Object.getPrototypeOf(queue.look(10)), Uint8Array.prototype);
});

test("ByteQueue does not change frames that it returned while more bytes arrive", () => {
  const queue = queueOf("ab", "cd");
  queue.take(3);
  const frame = queue.taken.subarray(queue.takenStart, queue.takenEnd);
  for (let count = 0; count < 10_000; count++) queue.push(bytes("x"));
  assert.equal(latin1(frame), "abc");
});

test("ByteQueue allocates in proportion to the bytes that arrive in small chunks", () => {
  for (const count of [10_000, 100_000]) {
    const one = Uint8Array.of(1);
    const sum = allocated(() => {
      const queue = new ByteQueue();
      for (let pushed = 0; pushed < count; pushed++) queue.push(one);
    });
    assert.ok(sum <= 2 * count + 65_536, `${sum} bytes for ${count}`);
  }
});

test("ByteQueue allocates in proportion when large and small chunks alternate", () => {
  const [large, small] = [new Uint8Array(512), new Uint8Array(1)];
  const sum = allocated(() => {
    const queue = new ByteQueue();
    for (let count = 0; count < 2000; count++) {
      queue.push(large);
      queue.push(small);
    }
  });
  assert.ok(sum <= 2000 * 513, `${sum} bytes besides the chunks`);
  const bursts = allocated(() => {
    const queue = new ByteQueue();
    for (let burst = 0; burst < 500; burst++) {
      queue.push(large);
      for (let count = 0; count < 513; count++) queue.push(small);
    }
  });
  assert.ok(bursts <= 2 * 500 * 1025, `${bursts} bytes besides the chunks`);
});

test("ByteQueue reuses its block when frames are taken as they arrive", () => {
  const queue = new ByteQueue();
  const sum = allocated(() => {
    for (let count = 0; count < 1000; count++) {
      queue.push(new Uint8Array(100).fill(1));
      queue.rewind();
      queue.take(100);
      queue.trim();
    }
  });
  assert.ok(sum <= 1000 * 100 + 4096, `${sum} bytes`);
  assert.equal(queue.pending, 0);
  assert.equal(queue.frameOffset, 100_000);
});

test("ByteQueue alternates between both ends of many chunks without walking through them", () => {
  // 80,000 chunks: walking through them each time would take 3,200,000,000 steps.
  const queue = queueOf("<", "<");
  const chunk = bytes("x".repeat(509) + "\r\n\r");
  const end = bytes("\r\n\r\n");
  for (let count = 0; count < 80_000; count++) {
    queue.push(chunk);
    queue.rewind();
    queue.widen();
    queue.skip(1);
    assert.equal(queue.readUint(1), 0x3c);
    assert.equal(queue.find(end), undefined);
    assert.equal(queue.find(LF, { within: 10 }), undefined);
    assert.equal(queue.peek(0), 0x78);
    assert.equal(queue.peek(queue.length - 2), 0x0a);
  }
});

test("ByteQueue returns the bytes that were pushed, however they are pushed and taken", () => {
  const step = fc.record({
    size: fc.constantFrom(0, 1, 2, 31, 33, 511, 512, 700),
    take: fc.nat(1500),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const all = numbered(steps.reduce((sum, { size }) => sum + size, 0));
      const queue = new ByteQueue();
      let [pushed, done] = [0, 0];
      for (const { size, take } of steps) {
        queue.push(all.slice(pushed, pushed + size));
        pushed += size;
        assert.equal(queue.frameOffset, done);
        assert.equal(queue.pending, pushed - done);
        queue.rewind();
        const far = Math.min(take, queue.length);
        if (far > 0) assert.equal(queue.peek(far - 1), (done + far - 1) % 251);
        const near = Math.floor(far / 2);
        if (near > 0) assert.equal(queue.peek(near - 1), (done + near - 1) % 251);
        if (take > queue.length) {
          queue.trim();
          continue;
        }
        queue.take(take);
        const frame = queue.taken.slice(queue.takenStart, queue.takenEnd);
        assert.deepEqual(frame, all.slice(done, done + take));
        done += take;
      }
      assert.deepEqual(queue.detach(), all.slice(done, pushed));
    }),
    { numRuns: 200 },
  );
});

test("ByteQueue releases chunks one by one", () => {
  const queue = queueOf(numbered(600), numbered(600), numbered(600));
  queue.rewind();
  queue.take(500);
  const { chunk } = queue;
  for (const length of [300, 400]) {
    queue.rewind();
    queue.take(length);
  }
  assert.notEqual(queue.chunk, chunk);
  assert.equal(chunk!.next, undefined, "a chunk must not keep later chunks alive");
});

test("ByteQueue.drop() refuses an invalid count", () => {
  const queue = queueOf("abc");
  for (const count of [-1, NaN]) assert.throws(() => queue.drop(count), RangeError);
});
