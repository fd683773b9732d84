import { test } from "node:test";
import { rfc4571 } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex } from "../support/bytes.ts";
import { golden, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

test("rfc4571() reads and writes packets", bounded, async () => {
  await verifyProtocol(rfc4571(), [golden([
    { message: hex("80 c8 00 01"), bytes: hex("00 04 80 c8 00 01") },
    { message: new Uint8Array(0), bytes: hex("00 00") },
  ])]);
});

test("rfc4571() refuses to write a packet that its length cannot announce", () => {
  verifyRefused(rfc4571(), new Uint8Array(65_536), RangeError);
});
