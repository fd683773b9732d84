import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodecError,
  delimited,
  fixed,
  FrameDecoder,
  FrameEncoder,
  type Framer,
  FrameTooLargeError,
  json,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  owned,
  text,
  TruncatedFrameError,
  uint16,
  uint32,
  untilClose,
} from "../mod.ts";
import { ByteQueue } from "../src/bytes/byte_queue.ts";
import { bytes, latin1 } from "./support/outcomes.ts";

function failure(run: () => unknown): Error & Record<string, unknown> {
  try {
    run();
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error("nothing was thrown");
}

test("FrameDecoder.read() delivers the frames before an error, then the same error for ever", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text(), maxFrameLength: 3 });
  decoder.push(bytes("one\ntwo\nthree\nx\n"));
  assert.equal(decoder.read(), "one");
  assert.equal(decoder.read(), "two");
  const error = failure(() => decoder.read());
  assert.ok(error instanceof FrameTooLargeError);
  assert.deepEqual([error.offset, error.length, error.limit], [8, 4, 3]);
  decoder.push(bytes("more\n"));
  decoder.end();
  assert.equal(failure(() => decoder.read()), error);
  assert.equal(failure(() => decoder.visit(() => {})), error);
  assert.equal(failure(() => decoder.detach()), error);
});

test("FrameDecoder explains what the bytes look like", () => {
  const decoded = (start: string, framer: Framer = lengthPrefixed(uint32)) => {
    const decoder = new FrameDecoder({ framer });
    decoder.push(bytes(start));
    return failure(() => decoder.read()).message;
  };
  assert.equal(
    decoded("\x15\x03\x03\x00"),
    "Cannot read frame of 352518912 bytes at offset 0: limit is 1048576; " +
      "the bytes 15 03 03 00 look like a TLS record",
  );
  assert.match(decoded("GET / HTTP/1.1"), /; the bytes "GET " look like an HTTP request$/);
  assert.match(decoded("HTTP/1.1 400"), /; the bytes "HTTP" look like an HTTP reply$/);
  assert.match(decoded("SSH-2.0"), /; the bytes "SSH-" look like an SSH greeting$/);
  assert.match(decoded("hello"), /; the bytes "hell" look like printable text$/);
  assert.match(decoded("\xff\xfe\xff\xfe"), /: limit is 1048576$/);
});

test("FrameDecoder refuses an undelimited wait at the byte at which it is certain", () => {
  for (
    const [framer, stream] of [
      [lines(), "abcd"],
      [lines(), "abc\rx"],
      [delimited("\r\n"), "abc\rx"],
      [untilClose(), "abcd"],
    ] as const
  ) {
    const decoder = new FrameDecoder({ framer, maxFrameLength: 3 });
    decoder.push(bytes(stream.slice(0, -1)));
    assert.equal(decoder.read(), undefined);
    decoder.push(bytes(stream.slice(-1)));
    assert.throws(() => decoder.read(), FrameTooLargeError);
  }
});

test("FrameDecoder tells truncation in every state, with the bytes that came", () => {
  for (let count = 1; count < 5; count++) {
    const decoder = new FrameDecoder({ framer: lengthPrefixed(uint16) });
    decoder.push(bytes("\0\x01x\0\x03abc".slice(0, 3 + count)));
    decoder.end();
    assert.equal(latin1(decoder.read()!), "x");
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError);
    assert.equal(error.offset, 3);
    assert.equal(error.pending.length, count);
    assert.equal(error.expected, count < 2 ? undefined : 5);
  }
});

test("FrameDecoder ends cleanly between two frames, and only then", () => {
  const decoder = new FrameDecoder({ framer: lines({ strict: true }) });
  decoder.push(bytes("one\n"));
  decoder.end();
  assert.equal(latin1(decoder.read()!), "one");
  assert.equal(decoder.read(), undefined);
  assert.equal(decoder.read(), undefined);
  assert.throws(() => decoder.push(bytes("x")), TypeError);
});

test("FrameDecoder refuses what is no chunk", () => {
  const decoder = new FrameDecoder({ framer: lines() });
  for (const chunk of ["text", null, undefined, [1], new Uint16Array(1), {}]) {
    assert.throws(() => decoder.push(chunk as Uint8Array), TypeError);
  }
});

test("FrameDecoder refuses limits that are none", () => {
  for (const maxFrameLength of [-1, 1.5, NaN, -Infinity]) {
    assert.throws(() => new FrameDecoder({ framer: lines(), maxFrameLength }), RangeError);
    assert.throws(() => new FrameEncoder({ framer: lines(), maxFrameLength }), RangeError);
  }
});

