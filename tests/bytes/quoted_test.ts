import assert from "node:assert/strict";
import { test } from "node:test";
import { quoted } from "../../src/bytes/quoted.ts";
import { bytes } from "../support/bytes.ts";
import { bounded } from "../support/limits.ts";

test("quoted() shows printable ASCII and escapes everything else", bounded, () => {
  assert.equal(quoted(bytes("")), '""');
  assert.equal(quoted(bytes("a b~")), '"a b~"');
  assert.equal(quoted(bytes('a"\\')), '"a\\"\\\\"');
  assert.equal(quoted(bytes("\t\r\n\0\x1b\x7f\x85\xff")), '"\\t\\r\\n\\x00\\x1b\\x7f\\x85\\xff"');
});

test("quoted() never contains a control character", bounded, () => {
  for (let byte = 0; byte < 256; byte++) {
    assert.match(quoted(Uint8Array.of(byte)), /^"[ -~]{1,4}"$/);
  }
});

test("quoted() shows at most 32 bytes", bounded, () => {
  assert.equal(quoted(bytes("x".repeat(32))), `"${"x".repeat(32)}"`);
  assert.equal(quoted(bytes("x".repeat(33))), `"${"x".repeat(32)}"…`);
});
