/**
 * Time is linear in the number of bytes received, however small the chunks. Most tests count operations;
 * the others use streams that would take minutes in quadratic time.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ByteReader,
  contentLength,
  delimited,
  FrameDecoder,
  type Framer,
  headed,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  tagged,
  uint32,
} from "../mod.ts";
import { bytes } from "./support/bytes.ts";
import { countLooks } from "./support/counting.ts";
import { drip, watch } from "./support/watched.ts";

/** Frames of nested braces, found by a framer that keeps its position in `memo`. */
const braces: Framer = {
  measure(input) {
    let { at, depth } = (input.memo ?? { at: 0, depth: 0 }) as { at: number; depth: number };
    for (let byte = input.peek(at); byte !== undefined; byte = input.peek(++at)) {
      if (byte === 0x7b) depth++;
      else if (byte === 0x7d && --depth === 0) return at + 1;
    }
    input.memo = { at, depth };
    return undefined;
  },
  write: () => {},
};

const long = "x".repeat(100_000);

const slowly: readonly (readonly [name: string, framer: Framer, frame: string])[] = [
  ["lines()", lines(), `${long}\n`],
  ["delimited(CRLFCRLF)", delimited("\r\n\r\n"), `${long}\r\n\r\n`],
  ["delimited(several)", delimited(["\n", "\r\n", "abc"]), `${long}abc`],
  ["lengthPrefixed(uint32)", lengthPrefixed(uint32), `\0\x01\x86\xa0${long}`],
  ["netstring()", netstring(), `100000:${long},`],
  ["contentLength()", contentLength(), `Content-Length: 100000\r\n\r\n${long}`],
  ["tagged() over lines()", tagged({ 0x2b: lines() }), `+${long}\n`],
  ["tagged() over braces", tagged({ 0x2b: braces }), `+{${long}}`],
  ["marked()", marked("<<", ">>"), `<<${long}>>`],
];

test("FrameDecoder reads a frame of 32 MiB in small chunks in linear time", () => {
  // 65,536 chunks: quadratic time would take minutes.
  const chunk = bytes("x".repeat(510) + "\r\r");
  for (const framer of [delimited(["\n", "\r\n", "\r\r\n"]), marked("x", "\r\n\r\n")]) {
    const decoder = new FrameDecoder({ framer, maxFrameLength: Infinity });
    for (let count = 0; count < 65_536; count++) {
      decoder.push(chunk);
      if (decoder.read() !== undefined) assert.fail("the frame is incomplete");
    }
    decoder.push(bytes("\n\r\n\r\n"));
    assert.ok(decoder.read()!.length > 33_000_000);
  }
});

test("FrameDecoder reads many buffered frames in linear time", () => {
  // 100,000 frames, and delimiters that never occur.
  const stream = bytes("ab\n".repeat(100_000));
  const framer = delimited(["\n", "\0", "\x01\x02"]);
  const decoder = new FrameDecoder({ framer });
  for (let at = 0; at < stream.length; at += 700) decoder.push(stream.slice(at, at + 700));
  let frames = 0;
  decoder.visit(() => frames++);
  assert.equal(frames, 100_000);
});

test("FrameDecoder fails in linear time on a frame that is far too long", () => {
  const decoder = new FrameDecoder({ framer: lines(), maxFrameLength: 10_000_000 });
  decoder.push(new Uint8Array(20_000_000));
  assert.throws(() => decoder.read(), /more than 10000000 bytes/);
});

for (const [name, framer, frame] of slowly) {
  test(`${name} calls at each byte a bounded number of times when 100 KB arrive byte by byte`, () => {
    const watched = watch(framer);
    assert.equal(drip(watched.framer, bytes(frame + frame), 1), 2);
    const { length } = frame;
    assert.ok(watched.asked() <= 2 * length + 8, `asked ${watched.asked()} times`);
    assert.ok(watched.calls() <= 10 * length + 200, `${watched.calls()} calls`);
  });
}

