import assert from "node:assert/strict";
import { test } from "node:test";
import { fixed, FrameDecoder, owned } from "../../mod.ts";
import { bytes } from "../support/bytes.ts";

test("owned() copies the frame that it decodes, and nothing around it", () => {
  const chunk = bytes("one");
  const copy = owned().decode(chunk.subarray(1));
  chunk.fill(0);
  assert.deepEqual(copy, bytes("ne"));
  assert.equal(copy.buffer.byteLength, 2);
});

test("owned() encodes a message as itself", () => {
  const message = bytes("one");
  assert.equal(owned().encode(message), message);
});

test("owned() does not keep the frame's chunk alive", () => {
  const decoder = new FrameDecoder({ framer: fixed(1), codec: owned() });
  decoder.push(new Uint8Array(65_536));
  assert.equal(decoder.read()!.buffer.byteLength, 1);
});
