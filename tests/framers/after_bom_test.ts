import assert from "node:assert/strict";
import { test } from "node:test";
import { afterBom, fixed, lines, tagged } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { decode, decodeToEnd, encode, failure } from "../support/framing.ts";

const MARK = "\xef\xbb\xbf";

test("afterBom() passes verification", () => {
  verifyFramer(afterBom(lines()), [
    { frames: ["one", "", "two"] },
    { frames: ["one", bytes(`${MARK}two`)], bytes: bytes(`${MARK}one\n${MARK}two\n`) },
    { frames: [], bytes: bytes(MARK) },
    { frames: [bytes("\xef\xbb"), "a"], bytes: bytes("\xef\xbb\na") },
  ]);
});

test("afterBom() counts the mark toward no limit", () => {
  assert.deepEqual(decode(afterBom(lines()), `${MARK}ab\n`, 2), ["ab"]);
  assert.match(
    failure(() => decode(afterBom(lines()), `${MARK}abc\n`, 2)).message,
    /^Cannot read frame of more than 2 bytes at offset 3/,
  );
});

test("afterBom() delivers part of a mark that the stream ends with", () => {
  assert.deepEqual(decodeToEnd(afterBom(lines()), "\xef\xbb"), ["\xef\xbb"]);
});

test("afterBom() does not look for a mark inside another framer's frame", () => {
  assert.deepEqual(decode(tagged({ 0x2b: afterBom(fixed(3)) }), `+${MARK}`), [`+${MARK}`]);
});

test("afterBom() writes no mark", () => {
  assert.equal(encode(afterBom(lines()), "a"), "a\n");
});

test("afterBom() requires a framer", () => {
  assert.throws(() => afterBom(lines as never), TypeError);
});
