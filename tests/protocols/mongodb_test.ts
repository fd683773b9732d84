import { test } from "node:test";
import { mongodb } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex } from "../support/bytes.ts";
import { fatal, golden, hostile, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const body = hex("00 00 00 00 00 05 00 00 00 00");
const bytes = hex(
  "1a 00 00 00 07 00 00 00 00 00 00 00 dd 07 00 00 00 00 00 00 00 05 00 00 00 00",
);
const cases = [
  { message: { requestId: 7, responseTo: 0, opCode: 2013, body }, bytes },
  {
    message: { requestId: -2, responseTo: 7, opCode: 1, body: new Uint8Array(0) },
    bytes: hex("10 00 00 00 fe ff ff ff 07 00 00 00 01 00 00 00"),
  },
];

test("mongodb() reads and writes its messages", bounded, async () => {
  await verifyProtocol(mongodb(), [
    golden(cases),
    { ...golden(cases.slice(0, 1)), written: [{ requestId: 7, body }] },
  ]);
});

test("mongodb() refuses lengths that are not from 16 to 48,000,000", bounded, async () => {
  const rest = " 00 00 00 00 00 00 00 00 00 00 00 00";
  await verifyProtocol(mongodb(), [
    fatal(cases[0]!, hex("0f 00 00 00" + rest), /shorter than the header/),
    fatal(cases[0]!, hex("00 00 00 00" + rest), /shorter than the header/),
    hostile(hex("01 6c dc 02" + rest)),
    hostile(hex("ff ff ff ff" + rest)),
  ]);
  verifyRefused(mongodb(), { requestId: 1, body: new Uint8Array(48_000_000) }, RangeError);
});

test("mongodb() refuses numbers that are not 32-bit integers", () => {
  for (const requestId of [2 ** 31, -(2 ** 31) - 1, 0.5, NaN]) {
    verifyRefused(mongodb(), { requestId, body }, RangeError);
  }
});
