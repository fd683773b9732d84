import assert from "node:assert/strict";
import { test } from "node:test";
import { nativeMessaging } from "../../protocols.ts";
import { bytes, hex } from "../support/bytes.ts";
import { verifyGolden, verifyHostile, verifyInvalid, verifyRefused } from "../support/golden.ts";

const cases = [
  { message: { text: "é" }, bytes: bytes('\x0d\0\0\0{"text":"\xc3\xa9"}') },
  { message: null, bytes: bytes("\x04\0\0\0null") },
];

test("nativeMessaging() reads and writes JSON on both sides", () => {
  verifyGolden<unknown, unknown>(nativeMessaging(), cases);
  verifyGolden<unknown, unknown>(nativeMessaging({ side: "browser" }), cases);
});

test("nativeMessaging() limits each direction as browsers do", () => {
  verifyHostile(nativeMessaging(), hex("01 00 00 04"));
  verifyHostile(nativeMessaging({ side: "browser" }), hex("01 00 10 00"));
  const text = "a".repeat(2 ** 20 - 1);
  verifyRefused<unknown>(nativeMessaging(), text, RangeError);
});

test("nativeMessaging() reports what is not JSON", () => {
  verifyInvalid<unknown>(nativeMessaging(), bytes("\x02\0\0\0{]"), cases[0]!, /./);
});

test("nativeMessaging() refuses an unknown side", () => {
  assert.throws(() => nativeMessaging({ side: "peer" as "host" }), RangeError);
});
