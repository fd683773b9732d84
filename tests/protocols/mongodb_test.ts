import { test } from "node:test";
import { mongodb } from "../../protocols.ts";
import { hex } from "../support/bytes.ts";
import {
  verifyFatal,
  verifyGolden,
  verifyHostile,
  verifyRefused,
  verifyWrites,
} from "../support/golden.ts";

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

test("mongodb() reads and writes its messages", () => {
  verifyGolden(mongodb(), cases);
  verifyWrites(mongodb(), [{ message: { requestId: 7, body }, bytes }]);
});

test("mongodb() refuses lengths that are not from 16 to 48,000,000", () => {
  const rest = " 00 00 00 00 00 00 00 00 00 00 00 00";
  for (const length of ["0f 00 00 00", "00 00 00 00"]) {
    verifyFatal(mongodb(), cases[0]!, hex(length + rest), /shorter than the header/);
  }
  verifyHostile(mongodb(), hex("01 6c dc 02" + rest));
  verifyHostile(mongodb(), hex("ff ff ff ff" + rest));
  verifyRefused(mongodb(), { requestId: 1, body: new Uint8Array(48_000_000) }, RangeError);
});

test("mongodb() refuses numbers that are not 32-bit integers", () => {
  for (const requestId of [2 ** 31, -(2 ** 31) - 1, 0.5, NaN]) {
    verifyRefused(mongodb(), { requestId, body }, RangeError);
  }
});
