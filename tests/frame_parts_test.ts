import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodecError,
  contentLength,
  delimited,
  fixed,
  FrameDecoder,
  type Framer,
  FrameTooLargeError,
  headed,
  json,
  lengthField,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  marked,
  netstring,
  type OpenFrame,
  part,
  sequence,
  tagged,
  TruncatedFrameError,
  uint16,
  uint64,
  uint8,
  untilClose,
} from "../mod.ts";
import { FrameFinder } from "../src/frame_finder.ts";
import { bytes, chunksOf, latin1 } from "./support/bytes.ts";
import { cuts, sizes } from "./support/faces.ts";
import { failure } from "./support/framing.ts";
import { heldBy } from "./support/held.ts";

/** Decoders' steps: what `open` and `read` return for each chunk, up to an error. */
interface Reading {
  readonly frames: { readonly header: string; readonly length: number; body: string }[];
  error: Error | undefined;
}

/** Reads all frames in parts. */
function readInParts(framer: Framer, chunks: readonly Uint8Array[]): Reading {
  const decoder = new FrameDecoder(framer);
  const reading: Reading = { frames: [], error: undefined };
  let frame: OpenFrame | undefined;
  function drain() {
    for (;;) {
      if (frame === undefined || frame.done) {
        frame = decoder.open();
        if (frame === undefined) return;
        reading.frames.push({ header: latin1(frame.header), length: frame.length, body: "" });
      }
      const part = frame.read();
      if (part === undefined) return;
      if (part.length === 0) assert.ok(frame.done);
      reading.frames.at(-1)!.body += latin1(part);
    }
  }
  try {
    for (const chunk of chunks) {
      decoder.push(chunk.slice());
      drain();
    }
    decoder.end();
    drain();
  } catch (error) {
    reading.error = error as Error;
    assert.equal(failure(() => decoder.read()), error, "the error is not permanent");
  }
  return reading;
}

const framings: readonly [
  name: string,
  framer: Framer,
  stream: string,
  expected: Reading["frames"],
][] = [
  ["lengthPrefixed", lengthPrefixed(uint16), "\0\x05hello\0\0\0\x02ok", [
    { header: "\0\x05", length: 5, body: "hello" },
    { header: "\0\0", length: 0, body: "" },
    { header: "\0\x02", length: 2, body: "ok" },
  ]],
  ["netstring", netstring(), "5:hello,0:,2:ok,", [
    { header: "5:", length: 5, body: "hello" },
    { header: "0:", length: 0, body: "" },
    { header: "2:", length: 2, body: "ok" },
  ]],
  ["fixed", fixed(3), "onetwo", [
    { header: "", length: 3, body: "one" },
    { header: "", length: 3, body: "two" },
  ]],
  ["contentLength", contentLength(), "Content-Length: 2\r\n\r\nokContent-Length: 1\r\n\r\n!", [
    { header: "Content-Length: 2\r\n\r\n", length: 2, body: "ok" },
    { header: "Content-Length: 1\r\n\r\n", length: 1, body: "!" },
  ]],
  ["headed", headed("|", (header) => Number(latin1(header))), "2|ok3|yes", [
    { header: "2|", length: 2, body: "ok" },
    { header: "3|", length: 3, body: "yes" },
  ]],
  ["lengthField that keeps its header", lengthField({ size: 1, skip: 0 }), "\x02ok\x01!", [
    { header: "", length: 3, body: "\x02ok" },
    { header: "", length: 2, body: "\x01!" },
  ]],
  ["tagged", tagged({ 0x61: 2, 0x62: lengthPrefixed(uint8) }), "a12b\x01!", [
    { header: "", length: 3, body: "a12" },
    { header: "", length: 3, body: "b\x01!" },
  ]],
];

