import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { asymmetric, FrameDecoder, FrameEncoder } from "../../mod.ts";
import { bolt, boltHandshake } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { concat } from "../../src/bytes/concat.ts";
import { hex, numbered } from "../support/bytes.ts";
import { golden, hostile, invalid, read, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

/** RESET, an empty message to keep the connection alive, and SUCCESS. */
const cases = [
  { message: hex("b0 0f"), bytes: hex("00 02 b0 0f 00 00") },
  { message: new Uint8Array(0), bytes: hex("00 00") },
  { message: hex("b1 70 a0"), bytes: hex("00 03 b1 70 a0 00 00") },
];

test(
  "bolt() reads and writes messages of one chunk",
  bounded,
  () => verifyProtocol(bolt(), [golden(cases)]),
);

test("bolt() joins chunks", bounded, async () => {
  await verifyProtocol(bolt(), [
    read({ message: hex("b1 70 a0"), bytes: hex("00 01 b1 00 02 70 a0 00 00") }, {
      message: hex("b1 70 a0"),
      bytes: hex("00 01 b1 00 01 70 00 01 a0 00 00"),
    }, cases[1]!),
  ]);
});

test("bolt() writes chunks of at most 65,535 bytes", () => {
  for (const length of [65_535, 65_536, 131_070]) {
    const message = numbered(length);
    const encoder = new FrameEncoder(bolt());
    encoder.write(message);
    const bytes = concat(encoder.drain());
    assert.equal(bytes.length, length + 2 * Math.ceil(length / 65_535) + 2);
    const decoder = new FrameDecoder(bolt());
    decoder.push(bytes);
    assert.equal(Buffer.compare(decoder.read()!, message), 0);
  }
});

test("bolt() limits the whole message", bounded, async () => {
  await verifyProtocol({ ...bolt(), maxFrameLength: 100 }, [hostile(hex("00 02 b0 0f 00 60"))]);
});

const offer = {
  message: [
    { major: 5, minor: 4, range: 4 },
    { major: 4, minor: 1, range: 0 },
    { major: 0, minor: 0, range: 0 },
    { major: 0, minor: 0, range: 0 },
  ],
  bytes: hex("60 60 b0 17 00 04 04 05 00 00 01 04 00 00 00 00 00 00 00 00"),
};
const choice = { message: { major: 5, minor: 4, range: 0 }, bytes: hex("00 00 04 05") };

test("boltHandshake() reads and writes versions on both sides", bounded, async () => {
  const server = boltHandshake({ side: "server" });
  await verifyProtocol(asymmetric({ read: boltHandshake(), write: server }), [golden([choice])]);
  const written = [[{ major: 5, minor: 4, range: 4 }, { major: 4, minor: 1 }]];
  await verifyProtocol(asymmetric({ read: server, write: boltHandshake() }), [
    golden([offer]),
    { ...golden([offer]), written },
  ]);
});

test(
  "boltHandshake() reports another protocol, and refuses invalid versions",
  bounded,
  async () => {
    const server = boltHandshake({ side: "server" });
    const http = new TextEncoder().encode("GET / HTTP/1.1\r\nHost");
    await verifyProtocol(server, [...invalid(offer, /it is not Bolt's handshake/, http)]);
    verifyRefused(server, { major: 256, minor: 0 }, RangeError);
    const five = Array.from({ length: 5 }, () => choice.message);
    verifyRefused(boltHandshake(), five, RangeError);
  },
);

test("boltHandshake() refuses an unknown side", () => {
  assert.throws(() => boltHandshake({ side: "peer" as "client" }), RangeError);
});