test("ByteReader.memo lets a scanning framer look at each byte once, however deep the nesting", () => {
  for (const size of [1, 7, 600]) {
    const stream = bytes(`${"{".repeat(30_000)}${"}".repeat(30_000)}{}`);
    const watched = watch(braces);
    assert.equal(drip(watched.framer, stream, size), 2);
    const most = stream.length + 2 * Math.ceil(stream.length / size) + 4;
    assert.ok(watched.calls() <= most, `${watched.calls()} calls in chunks of ${size}`);
  }
});

test("ByteReader.find() looks at each byte a bounded number of times in a stream of small chunks", () => {
  const skipping: readonly ((input: ByteReader, needle: Uint8Array) => void)[] = [
    () => {},
    // After a type byte, as in tagged().
    (input) => input.skip(1),
    // After lines with the same delimiter.
    (input, needle) => {
      for (let line = 0; line < 3; line++) input.skip((input.find(needle) ?? 0) + needle.length);
    },
    // After searches for many other delimiters.
    (input) => {
      for (let other = 1; other < 20; other++) input.find(Uint8Array.of(other));
    },
  ];
  for (const skip of skipping) {
    for (const size of [1, 16, 700]) {
      const stream = bytes(`-${"\r\n\r\n".repeat(3)}${"x".repeat(8000)}`);
      const looks = countLooks((counted) => {
        const needle = counted(bytes("\r\n\r\n"));
        const framer: Framer = {
          measure(input) {
            skip(input, needle);
            const length = input.find(needle);
            input.drop(needle.length);
            return length;
          },
          write: () => {},
        };
        drip(framer, stream, size);
      });
      assert.ok(looks <= 30 * stream.length, `${looks} calls`);
    }
  }
});

test("ByteReader.find() compares each byte with a long delimiter a bounded number of times", () => {
  const streams: readonly (readonly [name: string, delimiter: string, stream: string])[] = [
    ["a partial match at every byte", `${"a".repeat(999)}b`, "a".repeat(6000)],
    ["a repeated partial match", `${"ab".repeat(400)}c`, `${"ab".repeat(399)}d`.repeat(8)],
    [
      "a match without its last byte",
      `\r\n--${"x".repeat(500)}`,
      `\r\n--${"x".repeat(499)}`.repeat(12),
    ],
    ["a mismatch in the middle", `${"a".repeat(500)}b${"a".repeat(499)}`, "a".repeat(6000)],
    ["a delimiter that overlaps itself", "aab".repeat(300) + "x", "aab".repeat(2500)],
    ["a short delimiter that overlaps itself", "aaaaaaaaaaaaaaab", "a".repeat(6000)],
  ];
  for (const [name, delimiter, stream] of streams) {
    for (const size of [1, 3, 100, 700, stream.length]) {
      let frames = 0;
      const needle = bytes(delimiter);
      const all = bytes(stream + delimiter);
      const looks = countLooks((counted) => {
        const sought = counted(needle);
        const framer: Framer = {
          measure(input) {
            const at = input.find(sought);
            if (at !== undefined) input.drop(needle.length);
            return at;
          },
          write: () => {},
        };
        const decoder = new FrameDecoder({ framer });
        for (let at = 0; at < all.length; at += size) {
          decoder.push(counted(all.slice(at, at + size)));
          decoder.visit(() => frames++);
        }
      });
      assert.equal(frames, 1, name);
      const most = 8 * (all.length + needle.length) + 20 * Math.ceil(all.length / size);
      const short = needle.length <= 16 ? needle.length * all.length : 0;
      assert.ok(looks <= most + short, `${name} by ${size}: ${looks} calls at ${all.length} bytes`);
    }
  }
});

test("headed() calls bodyLength at most twice for each frame", () => {
  let calls = 0;
  const framer = headed("\r\n", () => {
    calls++;
    return 1000;
  });
  const frame = `${"x".repeat(5000)}\r\n${"x".repeat(1000)}`;
  assert.equal(drip(framer, bytes(frame.repeat(5)), 1), 5);
  assert.ok(calls <= 10, `${calls} calls`);
});
