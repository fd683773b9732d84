import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameEncoder, FrameTooLargeError } from "../../mod.ts";
import { mysql } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, chunksOf, hex } from "../support/bytes.ts";
import { golden, hostile, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const FULL = 0xffffff;

/** COM_QUERY, an OK packet, and an empty packet whose number is the last before 0. */
const cases = [
  {
    message: { sequence: 0, nextSequence: 1, payload: hex("03 53 45 4c 45 43 54 20 31") },
    bytes: hex("09 00 00 00 03 53 45 4c 45 43 54 20 31"),
  },
  {
    message: { sequence: 1, nextSequence: 2, payload: hex("00 00 00 02 00 00 00") },
    bytes: hex("07 00 00 01 00 00 00 02 00 00 00"),
  },
  {
    message: { sequence: 255, nextSequence: 0, payload: new Uint8Array(0) },
    bytes: hex("00 00 00 ff"),
  },
];

test(
  "mysql() reads and writes its packets",
  bounded,
  () => verifyProtocol(mysql(), [golden(cases)]),
);

test("mysql() joins packets of 16 MiB, also with an empty last one", () => {
  for (const [rest, last] of [[0, "00 00 00 00"], [1, "01 00 00 00"]] as const) {
    const payload = new Uint8Array(FULL + rest).fill(7);
    const encoder = new FrameEncoder(mysql());
    encoder.write({ sequence: 255, payload });
    const bytes = concat(encoder.drain());
    assert.deepEqual(bytes.subarray(0, 4), hex("ff ff ff ff"));
    assert.deepEqual(bytes.subarray(4 + FULL, 8 + FULL), hex(last));
    const decoder = new FrameDecoder(mysql());
    for (let at = 0; at < bytes.length; at += 1_000_003) {
      assert.equal(decoder.read(), undefined);
      decoder.push(bytes.subarray(at, at + 1_000_003));
    }
    const message = decoder.read()!;
    assert.deepEqual([message.sequence, message.nextSequence], [255, 1]);
    assert.equal(Buffer.compare(message.payload, payload), 0);
  }
});

test("mysql() waits for a continuing packet, wherever its header is cut", () => {
  const full = concat([hex("ff ff ff 07"), new Uint8Array(FULL)]);
  const rest = hex("01 00 00 08 2a");
  for (let cut = 0; cut < rest.length; cut++) {
    const decoder = new FrameDecoder(mysql());
    decoder.push(full);
    decoder.push(rest.subarray(0, cut));
    assert.equal(decoder.read(), undefined);
    decoder.push(concat([rest.subarray(cut), hex("00 00 00 00")]));
    const { sequence, nextSequence, payload } = decoder.read()!;
    assert.deepEqual([sequence, nextSequence, payload.length, payload[FULL]], [
      7,
      9,
      FULL + 1,
      0x2a,
    ]);
    assert.deepEqual(decoder.read(), { sequence: 0, nextSequence: 1, payload: new Uint8Array(0) });
  }
});

test("mysql() refuses a packet out of order within a message", () => {
  const decoder = new FrameDecoder(mysql());
  decoder.push(concat([hex("ff ff ff 00"), new Uint8Array(FULL), hex("01 00 00 02 00")]));
  assert.throws(() => decoder.read(), /packet has sequence number 2: expected 1/);
});

test("mysql() limits the whole message by what its packets announce", bounded, async () => {
  await verifyProtocol({ ...mysql(), maxFrameLength: 1024 }, [hostile(hex("ff ff ff 00"))]);
  const decoder = new FrameDecoder({ ...mysql(), maxFrameLength: FULL + 1024 });
  decoder.push(concat([hex("ff ff ff 00"), new Uint8Array(FULL), hex("00 04 00 01")]));
  assert.throws(() => decoder.read(), FrameTooLargeError);
});

test("mysql() refuses an invalid sequence number", () => {
  verifyRefused(mysql(), { sequence: 256, payload: new Uint8Array(0) }, RangeError);
});

test(
  "mysql() reads the message after a long one over the limit, however it arrives",
  bounded,
  () => {
    const encoder = new FrameEncoder({ ...mysql(), maxFrameLength: Infinity });
    encoder.write({ sequence: 0, payload: new Uint8Array(FULL + 200_000) });
    encoder.write({ sequence: 7, payload: bytes("a") });
    const stream = concat(encoder.drain());
    for (const size of [100_000, stream.length]) {
      const decoder = new FrameDecoder({ ...mysql(), maxFrameLength: 16_900_000 }, () => {});
      const sequences: number[] = [];
      for (const chunk of chunksOf(stream, size)) {
        decoder.push(chunk);
        for (const { sequence } of decoder) sequences.push(sequence);
      }
      assert.deepEqual(sequences, [7]);
    }
  },
);
