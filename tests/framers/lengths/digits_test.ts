import assert from "node:assert/strict";
import { test } from "node:test";
import { decimal, decimalUntil, hex, type LengthPrefix } from "../../../mod.ts";
import { failure } from "../../support/framing.ts";
import { read, refusesLength, testPrefix, write } from "../../support/length_prefixes.ts";
import { bounded } from "../../support/limits.ts";

testPrefix("decimal(16)", decimal(16), 2 ** 53 - 1);
testPrefix("decimal(3)", decimal(3), 999);
testPrefix("hex(14)", hex(14), 2 ** 53 - 1);
testPrefix("hex(2)", hex(2), 255);
testPrefix("decimalUntil(' ')", decimalUntil(" "), 2 ** 53 - 1);
testPrefix("decimalUntil('::')", decimalUntil("::"), 2 ** 53 - 1);

/** Returns the reason that an error gives for an unexpected byte. */
function unexpected(byte: string): string {
  const code = byte.charCodeAt(0);
  const shown = code < 0x20 || code > 0x7e
    ? `"\\x${code.toString(16).padStart(2, "0")}"`
    : `"${byte}"`;
  return `unexpected ${shown} in length`;
}

test(
  "decimal(), decimalUntil() and hex() refuse lengths over 2^53 - 1",
  bounded,
  () => {
    const reason = "length is over 2^53 - 1";
    refusesLength(decimal(16), "9007199254740992", reason);
    refusesLength(decimalUntil(" "), "9007199254740993 ", reason);
    refusesLength(hex(14), "20000000000000", reason);
  },
);

test("decimal() accepts digits only", bounded, () => {
  assert.deepEqual(read(decimal(5), "00042"), [42, 5]);
  for (
    const text of ["2a", "0x", "-", "+", "1e", "1.", "1,", "/", ":", " ", "4\0", "\xb2", "\x1b"]
  ) {
    refusesLength(decimal(5), text, unexpected(text.at(-1)!));
  }
});

test("hex() accepts digits in either case, and writes lower case", bounded, () => {
  assert.deepEqual(read(hex(4), "00fF"), [255, 4]);
  assert.equal(write(hex(4), 0xabc), "0abc");
  for (const text of ["g", "0x", "`", "@", "G"]) {
    refusesLength(hex(4), text, unexpected(text.at(-1)!));
  }
});

test("decimalUntil() accepts one to 16 digits, and nothing else", bounded, () => {
  const prefix = decimalUntil(":");
  assert.deepEqual(read(prefix, "42:rest"), [42, 3]);
  assert.deepEqual(read(prefix, "0042:"), [42, 5]);
  for (const text of ["2a", "0x", "-", "+", "1e", "1.", ":", "a", " ", "1 ", "1\0"]) {
    refusesLength(prefix, text, unexpected(text.at(-1)!));
  }
  assert.deepEqual(read(prefix, "0000000000000001:"), [1, 17]);
  refusesLength(prefix, "0".repeat(17), "length has more than 16 digits");
});

test("decimalUntil() requires its mark to be complete", bounded, () => {
  const prefix = decimalUntil("\r\n");
  assert.deepEqual(read(prefix, "7\r\nx"), [7, 3]);
  assert.deepEqual(read(prefix, "7\r"), [undefined, 0]);
  refusesLength(prefix, "7\r7", 'unexpected "7" in length');
  refusesLength(prefix, "7\n", 'unexpected "\\n" in length');
  assert.deepEqual(read(decimalUntil("aa"), "7aa"), [7, 3]);
  assert.deepEqual(read(decimalUntil(Uint8Array.of(0)), "7\0"), [7, 2]);
});

test("decimalUntil() refuses marks that a reader could not find", bounded, () => {
  assert.throws(() => decimalUntil(""), TypeError);
  for (const mark of ["0", "9:", "5"]) {
    const error = failure(() => decimalUntil(mark));
    assert.ok(error instanceof TypeError);
    assert.equal(error.message, "Invalid mark: expected one that does not begin with a digit");
  }
});

test("decimalUntil() refuses a header of more than 65,536 bytes", bounded, () => {
  const mark = new Uint8Array(65_521);
  assert.throws(
    () => decimalUntil(mark),
    /^RangeError: Invalid mark of 65521 bytes: expected at most 65520$/,
  );
  decimalUntil(mark.subarray(1));
});

test("decimal() and hex() refuse to write a length with too many digits", bounded, () => {
  const message = (prefix: LengthPrefix, length: number) =>
    failure(() => write(prefix, length)).message;
  assert.equal(message(decimal(1), 10), "Cannot write 10 in 1 digit");
  assert.equal(message(decimal(2), 100), "Cannot write 100 in 2 digits");
  assert.equal(message(hex(2), 256), "Cannot write 256 in 2 digits");
  assert.equal(
    message(decimal(5), -1),
    "Cannot write length -1: expected a non-negative integer",
  );
});

test("decimal() and hex() refuse an invalid number of digits", bounded, () => {
  for (const digits of [0, -1, 1.5, NaN, 17, Infinity]) {
    const expected = `Invalid digits ${digits}: expected an integer from 1 to`;
    assert.equal(failure(() => decimal(digits)).message, `${expected} 16`);
    assert.equal(failure(() => hex(digits)).message, `${expected} 14`);
  }
  assert.throws(() => hex(15), RangeError);
});
