import assert from "node:assert/strict";
import { test } from "node:test";
import { asymmetric, fixed, FrameDecoder, FrameEncoder, lines, netstring } from "../mod.ts";
import { bytes, latin1 } from "./support/bytes.ts";

test("asymmetric() takes the direction of a protocol that is asymmetric itself", () => {
  const inner = asymmetric({ read: lines(), write: netstring() });
  const writes = new FrameEncoder(asymmetric({ read: fixed(1), write: inner }));
  writes.write(bytes("hello"));
  assert.equal(writes.drain().map(latin1).join(""), "5:hello,");
  const outer = asymmetric({ read: inner, write: fixed(1) });
  const reads = new FrameDecoder(outer);
  reads.push(bytes("a\nb\n"));
  assert.deepEqual(Array.from(reads, latin1), ["a", "b"]);
  const encoder = new FrameEncoder(outer);
  encoder.write(bytes("x"));
  assert.equal(encoder.drain().map(latin1).join(""), "x");
});