test("FrameDecoder believes no length: nothing is allocated before its bytes have come", () => {
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint32), maxFrameLength: Infinity });
  decoder.push(bytes("\xff\xff\xff\xffab"));
  assert.equal(decoder.read(), undefined);
  decoder.end();
  const error = failure(() => decoder.read());
  assert.equal(error.expected, 2 ** 32 + 3);
  assert.equal((error.pending as Uint8Array).length, 6);
});

test("FrameDecoder goes on behind a message that cannot be decoded", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: json() });
  decoder.push(bytes("1\n{\n2\n"));
  assert.equal(decoder.read(), 1);
  const error = failure(() => decoder.read());
  assert.ok(error instanceof CodecError && error.cause instanceof Error);
  assert.equal(latin1(error.frame), "{");
  assert.equal(decoder.read(), 2);
  const throwing = {
    decode: () => {
      throw "text";
    },
    encode: () => bytes(""),
  };
  const other = new FrameDecoder({ framer: lines(), codec: throwing });
  other.push(bytes("1\n"));
  assert.match(failure(() => other.read()).message, /: text$/);
});

test("FrameDecoder.visit() visits all frames, and survives a visitor that throws, reads or pushes", () => {
  const decoder = new FrameDecoder({ framer: lines() });
  decoder.push(bytes("one\ntwo\nthree\nfour\n"));
  const seen: string[] = [];
  assert.throws(() =>
    decoder.visit(() => {
      throw new Error("visitor");
    }), /visitor/);
  decoder.visit((chunk, start, end) => {
    seen.push(latin1(chunk.subarray(start, end)));
    if (seen.length === 1) seen.push(latin1(decoder.read()!));
    if (seen.length === 3) decoder.push(bytes("five\n"));
  });
  assert.deepEqual(seen, ["two", "three", "four", "five"]);
});

test("FrameDecoder reads frames of no bytes one at a time, and refuses all of them", () => {
  const decoder = new FrameDecoder({ framer: fixed(0) });
  assert.deepEqual(decoder.read(), new Uint8Array(0));
  assert.throws(() => [...decoder], RangeError);
  assert.throws(() => decoder.visit(() => {}), RangeError);
});

test("FrameDecoder.switchTo() and detach() keep every byte and the offset", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text() });
  decoder.push(bytes("one\n\0\x02abrest"));
  assert.equal(decoder.read(), "one");
  const frames = decoder.switchTo({ framer: lengthPrefixed(uint16) });
  assert.equal(latin1(frames.read()!), "ab");
  assert.equal(latin1(frames.detach()), "rest");
  assert.equal(frames.read(), undefined);
  assert.throws(() => frames.push(bytes("x")), TypeError);
});

test("FrameDecoder can be iterated over by an iterator that is iterated over", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text() });
  decoder.push(bytes("one\ntwo\n"));
  const iterator = decoder[Symbol.iterator]();
  assert.equal(iterator.next().value, "one");
  assert.deepEqual([...iterator], ["two"]);
});

test("FrameDecoder keeps an error of a framer that is wrong", () => {
  for (
    const measure of [() => NaN, () => -1, () => {
      throw new SyntaxError("bug");
    }]
  ) {
    const decoder = new FrameDecoder({ framer: { measure, write: () => {} } });
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TypeError || error instanceof SyntaxError);
    assert.equal(failure(() => decoder.read()), error);
  }
});

test("FrameDecoder delivers plain views that stay as they are, whatever the class of the chunks", () => {
  class Chunk extends Uint8Array {}
  const decoder = new FrameDecoder({ framer: lines() });
  decoder.push(new Chunk(bytes("one\ntw")));
  const one = decoder.read()!;
  assert.equal(Object.getPrototypeOf(one), Uint8Array.prototype);
  for (const byte of "o\nthree\n") decoder.push(bytes(byte));
  assert.deepEqual([...decoder].map(latin1), ["two", "three"]);
  assert.equal(latin1(one), "one");
  const copies = new FrameDecoder({ framer: fixed(1), codec: owned() });
  copies.push(new Uint8Array(100));
  assert.equal(copies.read()!.buffer.byteLength, 1);
});

test("FrameDecoder takes linear time though the peer drips: no byte is looked at twice", () => {
  let peeked = 0;
  const braces: Framer = { // a scanning framer: it leaves in memo where it got to
    measure(input) {
      let { at, depth } = (input.memo ?? { at: 0, depth: 0 }) as { at: number; depth: number };
      for (let byte = input.peek(at); byte !== undefined; byte = input.peek(++at)) {
        peeked++;
        if (byte === 0x7b) depth++;
        if (byte === 0x7d && --depth === 0) return at + 1;
      }
      input.memo = { at, depth };
      return undefined;
    },
    write: (frame, output) => output.write(frame),
  };
  const frame = `{${"x".repeat(100_000)}}`;
  const decoder = new FrameDecoder({ framer: braces });
  for (const byte of bytes(frame + frame)) {
    decoder.push(Uint8Array.of(byte));
    decoder.visit((_, start, end) => assert.equal(end - start, frame.length));
  }
  assert.ok(peeked <= 2 * frame.length + 2, `${peeked} bytes were looked at`);
  const limited = new FrameDecoder({ framer: braces, maxFrameLength: 5 });
  limited.push(bytes("{12345"));
  assert.throws(() => limited.read(), FrameTooLargeError);
});

