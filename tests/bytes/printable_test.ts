import assert from "node:assert/strict";
import { test } from "node:test";
import { printable } from "../../src/bytes/printable.ts";

test("printable() leaves printable text unchanged", () => {
  assert.equal(
    printable("Unexpected token 'x', \"é € 😀\"", 100),
    "Unexpected token 'x', \"é € 😀\"",
  );
  assert.equal(printable("", 10), "");
});

test("printable() escapes control characters of every kind", () => {
  assert.equal(
    printable("a\x1b[31m\x07\r\n\t\0", 100),
    "a\\u001b[31m\\u0007\\u000d\\u000a\\u0009\\u0000",
  );
  assert.equal(printable("\x7f\x80\x9b\x9f\xa0", 100), "\\u007f\\u0080\\u009b\\u009f\xa0");
  assert.equal(printable("\u2028\u2029", 100), "\\u2028\\u2029");
  for (let code = 0; code < 0x100; code++) {
    assert.doesNotMatch(printable(String.fromCharCode(code), 10), /\p{Cc}/u);
  }
});

test("printable() truncates text that is too long", () => {
  assert.equal(printable("abcdef", 6), "abcdef");
  assert.equal(printable("abcdef", 5), "abcde…");
  assert.equal(printable("\x1b".repeat(3), 10), "\\u001b\\u00…");
  assert.equal(printable("a".repeat(1_000_000), 3), "aaa…");
});
