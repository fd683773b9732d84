import assert from "node:assert/strict";
import { test } from "node:test";
import { type Codec, delimited, FrameDecoder } from "../../mod.ts";
import { readingLines } from "../../src/codecs/text.ts";
import { chunksOf } from "../support/bytes.ts";

/** The lines of a frame. */
const codec: Codec<Uint8Array, string[]> = {
  ...readingLines((text, start, end) => text.slice(start, end).split("\n")),
  encode: (lines) => new TextEncoder().encode(lines.join("\n")),
};

const encoder = new TextEncoder();

test("readingLines() decodes lines that end with LF, CR or CRLF", () => {
  assert.deepEqual(codec.decode(encoder.encode("a\r\nb\rc\nd\n\re")), [
    "a",
    "b",
    "c",
    "d",
    "",
    "e",
  ]);
  assert.deepEqual(codec.decode(encoder.encode("")), [""]);
});

test("readingLines() decodes the same lines in every cut, of ASCII and of other text", () => {
  for (const frames of ["a\nb|c||d\ne", "a\r\nb|c\rd|e\nf|\r", "a\nb|€\r\n\ufeffc|d\ne"]) {
    const expected = frames.split("|").map((frame) => codec.decode(encoder.encode(frame)));
    const stream = encoder.encode(`${frames}|`);
    for (let size = 1; size <= stream.length; size++) {
      const decoder = new FrameDecoder({ framer: delimited("|"), codec });
      const found: string[][] = [];
      for (const chunk of chunksOf(stream, size)) {
        decoder.push(chunk);
        found.push(...decoder.readAll());
      }
      assert.deepEqual(found, expected, `in chunks of ${size}`);
    }
  }
});
