import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Codec, CodecError, compose, FrameDecoder, json, lines, text } from "../../mod.ts";
import type { CodedChunk, DirectCodec } from "../../src/codecs/direct_codec.ts";
import { bytes, chunksOf } from "../support/bytes.ts";

/** Decodes the lines of a stream; `!` marks a line that is not UTF-8. */
function linesOf(stream: Uint8Array, cut: number): string[] {
  const decoder = new FrameDecoder({ framer: lines(), codec: text() });
  const found: string[] = [];
  for (const chunk of chunksOf(stream, cut)) {
    decoder.push(chunk);
    for (let more = true; more;) {
      try {
        const line = decoder.read();
        if (line === undefined) more = false;
        else found.push(line);
      } catch (error) {
        assert.ok(error instanceof CodecError);
        found.push(`! ${error.frame}`);
      }
    }
  }
  return found;
}

/** Decodes the frame `chunk.bytes[start, end)`. */
function decodeFrom<Message>(
  codec: Codec<Uint8Array, Message>,
  chunk: CodedChunk,
  takenStart: number,
  takenEnd: number,
): Message {
  const taken = chunk.bytes;
  const keep = () => taken.subarray(takenStart, takenEnd);
  const direct: DirectCodec<Uint8Array, Message> = codec;
  return direct.decodeFrom!({ chunk, taken, takenStart, takenEnd, retain() {}, keep });
}

/** The reference: decodes each line with a `TextDecoder`. */
function expected(stream: Uint8Array): string[] {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const found: string[] = [];
  let at = 0;
  for (let end; (end = stream.indexOf(10, at)) >= 0; at = end + 1) {
    const line = stream.slice(at, end > at && stream[end - 1] === 13 ? end - 1 : end);
    try {
      found.push(decoder.decode(line));
    } catch {
      found.push(`! ${line}`);
    }
  }
  return found;
}

const pieces = fc.constantFrom(
  "plain",
  "\n",
  "\r\n",
  "é",
  "€",
  "🙂",
  "\ufeff",
  "\ufffd",
  "\0",
  "x",
);
const wrong = fc.constantFrom([0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xc0, 0x80]);

test("text() decodes valid and invalid lines the same, however many share a chunk", () => {
  const piece = fc.oneof(
    { weight: 12, arbitrary: pieces.map((text) => [...new TextEncoder().encode(text)]) },
    { weight: 1, arbitrary: wrong },
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 60 }),
      fc.integer({ min: 1, max: 200 }),
      (list, cut) => {
        const stream = Uint8Array.from([...list.flat(), 10]);
        assert.deepEqual(linesOf(stream, cut), expected(stream));
        assert.deepEqual(linesOf(stream, stream.length), expected(stream));
      },
    ),
    { numRuns: 1000 },
  );
});

test("text() decodes a chunk of ASCII once, however many lines it has", () => {
  const original = TextDecoder.prototype.decode;
  let calls = 0;
  TextDecoder.prototype.decode = function (...args) {
    calls++;
    return original.apply(this, args);
  };
  try {
    const decoder = new FrameDecoder({ framer: lines(), codec: text() });
    decoder.push(bytes("a line\n".repeat(1000)));
    assert.deepEqual([...decoder], new Array(1000).fill("a line"));
  } finally {
    TextDecoder.prototype.decode = original;
  }
  assert.equal(calls, 2);
});

test("json() and compose() also decode a chunk once", () => {
  const upper = compose(text(), {
    decode: (line: string) => line.toUpperCase(),
    encode: (line: string) => line.toLowerCase(),
  });
  const chunk = { bytes: bytes("[1]\n[2]\n[3]\n"), memo: undefined };
  assert.deepEqual([0, 4, 8].map((at) => decodeFrom(json(), chunk, at, at + 3)), [[1], [2], [3]]);
  const loud = { bytes: bytes("ab\ncd\n"), memo: undefined };
  assert.deepEqual([0, 3].map((at) => decodeFrom(upper, loud, at, at + 2)), ["AB", "CD"]);
});

test("text() ignores another codec's memo of a chunk", () => {
  for (const memo of [Symbol("another's"), "ZZZZZZ", 1, null]) {
    const chunk = { bytes: bytes("ab\ncd\n"), memo: memo as unknown };
    assert.equal(decodeFrom(text(), chunk, 3, 5), "cd");
    assert.equal(decodeFrom(text(), chunk, 0, 2), "ab");
  }
});

test("text() reports a frame that is not UTF-8, and decodes the next one", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text() });
  decoder.push(Uint8Array.of(0x61, 10, 0x62, 10, 0xff, 10, 0x63, 10));
  assert.equal(decoder.read(), "a");
  assert.equal(decoder.read(), "b");
  assert.throws(() => decoder.read(), (error) => {
    assert.ok(error instanceof CodecError);
    assert.deepEqual(error.frame, Uint8Array.of(0xff));
    return true;
  });
  assert.equal(decoder.read(), "c");
});
