/**
 * Framers look at each byte a bounded number of times, however slowly a frame arrives. The tests count
 * calls of the reader; they do not measure time.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  afterBom,
  ber,
  contentLength,
  decimal,
  decimalUntil,
  delimited,
  fixed,
  type Framer,
  headed,
  hex,
  inclusive,
  lengthField,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  tagged,
  terminated,
  uint32,
  uint64,
  varint,
  varintOf,
} from "../../mod.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { within } from "../support/limits.ts";
import { drip, watch } from "../support/watched.ts";

const LENGTH = 20_000;
const body = "x".repeat(LENGTH);

function sizeAtEnd(header: Uint8Array): number {
  return Number(/(\d+)$/.exec(latin1(header))?.[1]);
}

const framers: readonly (readonly [name: string, framer: Framer, stream: string])[] = [
  ["fixed()", fixed(LENGTH), body],
  ["lines()", lines(), `${body}\r\n`],
  ["lines() of carriage returns", lines(), `${"\r".repeat(LENGTH)}\n`],
  ["lines({ strict })", lines({ strict: true }), `${body}\r\n`],
  ["delimited()", delimited("\r\n\r\n"), `${body}\r\n\r\n`],
  ["delimited() of partial delimiters", delimited("aaab"), `${"a".repeat(LENGTH)}aaab`],
  ["delimited({ keep })", delimited("\r\n", { keep: true }), `${body}\r\n`],
  ["delimited() of several", delimited(["\n", "\r\n", "xxy"]), `${body}\r\n`],
  ["delimited() of several, kept", delimited(["\n", "\r\n", "xxy"], { keep: true }), `${body}\r\n`],
  ["lengthPrefixed(uint32)", lengthPrefixed(uint32), `\0\0\x4e\x20${body}`],
  ["lengthPrefixed(uint64)", lengthPrefixed(uint64), `\0\0\0\0\0\0\x4e\x20${body}`],
  ["lengthPrefixed(varint)", lengthPrefixed(varint), `\xa0\x9c\x01${body}`],
  ["lengthPrefixed(varintOf(4))", lengthPrefixed(varintOf(4)), `\xa0\x9c\x01${body}`],
  ["lengthPrefixed(decimal(16))", lengthPrefixed(decimal(16)), `0000000000020000${body}`],
  ["lengthPrefixed(hex(14))", lengthPrefixed(inclusive(hex(14), 14)), `00000000004e2e${body}`],
  ["lengthPrefixed(decimalUntil())", lengthPrefixed(decimalUntil("::")), `20000::${body}`],
  ["netstring()", netstring(), `20000:${body},`],
  ["lengthField()", lengthField({ offset: 9, size: 3 }), `123456789\0\x4e\x20${body}`],
  [
    "headed()",
    headed("\r\n\r\n", sizeAtEnd, { maxHeaderLength: LENGTH }),
    `${body.slice(5)}20000\r\n\r\n${body}`,
  ],
  [
    "contentLength()",
    contentLength({ maxHeaderLength: 99_999 }),
    `X: ${body}\r\nContent-Length: 20000\r\n\r\n${body}`,
  ],
  ["marked()", marked("<<", ">>"), `<<${body}>>`],
  ["marked(noise)", marked("<<", ">>", { noise: "skip" }), `${body}<<${body}>>`],
  ["lines({ cr })", lines({ cr: true }), `${body}\r\n`],
  ["lines({ skipEmpty })", lines({ skipEmpty: true }), `${"\n".repeat(LENGTH)}${body}\n`],
  [
    "lines({ cr, skipEmpty })",
    lines({ cr: true, skipEmpty: true }),
    `${"\r\n".repeat(LENGTH / 4)}${body}\n`,
  ],
  [
    "delimited({ skipEmpty })",
    delimited([Uint8Array.of(0xc0), "ab"], { skipEmpty: true, last: "optional" }),
    `${"\xc0".repeat(LENGTH)}${body}\xc0`,
  ],
  ["headed(16)", headed(16, () => LENGTH), `${"x".repeat(16)}${body}`],
  ["terminated()", terminated(marked("<<", ">>"), "\r\n"), `<<${body}>>\r\n`],
  ["afterBom()", afterBom(lines()), `\xef\xbb\xbf${body}\n`],
  ["ber()", ber(), `\x30\x82\x4e\x20${body}`],
  [
    "contentLength() after empty lines",
    contentLength(),
    `${"\r\n".repeat(LENGTH)}Content-Length: 20000\r\n\r\n${body}`,
  ],
  ["tagged() over lines()", tagged({ 0x2b: lines() }), `+${body}\n`],
  ["tagged() over marked()", tagged({ 0x2b: marked("<<", ">>") }), `+<<${body}>>`],
  [
    "tagged() over contentLength()",
    tagged({ 0x2b: contentLength() }),
    `+Content-Length: 20000\r\n\r\n${body}`,
  ],
];

const discards: ReadonlySet<string> = new Set([
  "marked(noise)",
  "lines({ skipEmpty })",
  "lines({ cr, skipEmpty })",
  "delimited({ skipEmpty })",
  "contentLength() after empty lines",
]);

for (const [name, framer, stream] of framers) {
  test(
    `${name} looks at each byte a bounded number of times when it arrives slowly`,
    within(60_000),
    () => {
      for (const size of [1, 3, 600]) {
        const watched = watch(framer);
        assert.equal(drip(watched.framer, bytes(stream + stream), size), 2);
        const asked = watched.asked();
        // A framer is asked again about bytes after those that it has discarded.
        const most = (discards.has(name) ? 4 : 2) * Math.ceil(stream.length / size) + 10;
        assert.ok(asked <= most, `${asked} calls of measure in chunks of ${size}`);
        const calls = 2 * stream.length + 10 * asked + 400;
        assert.ok(watched.calls() <= calls, `${watched.calls()} calls in chunks of ${size}`);
      }
    },
  );
}
