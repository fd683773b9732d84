import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Connection,
  FrameDecoder,
  FrameDecoderStream,
  FrameEncoder,
  FrameEncoderStream,
  lengthPrefixed,
  lines,
  type Protocol,
  readFrames,
  text,
  uint32,
} from "../mod.ts";
import { frameLimit, protocolOf } from "../src/protocol.ts";
import { bytes } from "./support/bytes.ts";

/** Every function and constructor that takes a protocol. */
const takers: readonly ((protocol: Protocol) => unknown)[] = [
  protocolOf,
  (protocol) => new FrameDecoder(protocol),
  (protocol) => new FrameDecoder(lines()).switchTo(protocol),
  (protocol) => new FrameEncoder(protocol),
  (protocol) => new FrameEncoder(lines()).switchTo(protocol),
  (protocol) => new FrameDecoderStream(protocol),
  (protocol) => new FrameEncoderStream(protocol),
  (protocol) => readFrames(new ReadableStream(), protocol),
  (protocol) => new Connection(new TransformStream<Uint8Array, Uint8Array>(), protocol),
  (protocol) =>
    new Connection(new TransformStream<Uint8Array, Uint8Array>(), lines()).switchTo(protocol),
];

test("frameLimit() returns 1 MiB by default", () => {
  assert.equal(frameLimit({}), 1_048_576);
  assert.equal(frameLimit({ maxFrameLength: 7 }), 7);
  assert.equal(frameLimit({ maxFrameLength: 0 }), 0);
  assert.equal(frameLimit({ maxFrameLength: Infinity }), Infinity);
  assert.equal(frameLimit({ maxFrameLength: 2 ** 53 - 1 }), 2 ** 53 - 1);
});

test("frameLimit() refuses invalid limits", () => {
  for (const maxFrameLength of [-1, 1.5, NaN, -Infinity, 2 ** 53, "7", null]) {
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
    /^RangeError: Invalid maxFrameLength -1: expected a non-negative integer or Infinity$/,
  );
});

test("frameLimit() applies to receiving and sending alike", () => {
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

test("protocolOf() wraps a bare framer, and returns a protocol unchanged", () => {
  const framer = lines();
  assert.deepEqual(protocolOf(framer), { framer });
  const protocol = { framer, codec: text() };
  assert.equal(protocolOf(protocol), protocol);
});

test("protocolOf() refuses a missing framer, and a framer factory that was not called", () => {
  const fault = (type: string) =>
    `Invalid framer of type ${type}: expected an object with measure and write`;
  const cases: readonly [unknown, string][] = [
    [undefined, fault("undefined")],
    [null, fault("undefined")],
    [{}, fault("undefined")],
    [{ codec: text() }, fault("undefined")],
    [lines, fault("undefined")],
    [{ framer: lines }, fault("function")],
    [{ framer: "lines" }, fault("string")],
    [{ framer: null }, fault("object")],
    [{ framer: { measure: () => 1 } }, fault("object")],
    [{ measure: () => 1 }, fault("object")],
  ];
  for (const [protocol, message] of cases) {
    for (const take of takers) {
      assert.throws(() => take(protocol as Protocol), { name: "TypeError", message });
    }
  }
});

test("protocolOf() refuses a codec factory that was not called, and a codec that lacks a method", () => {
  const fault = (type: string) =>
    `Invalid codec of type ${type}: expected an object with decode and encode`;
  const cases: readonly [unknown, string][] = [
    [text, fault("function")],
    [null, fault("object")],
    ["text", fault("string")],
    [new TextDecoder(), fault("object")],
    [{ encode: () => new Uint8Array() }, fault("object")],
  ];
  for (const [codec, message] of cases) {
    for (const take of takers) {
      const protocol = { framer: lines(), codec } as unknown as Protocol;
      assert.throws(() => take(protocol), { name: "TypeError", message });
    }
  }
  assert.doesNotThrow(() => protocolOf({ framer: lines(), codec: undefined as never }));
});
