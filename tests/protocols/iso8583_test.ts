import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, inclusive, uint16 } from "../../mod.ts";
import { iso8583 } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, hex } from "../support/bytes.ts";
import { fatal, golden, invalid, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const none = new Uint8Array(0);
const echo = { header: none, data: bytes("0800") };
const tpdu = { header: hex("60 00 01 00 00"), data: hex("02 00") };

test(
  "iso8583() reads and writes messages with the lengths and headers in use",
  bounded,
  async () => {
    const alive = { header: none, data: none };
    await verifyProtocol(iso8583(), [golden([
      { message: echo, bytes: bytes("\0\x040800") },
      { message: alive, bytes: bytes("\0\0") },
    ])]);
    await verifyProtocol(iso8583({ prefix: decimal(4) }), [
      golden([{ message: echo, bytes: bytes("00040800") }]),
    ]);
    await verifyProtocol(iso8583({ prefix: inclusive(uint16, 2) }), [golden([
      { message: echo, bytes: bytes("\0\x060800") },
    ])]);
    await verifyProtocol(iso8583({ headerLength: 5 }), [golden([
      { message: tpdu, bytes: hex("00 07 60 00 01 00 00 02 00") },
      { message: alive, bytes: bytes("\0\0") },
    ])]);
  },
);

test("iso8583() reports a message that is shorter than its header", bounded, async () => {
  const next = { message: tpdu, bytes: hex("00 07 60 00 01 00 00 02 00") };
  await verifyProtocol(iso8583({ headerLength: 5 }), [
    ...invalid(next, /shorter than 5 bytes/, hex("00 04 60 00 01 00")),
  ]);
});

test(
  "iso8583() refuses lengths that are not digits, and headers of another length",
  bounded,
  async () => {
    const protocol = iso8583({ prefix: decimal(4) });
    await verifyProtocol(protocol, [
      fatal({ message: echo, bytes: bytes("00040800") }, bytes("+004"), /./),
    ]);
    verifyRefused(iso8583(), tpdu, RangeError);
    verifyRefused(iso8583({ headerLength: 5 }), echo, RangeError);
    assert.throws(() => iso8583({ headerLength: -1 }), RangeError);
  },
);

test("iso8583() reads and writes a header without data", bounded, async () => {
  const message = { header: tpdu.header, data: none };
  await verifyProtocol(iso8583({ headerLength: 5 }), [
    golden([{ message, bytes: hex("00 05 60 00 01 00 00") }]),
  ]);
  const next = { message, bytes: hex("00 05 60 00 01 00 00") };
  await verifyProtocol(iso8583({ headerLength: 5 }), [
    ...invalid(next, /shorter than 5 bytes/, hex("00 01 60")),
  ]);
});
