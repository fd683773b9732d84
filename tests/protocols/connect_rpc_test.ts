import { test } from "node:test";
import { connectRpc } from "../../protocols.ts";
import { hex } from "../support/bytes.ts";
import { verifyGolden, verifyHostile, verifyInvalid } from "../support/golden.ts";

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

test("connectRpc() reads and writes its messages", () => verifyGolden(connectRpc(), cases));

test("connectRpc() reports a message with unknown flags", () => {
  verifyInvalid(connectRpc(), hex("84 00 00 00 01 ff"), cases[0]!, /unknown flags 132$/);
});

test("connectRpc() refuses a length over its limit at once", () => {
  verifyHostile(connectRpc(), hex("00 ff ff ff ff"));
});
