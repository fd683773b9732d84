import { test } from "node:test";
import { ninep } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, hex } from "../support/bytes.ts";
import { fatal, golden, hostile, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

/** Tversion and Rclunk. */
const cases = [
  {
    message: { type: 100, tag: 65_535, body: bytes("\0\x20\0\0\x06\x009P2000") },
    bytes: bytes("\x13\0\0\0d\xff\xff\0\x20\0\0\x06\x009P2000"),
  },
  {
    message: { type: 121, tag: 258, body: new Uint8Array(0) },
    bytes: hex("07 00 00 00 79 02 01"),
  },
];

test("ninep() reads and writes messages", bounded, () => verifyProtocol(ninep(), [golden(cases)]));

test(
  "ninep() refuses lengths below 7, hostile ones, and numbers that do not fit",
  bounded,
  async () => {
    await verifyProtocol(ninep(), [
      fatal(cases[0]!, hex("06 00 00 00 79 01 00"), /shorter than the header/),
      hostile(hex("ff ff ff ff 79 01 00")),
    ]);
    verifyRefused(ninep(), { type: 256, tag: 0, body: hex("00") }, RangeError);
  },
);
