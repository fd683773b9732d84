import { test } from "node:test";
import { cobs } from "../../protocols.ts";
import { verifyFramer, verifyProtocol } from "../../testing.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, hex, numbered } from "../support/bytes.ts";
import { golden, invalid } from "../support/cases.ts";
import { bounded, within } from "../support/limits.ts";

const slow = within(60_000);

function counting(from: number, to: number): Uint8Array {
  return Uint8Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

test("cobs() reads and writes packets", slow, async () => {
  // The examples that are commonly given.
  await verifyProtocol(cobs(), [golden([
    { message: hex("00"), bytes: hex("01 01 00") },
    { message: hex("00 00"), bytes: hex("01 01 01 00") },
    { message: hex("00 11 00"), bytes: hex("01 02 11 01 00") },
    { message: hex("11 22 00 33"), bytes: hex("03 11 22 02 33 00") },
    { message: hex("11 22 33 44"), bytes: hex("05 11 22 33 44 00") },
    { message: hex("11 00 00 00"), bytes: hex("02 11 01 01 01 00") },
    { message: bytes(""), bytes: hex("01 00") },
  ])]);
  const block = counting(1, 254);
  await verifyProtocol(cobs(), [golden([
    { message: block, bytes: concat([hex("ff"), block, hex("00")]) },
    { message: concat([hex("00"), block]), bytes: concat([hex("01 ff"), block, hex("00")]) },
    { message: counting(1, 255), bytes: concat([hex("ff"), block, hex("02 ff 00")]) },
    {
      message: concat([counting(2, 255), hex("00")]),
      bytes: concat([hex("ff"), counting(2, 255), hex("01 01 00")]),
    },
    {
      message: concat([counting(3, 255), hex("00 01")]),
      bytes: concat([hex("fe"), counting(3, 255), hex("02 01 00")]),
    },
  ])]);
  await verifyProtocol(cobs(), [{ messages: [numbered(600), bytes(""), numbered(1)] }]);
  verifyFramer(cobs().framer, [{ frames: ["a"], bytes: hex("00 00 61 00") }]);
});

test("cobs() reports an incomplete block", bounded, async () => {
  const next = { message: hex("00"), bytes: hex("01 01 00") };
  await verifyProtocol(cobs(), [
    ...invalid(next, /incomplete block/, hex("05 11 22 00")),
    ...invalid(next, /incomplete block/, hex("02 00")),
  ]);
});
