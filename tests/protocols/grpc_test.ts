import { test } from "node:test";
import { grpc } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex } from "../support/bytes.ts";
import { golden, hostile, invalid } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const cases = [
  { message: { compressed: false, data: hex("08 01") }, bytes: hex("00 00 00 00 02 08 01") },
  { message: { compressed: true, data: hex("1f 8b 08") }, bytes: hex("01 00 00 00 03 1f 8b 08") },
  { message: { compressed: false, data: new Uint8Array(0) }, bytes: hex("00 00 00 00 00") },
];

test(
  "grpc() reads and writes its messages",
  bounded,
  () => verifyProtocol(grpc(), [golden(cases)]),
);

test("grpc() reports a message with unknown flags", bounded, async () => {
  await verifyProtocol(grpc(), [
    ...invalid(cases[0]!, /unknown flags 2$/, hex("02 00 00 00 01 ff")),
  ]);
});

test("grpc() refuses a length over its limit at once", bounded, async () => {
  await verifyProtocol(grpc(), [hostile(hex("00 ff ff ff ff"))]);
});
