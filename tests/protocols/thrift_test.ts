import { test } from "node:test";
import { thrift } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex } from "../support/bytes.ts";
import { golden, hostile } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

/** A call of "ping" in the binary protocol, and an empty frame. */
const call = hex("80 01 00 01 00 00 00 04 70 69 6e 67 00 00 00 01 00");
const cases = [
  { message: call, bytes: Uint8Array.of(0, 0, 0, 17, ...call) },
  { message: new Uint8Array(0), bytes: hex("00 00 00 00") },
];

test(
  "thrift() reads and writes framed messages",
  bounded,
  () => verifyProtocol(thrift(), [golden(cases)]),
);

test(
  "thrift() refuses lengths over its limit, such as unframed calls and negative ones",
  bounded,
  async () => {
    await verifyProtocol(thrift(), [
      hostile(call),
      hostile(hex("ff ff ff ff")),
      hostile(hex("00 fa 00 01")),
    ]);
  },
);