for (const [name, framer, stream, expected] of framings) {
  test(`FrameDecoder.open() reads the same frames of ${name} however the stream is cut`, () => {
    for (const chunks of cuts(bytes(stream))) {
      const { frames, error } = readInParts(framer, chunks);
      assert.equal(error, undefined, `${error} ${sizes(chunks)}`);
      assert.deepEqual(frames, expected, sizes(chunks));
    }
  });

  test(`FrameDecoder.open() reports a stream of ${name} that ends inside a frame`, () => {
    const last = new FrameDecoder(framer);
    last.push(bytes(stream));
    let boundaries = [0];
    while (last.read() !== undefined) boundaries = [...boundaries, last.offset];
    for (let end = 0; end < stream.length; end++) {
      const start = boundaries.filter((boundary) => boundary <= end).at(-1)!;
      for (const size of [end || 1, 1]) {
        const { error } = readInParts(framer, chunksOf(bytes(stream.slice(0, end)), size));
        if (start === end) {
          assert.equal(error, undefined);
          continue;
        }
        assert.ok(error instanceof TruncatedFrameError, `${error} at ${end}`);
        assert.equal(error.offset, start);
        const whole = error.expectedLength === undefined ? "" : ` of ${error.expectedLength}`;
        assert.ok(error.message.includes(`ended after ${end - start}${whole} byte`), error.message);
        if (error.expectedLength !== undefined) {
          assert.equal(error.expectedLength, boundaries[boundaries.indexOf(start) + 1]! - start);
        }
      }
    }
  });
}

test("FrameDecoder.open() requires the trailer after the body", () => {
  for (const chunks of cuts(bytes("3:abc;"))) {
    const { frames, error } = readInParts(netstring(), chunks);
    assert.deepEqual(frames.map(({ body }) => body), ["abc"], sizes(chunks));
    assert.ok(error instanceof MalformedFrameError, sizes(chunks));
    assert.equal(error.message, "Cannot read frame at offset 0: its trailer is missing");
    assert.equal(error.offset, 0);
  }
});

test("FrameDecoder discards what has not been read of an open frame, however the stream is cut", () => {
  const stream = "6:unread,2:ok,";
  for (const parts of [0, 1, 2]) {
    for (const chunks of cuts(bytes(stream))) {
      const decoder = new FrameDecoder(netstring());
      let frame: OpenFrame | undefined;
      let left = parts;
      const read: string[] = [];
      for (const chunk of chunks) {
        decoder.push(chunk.slice());
        frame ??= decoder.open();
        while (frame !== undefined && left > 0 && (frame.read()?.length ?? 0) > 0) left--;
        if (frame !== undefined && left === 0) {
          for (const one of decoder) read.push(latin1(one));
        }
      }
      if (left === 0) assert.deepEqual(read, ["ok"], `${parts} parts, ${sizes(chunks)}`);
    }
  }
});

test("FrameDecoder.open() discards the rest of the open frame, and its read() throws then", () => {
  const decoder = new FrameDecoder(lengthPrefixed(uint8));
  decoder.push(Uint8Array.of(3, 10, 11));
  const first = decoder.open()!;
  assert.equal(decoder.open(), undefined);
  assert.equal(decoder.opened, first);
  assert.throws(() => first.read(), TypeError);
  decoder.push(Uint8Array.of(12, 1, 20));
  const second = decoder.open()!;
  assert.equal(first.done, true);
  assert.deepEqual(second.read(), Uint8Array.of(20));
  assert.equal(decoder.opened, undefined);
  assert.deepEqual(second.read(), new Uint8Array(0));
});

test("FrameDecoder.open() reports how much has arrived", () => {
  const decoder = new FrameDecoder(netstring());
  decoder.push(bytes("3:ab"));
  const frame = decoder.open()!;
  assert.deepEqual([frame.received, frame.expectedLength, frame.offset], [4, 6, 0]);
  assert.deepEqual([decoder.expectedLength, decoder.buffered, decoder.offset], [6, 2, 2]);
  decoder.push(bytes("c,1:"));
  assert.equal(frame.received, 6);
  assert.equal(latin1(frame.read()!), "ab");
  assert.equal(latin1(frame.read()!), "c");
  assert.equal(frame.done, false);
  assert.equal(frame.read()!.length, 0);
  assert.equal(frame.done, true);
  assert.deepEqual([decoder.buffered, decoder.offset], [2, 6]);
});

test("FrameDecoder.open() bounds the body by maxBodyLength, and not by maxFrameLength", () => {
  for (const size of [1, 9]) {
    const decoder = new FrameDecoder({ framer: lengthPrefixed(uint64), maxFrameLength: 4 });
    const frames: unknown[] = [];
    const error = failure(() => {
      for (const chunk of chunksOf(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 6), size)) {
        decoder.push(chunk);
        frames.push(decoder.open(5));
      }
    });
    assert.ok(error instanceof FrameTooLargeError);
    assert.deepEqual([error["length"], error["limit"], error["offset"]], [6, 5, 0]);
    assert.equal(error.message, "Cannot read frame of 6 bytes at offset 0: limit is 5");
    assert.equal(failure(() => decoder.open()), error);
  }
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint64), maxFrameLength: 4 });
  decoder.push(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 6));
  assert.equal(decoder.open(6)?.length, 6);
});

