import { test } from "node:test";
import { thrift } from "../../protocols.ts";
import { hex } from "../support/bytes.ts";
import { verifyGolden, verifyHostile } from "../support/golden.ts";

/** A call of "ping" in the binary protocol, and an empty frame. */
const call = hex("80 01 00 01 00 00 00 04 70 69 6e 67 00 00 00 01 00");
const cases = [
  { message: call, bytes: Uint8Array.of(0, 0, 0, 17, ...call) },
  { message: new Uint8Array(0), bytes: hex("00 00 00 00") },
];

test("thrift() reads and writes framed messages", () => verifyGolden(thrift(), cases));

test("thrift() refuses lengths over its limit, such as unframed calls and negative ones", () => {
  verifyHostile(thrift(), call);
  verifyHostile(thrift(), hex("ff ff ff ff"));
  verifyHostile(thrift(), hex("00 fa 00 01"));
});
