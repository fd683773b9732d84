import assert from "node:assert/strict";
import { test } from "node:test";
import { fixed, FrameDecoder, owned } from "../../mod.ts";
import { bytes } from "../support/bytes.ts";

test("owned() copies what it decodes, and nothing around it", () => {
  const chunk = bytes("one");
  const copy = owned().decode(chunk.subarray(1));
  chunk.fill(0);
  assert.deepEqual(copy, bytes("ne"));
  assert.equal(copy.buffer.byteLength, 2);
});

test("owned() passes on what it encodes", () => {
  const message = bytes("one");
  assert.equal(owned().encode(message), message);
});

test("owned() lets go of the chunk that a frame came in", () => {
  const decoder = new FrameDecoder({ framer: fixed(1), codec: owned() });
  decoder.push(new Uint8Array(65_536));
  assert.equal(decoder.read()!.buffer.byteLength, 1);
});
