import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameEncoder } from "../../mod.ts";
import { tds } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { concat } from "../../src/bytes/concat.ts";
import { hex, numbered } from "../support/bytes.ts";
import { fatal, golden, hostile, read, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const cases = [
  {
    message: { type: 18, status: 0, processId: 0, data: hex("ff") },
    bytes: hex("12 01 00 09 00 00 01 00 ff"),
  },
  {
    message: { type: 1, status: 8, processId: 51, data: hex("53 00") },
    bytes: hex("01 09 00 0a 00 33 01 00 53 00"),
  },
  {
    message: { type: 6, status: 0, processId: 0, data: new Uint8Array(0) },
    bytes: hex("06 01 00 08 00 00 01 00"),
  },
];
const joined = {
  message: { type: 4, status: 0, processId: 51, data: hex("aa bb cc") },
  bytes: hex("04 00 00 09 00 33 01 00 aa 04 00 00 08 00 33 02 00 04 01 00 0a 00 33 03 00 bb cc"),
};

test(
  "tds() reads and writes messages of one packet",
  bounded,
  () => verifyProtocol(tds(), [golden(cases)]),
);

test("tds() joins the packets of a message", bounded, async () => {
  await verifyProtocol(tds(), [read(joined), read(cases[0]!, joined, cases[1]!)]);
});

test("tds() writes packets of packetSize bytes, with all status bits in their place", () => {
  for (const length of [504, 505, 1008, 1009]) {
    const data = numbered(length);
    const encoder = new FrameEncoder(tds({ packetSize: 512 }));
    encoder.write({ type: 3, status: 8 | 2, data });
    const bytes = concat(encoder.drain());
    const count = Math.ceil(length / 504);
    assert.equal(bytes.length, length + 8 * count);
    for (let number = 1; number <= count; number++) {
      const status = (number === 1 ? 8 : 0) | (number === count ? 3 : 0);
      const at = 512 * (number - 1);
      assert.deepEqual([bytes[at], bytes[at + 1], bytes[at + 6]], [3, status, number]);
    }
    const decoder = new FrameDecoder(tds());
    decoder.push(bytes);
    assert.deepEqual(decoder.read(), { type: 3, status: 10, processId: 0, data });
  }
});

test(
  "tds() refuses lengths below 8, and packets of another type in a message",
  bounded,
  async () => {
    await verifyProtocol(tds(), [
      fatal(cases[0]!, hex("04 01 00 07 00 00 01 00"), /shorter than the header/),
    ]);
    const mixed = hex("04 00 00 08 00 00 01 00 03 01 00 08 00 00 02 00");
    await verifyProtocol(tds(), [
      fatal(cases[0]!, mixed, /packet of type 3 in a message of type 4/),
    ]);
  },
);

test("tds() limits the whole message", bounded, async () => {
  await verifyProtocol({ ...tds(), maxFrameLength: 100 }, [
    hostile(hex("04 00 00 09 00 00 01 00 aa 04 01 00 5c 00 00 02 00")),
  ]);
});

test("tds() refuses an invalid packetSize and an invalid type", () => {
  for (const packetSize of [511, 32_768, NaN]) assert.throws(() => tds({ packetSize }), RangeError);
  verifyRefused(tds(), { type: 256, data: hex("00") }, RangeError);
});
