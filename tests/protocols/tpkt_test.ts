import { test } from "node:test";
import { tpkt } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex } from "../support/bytes.ts";
import { fatal, golden, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

/** A connection request and a data unit. */
const cases = [
  {
    message: hex("06 e0 00 00 00 01 00"),
    bytes: hex("03 00 00 0b 06 e0 00 00 00 01 00"),
  },
  { message: hex("02 f0 80"), bytes: hex("03 00 00 07 02 f0 80") },
];

test("tpkt() reads and writes packets", bounded, () => verifyProtocol(tpkt(), [golden(cases)]));

test("tpkt() refuses other versions and lengths below 4", bounded, async () => {
  await verifyProtocol(tpkt(), [
    fatal(cases[0]!, hex("04 00 00 07"), /version 4 is not supported/),
    fatal(cases[0]!, hex("03 00 00 03"), /shorter than the header/),
  ]);
  verifyRefused(tpkt(), new Uint8Array(65_532), RangeError);
});
