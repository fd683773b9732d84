import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  afterBom,
  ber,
  type ByteReader,
  contentLength,
  decimal,
  decimalUntil,
  delimited,
  fixed,
  FrameDecoder,
  type Framer,
  headed,
  hex,
  inclusive,
  lengthField,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  marked,
  netstring,
  tagged,
  terminated,
  uint16,
  uint32,
  uint64,
  uint8,
  untilClose,
  varint,
} from "../../mod.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { deliveries, type Delivery, outcome } from "../support/outcomes.ts";

function sizeAtEnd(header: Uint8Array): number {
  return Number(/(\d)$/.exec(String.fromCharCode(...header))?.[1]);
}

const unwritten = () => {};

/** Frames of nested braces, found by a framer that keeps its position in `memo`. */
const braces: Framer = {
  measure(input: ByteReader) {
    let { at, depth } = (input.memo ?? { at: 0, depth: 0 }) as { at: number; depth: number };
    for (let byte = input.peek(at); byte !== undefined; byte = input.peek(++at)) {
      if (byte === 0x7b) depth++;
      else if (depth === 0) throw new MalformedFrameError("a brace is missing");
      else if (byte === 0x7d && --depth === 0) return at + 1;
    }
    input.memo = { at, depth };
    return undefined;
  },
  write: unwritten,
};

/** A number of lines, then the lines: one delimiter is searched for from several offsets. */
const block: Framer = {
  measure(input) {
    const count = input.readUint(1);
    if (count === undefined) return undefined;
    let length = 0;
    for (let line = 0; line < count % 4; line++) {
      input.skip(length);
      const at = input.find(LF);
      input.skip(-length);
      if (at === undefined) return undefined;
      length += at + 1;
    }
    return length;
  },
  write: unwritten,
};
const LF = Uint8Array.of(0x0a);

/** Braces with white space before them, which belongs to no frame, and comments, which are reported. */
const spaced: Framer = {
  measure(input) {
    for (;;) {
      if (input.peek() === 0x20) input.discard(1);
      else if (input.peek() === 0x23) input.discard(1, "a comment");
      else break;
    }
    return braces.measure(input);
  },
  write: unwritten,
};

/** Discards everything up to a brace, as much of it at a time as has arrived. */
const noisy: Framer = {
  measure(input) {
    const at = input.find(BRACE, { within: input.length }) ?? input.length;
    input.discard(at, "no brace");
    return braces.measure(input);
  },
  write: unwritten,
};
const BRACE = Uint8Array.of(0x7b);

/** A frame of one byte, and a trailer of several bytes that is dropped if it comes next. */
const trailed: Framer = {
  measure(input) {
    if (input.length === 0) return undefined;
    input.expect(bytes("abc"), { optional: true });
    return 1;
  },
  write: unwritten,
};

/** Beginnings of other protocols. */
const foreign = ["GET / HTTP/1.1\r\n", "HTTP", "SSH-2.0", "\x16\x03\x01\0", "text"];

