import { test } from "node:test";
import { dns } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { concat } from "../../src/bytes/concat.ts";
import { hex } from "../support/bytes.ts";
import { golden, invalid, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const query = hex(
  "12 34 01 00 00 01 00 00 00 00 00 00 07 65 78 61 6d 70 6c 65 03 63 6f 6d 00 00 01 00 01",
);
const response = hex("ff fe 81 83 00 00 00 00 00 00 00 00");
const cases = [
  { message: { id: 0x1234, response: false, data: query }, bytes: concat([hex("00 1d"), query]) },
  {
    message: { id: 0xfffe, response: true, data: response },
    bytes: concat([hex("00 0c"), response]),
  },
];

test(
  "dns() reads and writes messages over TCP",
  bounded,
  () => verifyProtocol(dns(), [golden(cases)]),
);

test("dns() reports a message without a whole header", bounded, async () => {
  await verifyProtocol(dns(), [
    ...invalid(cases[0]!, /DNS header is incomplete/, hex("00 02 12 34")),
    ...invalid(cases[0]!, /DNS header is incomplete/, hex("00 00")),
  ]);
  verifyRefused(dns(), { data: hex("12 34") }, TypeError);
});

test("dns() refuses to write a message that its length cannot announce", () => {
  verifyRefused(dns(), { data: new Uint8Array(65_536) }, RangeError);
});