test("FrameDecoder.open() refuses an invalid limit", () => {
  const decoder = new FrameDecoder(lengthPrefixed(uint8));
  for (const limit of [-1, 0.5, NaN, null as unknown as number]) {
    assert.throws(() => decoder.open(limit), RangeError);
  }
});

test("FrameDecoder.open() accepts 2^53 - 1 and refuses longer and negative lengths", () => {
  const largest = new FrameDecoder(lengthPrefixed(uint64));
  largest.push(Uint8Array.of(0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1));
  const frame = largest.open()!;
  assert.equal(frame.length, Number.MAX_SAFE_INTEGER);
  assert.deepEqual(frame.read(), Uint8Array.of(1));
  const over = new FrameDecoder(lengthPrefixed(uint64));
  over.push(Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0));
  assert.throws(() => over.open(), MalformedFrameError);
  for (const length of [-1, NaN]) {
    const wrong = new FrameDecoder({ measure: () => length, write: () => {} });
    wrong.push(Uint8Array.of(1));
    assert.throws(() => wrong.open(), /^TypeError: Cannot read frame of/);
  }
});

test("FrameDecoder.open() refuses framings that do not announce lengths, and changes nothing", () => {
  const framers = [
    lines(),
    delimited(","),
    untilClose(),
    marked("<", ">"),
    tagged({ 0x3c: lines() }),
  ];
  for (const framer of framers) {
    for (const stream of ["<a,>\n", "<"]) {
      const decoder = new FrameDecoder(framer);
      decoder.push(bytes(stream));
      assert.throws(() => decoder.open(), {
        name: "TypeError",
        message: "Cannot read body: the framing does not announce its length",
      });
      decoder.push(bytes(",>\n"));
      decoder.end();
      assert.ok(decoder.read());
    }
  }
  const empty = new FrameDecoder(lines());
  assert.throws(() => empty.open(), TypeError);
});

test("FrameDecoder.open() refuses a sequence", () => {
  const framer = fixed(1);
  const decoder = new FrameDecoder(sequence({
    *read() {
      return yield* part(framer);
    },
  }));
  const refusal = { name: "TypeError", message: "Cannot read body: the protocol is a sequence" };
  assert.throws(() => decoder.open(), refusal);
  decoder.push(bytes("a"));
  assert.throws(() => decoder.open(), refusal);
  assert.equal(latin1(decoder.read()!), "a");
});

test("FrameDecoder.open() opens a frame that a call has awaited as a whole", () => {
  const decoder = new FrameDecoder(lengthPrefixed(uint8));
  decoder.push(Uint8Array.of(3, 1));
  assert.equal(decoder.read(), undefined);
  assert.deepEqual(decoder.open()?.read(), Uint8Array.of(1));
});

test("FrameDecoder.open() comes after a frame that is being skipped", () => {
  const errors: string[] = [];
  const decoder = new FrameDecoder(
    { framer: netstring(), maxFrameLength: 2 },
    (error) => errors.push(error.name),
  );
  for (const character of "5:abcde,4:") {
    decoder.push(bytes(character));
    if (character !== ":" || errors.length === 0) decoder.read();
  }
  const frame = decoder.open()!;
  assert.deepEqual([latin1(frame.header), frame.length, frame.offset], ["4:", 4, 8]);
  assert.deepEqual(errors, ["FrameTooLargeError"]);
});

test("FrameDecoder.switchTo() keeps an open frame", () => {
  for (const chunks of cuts(bytes("3:abc,next\n"))) {
    const decoder = new FrameDecoder(netstring());
    let frame: OpenFrame | undefined;
    let body = "";
    const read: string[] = [];
    for (const chunk of chunks) {
      decoder.push(chunk.slice());
      if (frame === undefined) {
        frame = decoder.open();
        if (frame !== undefined) decoder.switchTo(lines());
      }
      for (let part; !frame?.done && (part = frame?.read()) !== undefined;) body += latin1(part);
      if (frame?.done) { for (const line of decoder) read.push(latin1(line)); }
    }
    assert.deepEqual([body, read], ["abc", ["next"]], sizes(chunks));
  }
});

