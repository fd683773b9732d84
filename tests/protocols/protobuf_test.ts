import { test } from "node:test";
import { protobuf } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex, numbered } from "../support/bytes.ts";
import { concat } from "../../src/bytes/concat.ts";
import { fatal, golden, hostile } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const long = numbered(300);
const cases = [
  { message: hex("08 96 01"), bytes: hex("03 08 96 01") },
  { message: new Uint8Array(0), bytes: hex("00") },
  { message: long, bytes: concat([hex("ac 02"), long]) },
];

test(
  "protobuf() reads and writes delimited messages",
  bounded,
  () => verifyProtocol(protobuf(), [golden(cases)]),
);

test(
  "protobuf() refuses a length over its limit at once, and one that does not end",
  bounded,
  async () => {
    await verifyProtocol(protobuf(), [
      hostile(hex("ff ff ff ff 07")),
      fatal(cases[0]!, new Uint8Array(10).fill(0xff), /varint has more than 10 bytes/),
    ]);
  },
);
