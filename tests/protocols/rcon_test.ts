import { test } from "node:test";
import { rcon } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, hex } from "../support/bytes.ts";
import { fatal, golden, hostile, invalid, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

/** Authentication, its failure, and an empty response. */
const cases = [
  {
    message: { id: 1, type: 3, body: bytes("secret") },
    bytes: bytes("\x10\0\0\0\x01\0\0\0\x03\0\0\0secret\0\0"),
  },
  {
    message: { id: -1, type: 2, body: bytes("") },
    bytes: hex("0a 00 00 00 ff ff ff ff 02 00 00 00 00 00"),
  },
  {
    message: { id: 7, type: 0, body: bytes("") },
    bytes: hex("0a 00 00 00 07 00 00 00 00 00 00 00 00 00"),
  },
];

test("rcon() reads and writes packets", bounded, () => verifyProtocol(rcon(), [golden(cases)]));

test("rcon() refuses lengths below 10 and over its limit", bounded, async () => {
  const rest = " 07 00 00 00 00 00 00 00 00 00";
  await verifyProtocol(rcon(), [
    fatal(cases[0]!, hex(`09 00 00 00${rest}`), /shorter than the header/),
    hostile(hex(`0b 10 00 00${rest}`)),
    hostile(hex(`ff ff ff ff${rest}`)),
  ]);
});

test(
  "rcon() reports a body without its zero bytes, and writes none with one",
  bounded,
  async () => {
    const unfinished = ["a\0b", "ab\0"].map((end) => bytes(`\x0b\0\0\0\x07\0\0\0\0\0\0\0${end}`));
    await verifyProtocol(rcon(), [
      ...invalid(cases[0]!, /zero bytes after the body are missing/, ...unfinished),
    ]);
    verifyRefused(rcon(), { id: 1, type: 2, body: bytes("a\0b") }, TypeError);
    verifyRefused(rcon(), { id: 1, type: 2, body: new Uint8Array(4097).fill(65) }, RangeError);
  },
);
