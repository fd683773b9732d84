import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, inclusive, uint16 } from "../../mod.ts";
import { iso8583 } from "../../protocols.ts";
import { bytes, hex } from "../support/bytes.ts";
import { verifyFatal, verifyGolden, verifyInvalid, verifyRefused } from "../support/golden.ts";

const none = new Uint8Array(0);
const echo = { header: none, data: bytes("0800") };
const tpdu = { header: hex("60 00 01 00 00"), data: hex("02 00") };

test("iso8583() reads and writes messages with the lengths and headers in use", () => {
  const alive = { header: none, data: none };
  verifyGolden(iso8583(), [
    { message: echo, bytes: bytes("\0\x040800") },
    { message: alive, bytes: bytes("\0\0") },
  ]);
  verifyGolden(iso8583({ prefix: decimal(4) }), [{ message: echo, bytes: bytes("00040800") }]);
  verifyGolden(iso8583({ prefix: inclusive(uint16, 2) }), [
    { message: echo, bytes: bytes("\0\x060800") },
  ]);
  verifyGolden(iso8583({ headerLength: 5 }), [
    { message: tpdu, bytes: hex("00 07 60 00 01 00 00 02 00") },
    { message: alive, bytes: bytes("\0\0") },
  ]);
});

test("iso8583() reports a message that is shorter than its header", () => {
  const next = { message: tpdu, bytes: hex("00 07 60 00 01 00 00 02 00") };
  verifyInvalid(
    iso8583({ headerLength: 5 }),
    hex("00 04 60 00 01 00"),
    next,
    /shorter than 5 bytes/,
  );
});

test("iso8583() refuses lengths that are not digits, and headers of another length", () => {
  const protocol = iso8583({ prefix: decimal(4) });
  verifyFatal(protocol, { message: echo, bytes: bytes("00040800") }, bytes("+004"), /./);
  verifyRefused(iso8583(), tpdu, RangeError);
  verifyRefused(iso8583({ headerLength: 5 }), echo, RangeError);
  assert.throws(() => iso8583({ headerLength: -1 }), RangeError);
});

test("iso8583() reads and writes a header without data", () => {
  const message = { header: tpdu.header, data: none };
  verifyGolden(iso8583({ headerLength: 5 }), [{ message, bytes: hex("00 05 60 00 01 00 00") }]);
  const next = { message, bytes: hex("00 05 60 00 01 00 00") };
  verifyInvalid(iso8583({ headerLength: 5 }), hex("00 01 60"), next, /shorter than 5 bytes/);
});
