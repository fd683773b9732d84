import assert from "node:assert/strict";
import { test } from "node:test";
import { type Codec, FrameDecoder, lengthPrefixed, uint8 } from "../../mod.ts";
import { reading } from "../../src/codecs/reading.ts";
import { bytes } from "../support/bytes.ts";

/** Frames without their first byte. */
const codec: Codec<Uint8Array, Uint8Array> = {
  ...reading((memory, start, end) => memory.subarray(start + 1, end)),
  encode: (message) => message,
};

test("reading() decodes a frame by itself, and in the memory of its stream", () => {
  assert.deepEqual(codec.decode(bytes("-abc")), bytes("abc"));
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint8), codec });
  for (const chunk of ["\x04-ab", "c\x03-de\x01-\x02-", "f"]) decoder.push(bytes(chunk));
  assert.deepEqual(decoder.readAll(), ["abc", "de", "", "f"].map(bytes));
});

test("reading() keeps the bytes of messages in memory that is lent to a socket", () => {
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint8), codec });
  const messages: (Uint8Array | undefined)[] = [];
  for (const chunk of ["\x03-ab\x03-cd", "\x03-ef", "\x03-", "gh"]) {
    decoder.room().set(bytes(chunk));
    decoder.advance(chunk.length);
    messages.push(...decoder.readAll());
  }
  assert.deepEqual(messages, ["ab", "cd", "ef", "gh"].map(bytes));
});
