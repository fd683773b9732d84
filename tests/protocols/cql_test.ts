import { test } from "node:test";
import { cql } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex } from "../support/bytes.ts";
import { fatal, golden, hostile, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

/** STARTUP, READY, an event, and a frame of version 5. */
const cases = [
  {
    message: {
      version: 4,
      response: false,
      flags: 0,
      stream: 1,
      opcode: 1,
      body: hex("00 00"),
    },
    bytes: hex("04 00 00 01 01 00 00 00 02 00 00"),
  },
  {
    message: {
      version: 3,
      response: true,
      flags: 2,
      stream: 32_767,
      opcode: 2,
      body: new Uint8Array(0),
    },
    bytes: hex("83 02 7f ff 02 00 00 00 00"),
  },
  {
    message: { version: 4, response: true, flags: 0, stream: -1, opcode: 12, body: hex("07") },
    bytes: hex("84 00 ff ff 0c 00 00 00 01 07"),
  },
  {
    message: {
      version: 5,
      response: false,
      flags: 0,
      stream: 0,
      opcode: 5,
      body: new Uint8Array(0),
    },
    bytes: hex("05 00 00 00 05 00 00 00 00"),
  },
];

test("cql() reads and writes frames", bounded, async () => {
  const message = { stream: 1, opcode: 1, body: hex("00 00") };
  await verifyProtocol(cql(), [
    golden(cases),
    { ...golden(cases.slice(0, 1)), written: [message] },
  ]);
});

test("cql() refuses versions with another header, and hostile lengths", bounded, async () => {
  await verifyProtocol(cql(), [
    fatal(cases[0]!, hex("02 00 01 01 00 00 00 02 00"), /version 2 is not supported/),
    fatal(cases[0]!, hex("80 00 00 01 01 00 00 00 02"), /version 0 is not supported/),
    hostile(hex("04 00 00 01 01 ff ff ff ff")),
  ]);
});

test("cql() refuses numbers that do not fit", () => {
  const message = { stream: 1, opcode: 1, body: hex("00") };
  verifyRefused(cql(), { ...message, version: 2 }, RangeError);
  verifyRefused(cql(), { ...message, version: 128 }, RangeError);
  verifyRefused(cql(), { ...message, stream: 32_768 }, RangeError);
  verifyRefused(cql(), { ...message, flags: 256 }, RangeError);
});