/** Each framer with pieces from which hostile streams for it are made. */
const framers: readonly (readonly [name: string, framer: Framer, pieces: readonly string[]])[] = [
  ["fixed(3)", fixed(3), ["a", "bc"]],
  ["lines()", lines(), ["a", "b", "\r", "\n", "\r\n", "GET "]],
  ["lines({ strict })", lines({ strict: true }), ["a", "b", "\r", "\n", "\r\n", "SSH-"]],
  ["delimited(CRLF)", delimited("\r\n"), ["a", "\r", "\n", "\r\n", "HTTP"]],
  ["delimited(aab)", delimited("aab"), ["a", "b", "c", "aab"]],
  ["delimited(keep)", delimited("ab", { keep: true }), ["a", "b", "c", "ab"]],
  ["delimited(several)", delimited(["b", "abc", "bcd", "ac"]), ["a", "b", "c", "d", "x"]],
  ["delimited(several, keep)", delimited(["a", "aa", "aab"], { keep: true }), ["a", "b", "x"]],
  ["delimited(ends)", delimited(["\r", "\n", "\r\n"]), ["a", "\r", "\n"]],
  [
    "delimited(ten)",
    delimited(["a", "ba", "cba", "dcba", "abcd", "bcd", "cd", "dd", "ad", "ac"]),
    ["a", "b", "c", "d", "x"],
  ],
  ["lengthPrefixed(uint8)", lengthPrefixed(uint8), ["\0", "\x01", "\x03", "a", "\xff"]],
  ["lengthPrefixed(uint16)", lengthPrefixed(uint16), ["\0", "\x01", "\x03", "a", ...foreign]],
  ["lengthPrefixed(uint32)", lengthPrefixed(uint32), ["\0\0\0", "\x02", "a", ...foreign]],
  [
    "lengthPrefixed(uint64)",
    lengthPrefixed(uint64),
    ["\0\0\0\0\0\0\0", "\x01", "\x04", "\x20", ...foreign],
  ],
  ["lengthPrefixed(varint)", lengthPrefixed(varint), ["\0", "\x01", "\x03", "\x80", "\xff", "a"]],
  ["lengthPrefixed(decimal)", lengthPrefixed(decimal(2)), ["0", "1", "3", "a", "-"]],
  ["lengthPrefixed(hex)", lengthPrefixed(inclusive(hex(2), 2)), ["0", "1", "5", "a", "F", "x"]],
  ["lengthPrefixed(until)", lengthPrefixed(decimalUntil("::")), ["0", "3", ":", "::", "a"]],
  ["netstring()", netstring(), ["0", "1", "3", ":", ",", "a", "1:a,", "0:,"]],
  [
    "lengthField()",
    lengthField({ offset: 1, size: 1, counts: "frame", skip: 1 }),
    ["\0", "\x01", "\x02", "\x04", "a"],
  ],
  [
    "lengthField(skip)",
    lengthField({ size: 1, adjust: -1, skip: 3 }),
    ["\0", "\x01", "\x03", "\x05", "a"],
  ],
  [
    "tagged()",
    tagged({
      0x61: 1,
      0x62: lines(),
      0x63: netstring(),
      0x64: lengthPrefixed(uint8),
      0x65: marked("<", ">>"),
      0x66: delimited(["ab", "b"], { keep: true }),
      0x67: headed("\n", sizeAtEnd, { maxHeaderLength: 3 }),
      0x68: tagged({ 0x61: lines({ strict: true }), 0x62: headed("\r\n", sizeAtEnd) }),
      0x69: braces,
      0x6a: block,
    }),
    [..."abcdefghij", "\n", "\r\n", "1:a,", "\x02", "<a>", ">", "2\n", "{", "}"],
  ],
  ["headed()", headed("\n", sizeAtEnd, { maxHeaderLength: 4 }), ["a", "0", "2", "\n", "bb"]],
  ["headed(keep)", headed("\r\n", sizeAtEnd, { maxHeaderLength: 4, keep: true }), [
    "a",
    "0",
    "2",
    "\r",
    "\n",
    "\r\n",
  ]],
  ["contentLength()", contentLength({ maxHeaderLength: 20 }), [
    "Content-Length:2\r\n\r\n",
    "content-length:0",
    "X:y\r\n",
    "\r\n",
    "\n",
    "ab",
    "GET ",
  ]],
  ["marked()", marked("<<", ">>"), ["<", "<<", ">", ">>", "a"]],
  ["marked(noise)", marked("<<", ">>", { noise: "skip" }), ["<", "<<", ">", ">>", "a"]],
  ["marked(aab, noise)", marked("aab", "b", { noise: "skip" }), ["a", "b", "aab", "x"]],
  ["lines({ cr })", lines({ cr: true }), ["a", "b", "\r", "\n", "\r\n", "GET "]],
  ["lines({ cr, strict })", lines({ cr: true, strict: true }), ["a", "\r", "\n", "\r\n"]],
  ["lines({ skipEmpty })", lines({ skipEmpty: true }), ["a", "\r", "\n", "\r\n"]],
  ["lines({ cr, skipEmpty })", lines({ cr: true, skipEmpty: true }), ["a", "\r", "\n", "\r\n"]],
  ["delimited(last)", delimited("::", { last: "optional" }), ["a", ":", "::"]],
  [
    "delimited(several, last, keep)",
    delimited(["a", "aa", "aab"], { keep: true, last: "optional" }),
    ["a", "b", "x"],
  ],
  [
    "delimited(several, last, skipEmpty)",
    delimited(["b", "abc", "ac"], { last: "optional", skipEmpty: true }),
    ["a", "b", "c", "x"],
  ],
  ["delimited(skipEmpty, keep)", delimited("ab", { keep: true, skipEmpty: true }), [
    "a",
    "b",
    "ab",
  ]],
  ["headed(2)", headed(2, (header) => header[1]! & 3), ["a", "\0", "\x01", "\x02"]],
  ["headed(2, keep)", headed(2, ([, size]) => size! - 0x30, { keep: true }), ["a", "0", "3", "/"]],
  [
    "tagged(function)",
    tagged((type) => [3, lines({ cr: true }), netstring(), 0][type - 0x61]),
    [..."abcde", "\r", "\n", "1:a,"],
  ],
  ["terminated(netstring())", terminated(netstring(), "\r\n"), ["1:a,", "0:,", "\r", "\n", "\r\n"]],
  ["terminated(lines())", terminated(lines({ skipEmpty: true }), "."), [
    "a",
    "\n",
    "\r\n",
    ".",
    "b",
  ]],
  ["terminated(lines({ cr }))", terminated(lines({ cr: true }), "."), ["a", "\n", "\r", ".", "b"]],
  ["afterBom(lines())", afterBom(lines()), ["\xef", "\xbb", "\xbf", "\xef\xbb\xbf", "\n", "a"]],
  ["ber()", ber(), ["\x30", "\x02", "\x1f", "\x81", "\x82", "\0", "\x01", "\x80", "\xff"]],
  ["a framer that skips white space", spaced, [" ", "#", "{", "}", "{}", "a"]],
  ["a framer that skips noise", noisy, ["a", "bb", "{", "}", "{}"]],
  ["a framer with an optional trailer", trailed, ["a", "b", "c", "ab", "abc", "x"]],
  ["untilClose()", untilClose(), ["a", "bb"]],
  ["a scanning framer", braces, ["{", "}", "{}", "a", '{"a":1}']],
  ["a framer of several lines", block, ["\0", "\x01", "\x03", "a", "\n"]],
];

