import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameEncoder, json, type Protocol } from "../../mod.ts";
import { protobuf, thrift } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex, numbered } from "../support/bytes.ts";
import { concat } from "../../src/bytes/concat.ts";
import { fatal, golden, hostile } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const long = numbered(300);
const cases = [
  { message: hex("08 96 01"), bytes: hex("03 08 96 01") },
  { message: new Uint8Array(0), bytes: hex("00") },
  { message: long, bytes: concat([hex("ac 02"), long]) },
];

test(
  "protobuf() reads and writes delimited messages",
  bounded,
  () => verifyProtocol(protobuf(), [golden(cases)]),
);

test(
  "protobuf() refuses a length over its limit at once, and one that does not end",
  bounded,
  async () => {
    await verifyProtocol(protobuf(), [
      hostile(hex("ff ff ff ff 07")),
      fatal(cases[0]!, new Uint8Array(10).fill(0xff), /varint has more than 10 bytes/),
    ]);
  },
);

test("protobuf() and thrift() take a codec for their messages", () => {
  for (const framing of [protobuf(), thrift()]) {
    const protocol: Protocol<{ id: number }> = { ...framing, codec: json<{ id: number }>() };
    const encoder = new FrameEncoder(protocol);
    encoder.write({ id: 1 });
    const decoder = new FrameDecoder(protocol);
    for (const chunk of encoder.drain()) decoder.push(chunk);
    assert.deepEqual(decoder.readAll(), [{ id: 1 }]);
  }
});
