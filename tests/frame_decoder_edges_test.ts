import assert from "node:assert/strict";
import { test } from "node:test";
import {
  delimited,
  fixed,
  FrameDecoder,
  type Framer,
  FrameTooLargeError,
  lengthPrefixed,
  lines,
  TruncatedFrameError,
  uint8,
  untilClose,
} from "../mod.ts";
import { bytes, chunksOf, latin1 } from "./support/bytes.ts";
import { failure } from "./support/framing.ts";

test("FrameDecoder releases all bytes when it refuses a frame", () => {
  const decoder = new FrameDecoder({ framer: lines(), maxFrameLength: 4 });
  decoder.push(bytes("ab\n12345678"));
  assert.equal(latin1(decoder.read()!), "ab");
  assert.equal(decoder.buffered, 8);
  assert.ok(failure(() => decoder.read()) instanceof FrameTooLargeError);
  assert.equal(decoder.buffered, 0);
});

test("FrameDecoder.push() releases bytes that arrive after an error", () => {
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint8), maxFrameLength: 4 });
  decoder.push(bytes("\x05"));
  const error = failure(() => decoder.read());
  for (let count = 0; count < 3; count++) {
    decoder.push(new Uint8Array(1000));
    assert.equal(decoder.buffered, 0);
    assert.equal(failure(() => decoder.read()), error);
  }
});

test("FrameDecoder.advance() releases bytes that arrive after an error", () => {
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint8), maxFrameLength: 4 });
  decoder.push(bytes("\x05"));
  const error = failure(() => decoder.read());
  for (let count = 0; count < 3; count++) {
    decoder.advance(decoder.room().length);
    assert.equal(decoder.buffered, 0);
    assert.equal(failure(() => decoder.read()), error);
  }
});

/** A framer that searches for the end of a header, and then knows the length of the frame. */
const afterHeader: Framer = {
  measure(input) {
    const end = input.find(bytes("\n"));
    if (end === undefined) return undefined;
    input.skip(end + 1);
    return 100;
  },
  write: () => {},
};

test("FrameTooLargeError.length is limit + 1 if the end of the frame was searched for", () => {
  const searched: readonly (readonly [Framer, string])[] = [
    [lines(), "12345678\n"],
    [delimited("\r\n"), "12345678\r\n"],
    [delimited("\r\n", { keep: true }), "123\r\n"],
    [delimited(["\n", "\n\n"]), "12345678\n\n"],
    [untilClose(), "12345678"],
    [afterHeader, "\n"],
  ];
  for (const [framer, stream] of searched) {
    for (let size = 1; size <= stream.length; size++) {
      const decoder = new FrameDecoder({ framer, maxFrameLength: 4 });
      const error = failure(() => {
        for (const chunk of chunksOf(bytes(stream), size)) {
          decoder.push(chunk);
          decoder.read();
        }
      });
      assert.ok(error instanceof FrameTooLargeError, `${error}`);
      assert.deepEqual([error.length, error.limit], [5, 4], `${stream} by ${size}`);
    }
  }
});

test("FrameDecoder.detach() returns the unread bytes of an ended stream", () => {
  const streams: readonly (readonly [Framer, string, frames: number, rest: string])[] = [
    [lines(), "", 0, ""],
    [lines(), "one\n", 1, ""],
    [lines(), "one\ntwo\nthree", 1, "two\nthree"],
    [lines(), "one\ntw", 1, "tw"],
    [fixed(4), "abcdefg", 1, "efg"],
    [lengthPrefixed(uint8), "\x02ab\x05ab", 1, "\x05ab"],
    [untilClose(), "abc", 0, "abc"],
  ];
  for (const [framer, stream, frames, rest] of streams) {
    const decoder = new FrameDecoder({ framer });
    decoder.push(bytes(stream));
    decoder.end();
    for (let count = 0; count < frames; count++) assert.ok(decoder.read());
    assert.equal(latin1(decoder.detach()), rest, stream);
    assert.equal(decoder.buffered, 0);
  }
});

test("FrameDecoder.detach() leaves the decoder ended and empty", () => {
  const decoder = new FrameDecoder({ framer: lines() });
  decoder.push(bytes("one\ntwo\n"));
  assert.equal(latin1(decoder.detach()), "one\ntwo\n");
  assert.equal(decoder.read(), undefined);
  assert.deepEqual(decoder.readAll(), []);
  assert.deepEqual(decoder.detach(), new Uint8Array(0));
  assert.throws(() => decoder.push(bytes("three\n")), TypeError);
});

test("FrameDecoder.detach() throws the error of a stream that ended inside a frame", () => {
  const decoder = new FrameDecoder({ framer: fixed(4) });
  decoder.push(bytes("ab"));
  decoder.end();
  const error = failure(() => decoder.read());
  assert.ok(error instanceof TruncatedFrameError);
  assert.equal(failure(() => decoder.detach()), error);
});