for (const [name, framer, pieces] of framers) {
  test(`${name} yields the same frames and the same error however a hostile stream is cut`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 7 }),
        fc.constantFrom(0, 1, 2, 3, 5, Infinity),
        fc.array(fc.record({ size: fc.nat(5), asks: fc.boolean() }), {
          minLength: 1,
          maxLength: 6,
        }),
        (parts, limit, cuts) => {
          const stream = bytes(parts.join(""));
          const whole = outcome(framer, limit, { chunks: [stream], asks: true });
          for (const delivery of deliveries(stream, cuts)) {
            const cut = outcome(framer, limit, delivery);
            assert.deepEqual(cut, whole, `cut into ${delivery.chunks.map((one) => one.length)}`);
          }
        },
      ),
      { numRuns: 120 },
    );
  });
}

/** Returns the frames, reports and end of a stream whose invalid frames are reported and skipped. */
function skipping(framer: Framer, maxFrameLength: number, { chunks, asks }: Delivery): unknown[] {
  const events: unknown[] = [];
  const decoder = new FrameDecoder(
    { framer, maxFrameLength },
    ({ name, message }) => events.push(["report", name, message]),
  );
  const drain = () =>
    decoder.visit((bytes, start, end) => {
      events.push(["frame", latin1(bytes.subarray(start, end))]);
    });
  try {
    for (const [index, chunk] of chunks.entries()) {
      decoder.push(chunk.slice());
      if (typeof asks === "boolean" ? asks : asks[index % asks.length]) drain();
    }
    decoder.end();
    drain();
    events.push("clean");
  } catch (error) {
    const { name, message, offset } = error as Error & { offset?: number };
    const { expectedLength, partial } = error as { expectedLength?: number; partial?: Uint8Array };
    events.push([name, message, offset, expectedLength, partial && latin1(partial)]);
  }
  return events;
}

