import { test } from "node:test";
import { grpcWeb } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, hex } from "../support/bytes.ts";
import { golden, hostile, invalid } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const cases = [
  {
    message: { trailers: false, compressed: false, data: hex("08 01") },
    bytes: hex("00 00 00 00 02 08 01"),
  },
  {
    message: { trailers: false, compressed: true, data: hex("1f 8b 08") },
    bytes: hex("01 00 00 00 03 1f 8b 08"),
  },
  {
    message: { trailers: true, compressed: false, data: bytes("grpc-status:0\r\n") },
    bytes: bytes("\x80\0\0\0\x0fgrpc-status:0\r\n"),
  },
  {
    message: { trailers: true, compressed: true, data: new Uint8Array(0) },
    bytes: hex("81 00 00 00 00"),
  },
];

test(
  "grpcWeb() reads and writes its messages",
  bounded,
  () => verifyProtocol(grpcWeb(), [golden(cases)]),
);

test("grpcWeb() reports a message with unknown flags", bounded, async () => {
  await verifyProtocol(grpcWeb(), [
    ...invalid(cases[0]!, /unknown flags 2$/, hex("02 00 00 00 01 ff")),
  ]);
});

test("grpcWeb() refuses a length over its limit at once", bounded, async () => {
  await verifyProtocol(grpcWeb(), [hostile(hex("00 ff ff ff ff"))]);
});
