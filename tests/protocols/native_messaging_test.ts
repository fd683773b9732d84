import assert from "node:assert/strict";
import { test } from "node:test";
import { nativeMessaging } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, hex } from "../support/bytes.ts";
import { golden, hostile, invalid, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const cases = [
  { message: { text: "é" }, bytes: bytes('\x0d\0\0\0{"text":"\xc3\xa9"}') },
  { message: null, bytes: bytes("\x04\0\0\0null") },
];

test("nativeMessaging() reads and writes JSON on both sides", bounded, async () => {
  await verifyProtocol(nativeMessaging(), [golden(cases)]);
  await verifyProtocol(nativeMessaging({ side: "browser" }), [golden(cases)]);
});

test("nativeMessaging() limits each direction as browsers do", bounded, async () => {
  await verifyProtocol(nativeMessaging(), [hostile(hex("01 00 00 04"))]);
  await verifyProtocol(nativeMessaging({ side: "browser" }), [hostile(hex("01 00 10 00"))]);
  const text = "a".repeat(2 ** 20 - 1);
  verifyRefused<unknown>(nativeMessaging(), text, RangeError);
});

test("nativeMessaging() reports what is not JSON", bounded, async () => {
  await verifyProtocol(nativeMessaging(), [...invalid(cases[0]!, /./, bytes("\x02\0\0\0{]"))]);
});

test("nativeMessaging() refuses an unknown side", () => {
  assert.throws(() => nativeMessaging({ side: "peer" as "host" }), RangeError);
});