for (const [name, framer, pieces] of framers) {
  test(`${name} yields the same frames and reports however a hostile stream is cut`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 9 }),
        fc.constantFrom(0, 1, 2, 3, 5),
        fc.array(fc.record({ size: fc.nat(5), asks: fc.boolean() }), {
          minLength: 1,
          maxLength: 6,
        }),
        (parts, limit, cuts) => {
          const stream = bytes(parts.join(""));
          const whole = skipping(framer, limit, { chunks: [stream], asks: true });
          for (const delivery of deliveries(stream, cuts)) {
            const cut = skipping(framer, limit, delivery);
            assert.deepEqual(cut, whole, `cut into ${delivery.chunks.map((one) => one.length)}`);
          }
        },
      ),
      { numRuns: 120 },
    );
  });
}

const alternatives: readonly (readonly [name: string, inner: Framer])[] = [
  ["delimited({ keep })", delimited("\n", { keep: true })],
  ["delimited({ keep }) of several", delimited(["\n", "\r\n"], { keep: true })],
  ["lines({ strict })", lines({ strict: true })],
  ["delimited()", delimited("\r\n")],
  ["marked()", marked("a", "\n")],
  ["netstring()", netstring()],
  ["tagged()", tagged({ 0x61: lines({ strict: true }), 0x62: delimited("\n", { keep: true }) })],
];
for (const [name, inner] of alternatives) {
  test(`${name} leaves the reader unchanged for a framer that is tried after it`, () => {
    const rest = untilClose();
    const framer: Framer = {
      measure: (input) => inner.measure(input) ?? rest.measure(input),
      write: unwritten,
    };
    const check = (stream: Uint8Array, limit: number, cuts: { size: number; asks: boolean }[]) => {
      const whole = outcome(framer, limit, { chunks: [stream], asks: true });
      const { frames } = whole;
      assert.ok(frames.join("").length <= stream.length);
      for (const delivery of deliveries(stream, cuts)) {
        assert.deepEqual(outcome(framer, limit, delivery), whole);
      }
      return whole;
    };
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b", "\r", "\n", "\r\n", "one", "1:", ","), { maxLength: 7 }),
        fc.constantFrom(1, 3, Infinity),
        (parts, limit) => {
          check(bytes(parts.join("")), limit, [{ size: 2, asks: true }]);
        },
      ),
      { numRuns: 120 },
    );
    if (name.startsWith("delimited({ keep })")) {
      const { frames, end } = check(bytes("one\ntwo\r"), Infinity, [{ size: 3, asks: true }]);
      assert.deepEqual([frames, end], [["one\n", "two\r"], "clean"]);
    }
    if (name.startsWith("lines(")) {
      const { frames, end } = check(bytes("one\ntwo\r"), Infinity, [{ size: 3, asks: true }]);
      assert.deepEqual([frames, end], [["one", "two\r"], "clean"]);
    }
  });
}

test("FrameDecoder reports a frame over the limit in the same words, even if its framer has a memo", () => {
  const stream = bytes("{{}}");
  const whole = outcome(braces, 3, { chunks: [stream], asks: true });
  const one = { chunks: Array.from(stream, (byte) => Uint8Array.of(byte)), asks: true };
  assert.deepEqual(outcome(braces, 3, one), whole);
});
