import assert from "node:assert/strict";
import { test } from "node:test";
import { delimiterBytes, refuseDelimiter } from "../../src/framers/delimiter.ts";
import { bytes } from "../support/bytes.ts";

function begins(frame: string, delimiters: readonly string[], written: string): number {
  try {
    refuseDelimiter(bytes(frame), delimiters.map(bytes), bytes(written));
    return -1;
  } catch (error) {
    const { message } = error as Error;
    assert.match(message, /^Cannot write frame: it contains the delimiter at offset \d+$/);
    return Number(/\d+$/.exec(message)![0]);
  }
}

test("delimiterBytes() encodes strings as UTF-8 and copies bytes", () => {
  assert.deepEqual(delimiterBytes("€\n"), bytes("\xe2\x82\xac\n"));
  const given = bytes("ab");
  const delimiter = delimiterBytes(given);
  given.fill(0);
  assert.deepEqual(delimiter, bytes("ab"));
});

test("delimiterBytes() refuses invalid delimiters", () => {
  for (const one of ["", new Uint8Array(0), new Uint16Array(2), 7, null, undefined, ["a"]]) {
    assert.throws(
      () => delimiterBytes(one as string),
      /^TypeError: Invalid delimiter: expected a string or bytes, at least one byte long$/,
    );
  }
});

test("refuseDelimiter() accepts frames that a reader cannot end too early", () => {
  assert.equal(begins("", ["\n"], "\n"), -1);
  assert.equal(begins("a\r", ["\r\n"], "\r\n"), -1);
  assert.equal(begins("ab", ["abc"], "abc"), -1);
  assert.equal(begins("a", ["aab"], "aab"), -1);
});

test("refuseDelimiter() refuses a delimiter inside the frame and gives its offset", () => {
  assert.equal(begins("a\nb", ["\n"], "\n"), 1);
  assert.equal(begins("ab\r\n", ["\r\n"], "\r\n"), 2);
  assert.equal(begins("x;", ["\n", ";"], "\n"), 1);
});

test("refuseDelimiter() refuses a frame that completes a delimiter with the one after it", () => {
  assert.equal(begins("ba", ["aa"], "aa"), 1);
  assert.equal(begins("x--", ["---"], "---"), 1);
  assert.equal(begins("a\r", ["\n", "\r\n"], "\n"), 1);
});

test("refuseDelimiter() refuses a frame that could complete a delimiter with the next frame", () => {
  assert.equal(begins("xa", ["b", "abc"], "b"), 1);
  assert.equal(begins("xa", ["b", "axc"], "b"), -1);
});