test("FrameDecoder.switchTo() applies after the rest of an open frame has been discarded", () => {
  for (const chunks of cuts(bytes("3:abc,next\n"))) {
    const decoder = new FrameDecoder(netstring());
    const read: string[] = [];
    let frame: OpenFrame | undefined;
    for (const chunk of chunks) {
      decoder.push(chunk.slice());
      if (frame === undefined) {
        frame = decoder.open();
        if (frame !== undefined) decoder.switchTo(lines());
      }
      if (frame !== undefined) { for (const line of decoder) read.push(latin1(line)); }
    }
    assert.deepEqual(read, ["next"], sizes(chunks));
  }
});

test("FrameDecoder.detach() refuses while a frame is open", () => {
  const decoder = new FrameDecoder(lengthPrefixed(uint8));
  decoder.push(Uint8Array.of(2, 1));
  const frame = decoder.open()!;
  assert.throws(() => decoder.detach(), {
    name: "TypeError",
    message: "Cannot detach: a body has not been read",
  });
  frame.read();
  decoder.push(Uint8Array.of(2, 7));
  frame.read();
  assert.deepEqual(decoder.detach(), Uint8Array.of(7));
});

test("FrameDecoder.open() returns parts that later bytes do not overwrite", () => {
  const decoder = new FrameDecoder(lengthPrefixed(uint16));
  const parts: Uint8Array[] = [];
  let frame: OpenFrame | undefined;
  const stream = Uint8Array.of(0xff, 0xff, ...new Uint8Array(65_535).map((_, index) => index));
  for (const chunk of chunksOf(stream, 700)) {
    decoder.room().set(chunk);
    decoder.advance(chunk.length);
    frame ??= decoder.open();
    for (let part; (part = frame!.read()) !== undefined && part.length > 0;) parts.push(part);
  }
  const body = parts.map(latin1).join("");
  assert.equal(body, latin1(stream.subarray(2)));
  assert.equal(frame?.done, true);
});

test("FrameFinder holds no part of a frame that is read or discarded", () => {
  for (const size of [100, 700, 65_536]) {
    for (const reads of [true, false]) {
      for (const fills of [true, false]) {
        const finder = new FrameFinder();
        finder.switchTo({ framer: lengthPrefixed(uint64) });
        finder.queue.push(Uint8Array.of(0, 0, 0, 0, 4, 0, 0, 0));
        const frame = finder.open(Infinity)!;
        assert.equal(frame.length, 64 << 20);
        let total = 0;
        for (let sent = 0; sent < 4 << 20; sent += size) {
          if (fills) {
            finder.queue.advance(Math.min(finder.queue.room().length, size));
          } else {
            finder.queue.push(new Uint8Array(size));
          }
          if (reads) { for (let part; (part = frame.read()) !== undefined;) total += part.length; }
          else assert.equal(finder.next(0), -1);
          assert.equal(finder.queue.pending, 0);
          assert.ok(
            heldBy(finder.queue) <= (fills ? 4 * 65_536 : 512),
            `${heldBy(finder.queue)} bytes are held`,
          );
        }
        if (reads && !fills) assert.ok(total >= 4 << 20);
      }
    }
  }
});

test("FrameDecoder.open() throws the error that readAll() has held back", () => {
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint8), codec: json() });
  decoder.push(bytes("\x011\x01{\x01x"));
  assert.deepEqual(decoder.readAll(), [1]);
  assert.throws(() => decoder.open(), CodecError);
  assert.equal(latin1(decoder.open()!.read()!), "x");
});

test("FrameDecoder.open() leaves out bytes before a header that belong to no frame", () => {
  const decoder = new FrameDecoder(contentLength());
  decoder.push(bytes("\r\n\r\nContent-Length: 2\r\n\r\nab"));
  const frame = decoder.open()!;
  assert.deepEqual([frame.offset, latin1(frame.header)], [4, "Content-Length: 2\r\n\r\n"]);
  assert.equal(latin1(frame.read()!), "ab");
});

test("OpenFrame.read() throws the same error again", () => {
  const decoder = new FrameDecoder(lengthPrefixed(uint8));
  decoder.push(bytes("\x02a"));
  const frame = decoder.open()!;
  assert.equal(latin1(frame.read()!), "a");
  decoder.end();
  const error = failure(() => frame.read());
  assert.ok(error instanceof TruncatedFrameError);
  assert.equal(failure(() => frame.read()), error);
});
