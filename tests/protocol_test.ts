import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameEncoder, lengthPrefixed, lines, text, uint32 } from "../mod.ts";
import { frameLimit, protocolOf } from "../src/protocol.ts";
import { bytes } from "./support/bytes.ts";

test("frameLimit() is 1 MiB unless the protocol says otherwise", () => {
  assert.equal(frameLimit({}), 1_048_576);
  assert.equal(frameLimit({ maxFrameLength: 7 }), 7);
  assert.equal(frameLimit({ maxFrameLength: 0 }), 0);
  assert.equal(frameLimit({ maxFrameLength: Infinity }), Infinity);
  assert.equal(frameLimit({ maxFrameLength: 2 ** 53 - 1 }), 2 ** 53 - 1);
});

test("frameLimit() refuses limits that are none", () => {
  for (const maxFrameLength of [-1, 1.5, NaN, -Infinity, 2 ** 53, "7"]) {
    const protocol = { framer: lines(), maxFrameLength: maxFrameLength as number };
    assert.throws(() => frameLimit(protocol), RangeError);
    assert.throws(() => new FrameDecoder(protocol), RangeError);
    assert.throws(() => new FrameEncoder(protocol), RangeError);
    const decoder = new FrameDecoder({ framer: lines() });
    assert.throws(() => decoder.switchTo(protocol), RangeError);
    assert.throws(() => new FrameEncoder({ framer: lines() }).switchTo(protocol), RangeError);
  }
  assert.throws(
    () => frameLimit({ maxFrameLength: -1 }),
    /^RangeError: Cannot limit frames to -1 bytes: maxFrameLength is an integer from 0$/,
  );
});

test("frameLimit() is the same number on receiving and on sending", () => {
  const protocol = { framer: lengthPrefixed(uint32) };
  const [most, more] = [new Uint8Array(1_048_576), new Uint8Array(1_048_577)];
  const encoder = new FrameEncoder(protocol);
  encoder.write(most);
  assert.throws(() => encoder.write(more), RangeError);
  const decoder = new FrameDecoder(protocol);
  for (const chunk of encoder.drain()) decoder.push(chunk);
  assert.equal(decoder.read()!.length, 1_048_576);
  decoder.push(bytes("\0\x10\0\x01"));
  assert.throws(() => decoder.read(), /frame of 1048577 bytes at offset 1048580: limit is 1048576/);
});

test("protocolOf() makes a protocol of a framer alone, and leaves protocols as they are", () => {
  const framer = lines();
  assert.deepEqual(protocolOf(framer), { framer });
  const protocol = { framer, codec: text() };
  assert.equal(protocolOf(protocol), protocol);
});
