import { test } from "node:test";
import { connectRpc } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex } from "../support/bytes.ts";
import { golden, hostile, invalid } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const cases = [
  {
    message: { endStream: false, compressed: false, data: hex("08 01") },
    bytes: hex("00 00 00 00 02 08 01"),
  },
  {
    message: { endStream: false, compressed: true, data: hex("1f 8b 08") },
    bytes: hex("01 00 00 00 03 1f 8b 08"),
  },
  {
    message: { endStream: true, compressed: false, data: hex("7b 7d") },
    bytes: hex("02 00 00 00 02 7b 7d"),
  },
  {
    message: { endStream: true, compressed: true, data: new Uint8Array(0) },
    bytes: hex("03 00 00 00 00"),
  },
];

test(
  "connectRpc() reads and writes its messages",
  bounded,
  () => verifyProtocol(connectRpc(), [golden(cases)]),
);

test("connectRpc() reports a message with unknown flags", bounded, async () => {
  await verifyProtocol(connectRpc(), [
    ...invalid(cases[0]!, /unknown flags 132$/, hex("84 00 00 00 01 ff")),
  ]);
});

test("connectRpc() refuses a length over its limit at once", bounded, async () => {
  await verifyProtocol(connectRpc(), [hostile(hex("00 ff ff ff ff"))]);
});