test("FrameDecoder bounds what a framer that tells nothing makes it keep", () => {
  const never: Framer = { measure: () => undefined, write: () => {} };
  const decoder = new FrameDecoder({ framer: never, maxFrameLength: 10 });
  decoder.push(new Uint8Array(65_546));
  assert.equal(decoder.read(), undefined);
  decoder.push(new Uint8Array(1));
  assert.throws(() => decoder.read(), FrameTooLargeError);
  decoder.switchTo({ framer: never });
});

test("FrameDecoder shows a framer the end only when it has said not yet to all before", () => {
  const ended: boolean[] = [];
  const framer: Framer = {
    measure(input) {
      ended.push(input.ended);
      return input.ended ? input.length + 1 : undefined;
    },
    write: () => {},
  };
  const decoder = new FrameDecoder({ framer });
  decoder.push(bytes("x"));
  decoder.end();
  assert.throws(() => decoder.read(), TruncatedFrameError);
  assert.deepEqual(ended, [false, true]);
  assert.throws(() => {
    const bad = new FrameDecoder({
      framer: {
        measure: () => {
          throw new MalformedFrameError("bad");
        },
        write: () => {},
      },
    });
    bad.push(bytes("x"));
    bad.read();
  }, /at offset 0: bad/);
});

test("ByteQueue reads, finds and copies across chunks as inside one", () => {
  for (let size = 1; size <= 1200; size = size * 2 + 1) {
    const all = Uint8Array.from({ length: 3000 }, (_, index) => index % 251);
    const queue = new ByteQueue();
    for (let at = 0; at < all.length; at += size) queue.push(all.subarray(at, at + size));
    assert.equal(queue.peek(2500), 2500 % 251);
    assert.equal(queue.peek(5), 5);
    assert.equal(queue.peek(3000), undefined);
    assert.equal(queue.readUint(6), 0x000102030405);
    assert.equal(queue.readUint(3, true), 0x080706);
    queue.skip(2000);
    assert.deepEqual(queue.look(900), all.subarray(2009, 2909));
    assert.equal(queue.look(1000), undefined);
    queue.rewind();
    assert.equal(queue.find(Uint8Array.of(248, 249, 250, 0)), 248);
    assert.equal(queue.find(Uint8Array.of(250, 0, 1)), 250);
    assert.equal(queue.find(Uint8Array.of(250, 0, 1), 249), undefined);
    assert.equal(queue.find(Uint8Array.of(7, 7)), undefined);
    for (let mark = 0; mark < 10; mark++) queue.find(Uint8Array.of(mark, mark, mark));
    queue.skip(2990);
    queue.take(10);
    assert.deepEqual(queue.taken.slice(queue.takenStart, queue.takenEnd), all.subarray(2990));
    queue.trim();
    assert.equal(queue.pending, 0);
    assert.equal(queue.offset, 3000);
  }
});

test("FrameEncoder hands large frames on as they are, and takes back what was refused", () => {
  const encoder = new FrameEncoder({ framer: lines(), maxFrameLength: 20_000 });
  const large = new Uint8Array(20_000).fill(1);
  encoder.write(bytes("one"));
  encoder.write(large);
  assert.equal(encoder.length, 20_005);
  const half: Framer = {
    write(frame, output) {
      output.write(bytes("half "));
      output.write(large);
      if (frame.length > 0) throw new TypeError("refused");
    },
    measure: () => undefined,
  };
  encoder.switchTo({ framer: half });
  assert.throws(() => encoder.write(bytes("x")), /refused/);
  const chunks = encoder.drain();
  assert.equal(chunks[1], large);
  assert.deepEqual(chunks.map(({ length }) => length), [4, 20_000, 1]);
  assert.throws(() => encoder.write("text" as unknown as Uint8Array), TypeError);
  assert.throws(() => encoder.write(new Uint8Array(1 << 21)), RangeError);
  const many = new FrameEncoder({ framer: fixed(1000) });
  for (let count = 0; count < 40; count++) many.write(new Uint8Array(1000));
  assert.equal(many.drain().reduce((sum, { length }) => sum + length, 0), 40_000);
});
