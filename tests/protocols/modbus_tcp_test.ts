import { test } from "node:test";
import { modbusTcp } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex } from "../support/bytes.ts";
import { fatal, golden, hostile, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

/** Reading holding registers, its response, an exception, and a function without data. */
const cases = [
  {
    message: { transactionId: 1, unitId: 17, functionCode: 3, data: hex("00 6b 00 03") },
    bytes: hex("00 01 00 00 00 06 11 03 00 6b 00 03"),
  },
  {
    message: {
      transactionId: 65_535,
      unitId: 255,
      functionCode: 3,
      data: hex("06 02 2b 00 00 00 64"),
    },
    bytes: hex("ff ff 00 00 00 09 ff 03 06 02 2b 00 00 00 64"),
  },
  {
    message: { transactionId: 1, unitId: 0, functionCode: 0x83, data: hex("02") },
    bytes: hex("00 01 00 00 00 03 00 83 02"),
  },
  {
    message: { transactionId: 0, unitId: 1, functionCode: 7, data: new Uint8Array(0) },
    bytes: hex("00 00 00 00 00 02 01 07"),
  },
];

test(
  "modbusTcp() reads and writes messages",
  bounded,
  () => verifyProtocol(modbusTcp(), [golden(cases)]),
);

test(
  "modbusTcp() refuses another protocol and lengths that are not from 2 to 254",
  bounded,
  async () => {
    await verifyProtocol(modbusTcp(), [
      fatal(cases[0]!, hex("00 01 00 01 00 02 01 07"), /identifier is not 0/),
      fatal(cases[0]!, hex("00 01 01 00 00 02 01 07"), /identifier is not 0/),
      fatal(cases[0]!, hex("00 01 00 00 00 01 01 07"), /shorter than the header/),
      hostile(hex("00 01 00 00 00 ff 01 07")),
    ]);
  },
);

test("modbusTcp() refuses numbers and data that do not fit", () => {
  const message = { transactionId: 1, unitId: 1, functionCode: 1, data: new Uint8Array(252) };
  verifyRefused(modbusTcp(), { ...message, data: new Uint8Array(253) }, RangeError);
  verifyRefused(modbusTcp(), { ...message, transactionId: 65_536 }, RangeError);
  verifyRefused(modbusTcp(), { ...message, unitId: -1 }, RangeError);
});
