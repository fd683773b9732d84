import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
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
  uint16,
  uint64,
  uint8,
  untilClose,
  varint,
} from "../../mod.ts";
import { bytes, deliveries, outcome } from "../support/outcomes.ts";

function sizeAtEnd(header: Uint8Array): number {
  return Number(/(\d)$/.exec(String.fromCharCode(...header))?.[1]);
}

/** Each framer with pieces of which hostile streams for it are made. */
const framers: readonly (readonly [name: string, framer: Framer, pieces: readonly string[]])[] = [
  ["fixed(3)", fixed(3), ["a", "bc"]],
  ["lines()", lines(), ["a", "b", "\r", "\n", "\r\n"]],
  ["lines({ strict })", lines({ strict: true }), ["a", "b", "\r", "\n", "\r\n"]],
  ["delimited(CRLF)", delimited("\r\n"), ["a", "\r", "\n", "\r\n"]],
  ["delimited(aab)", delimited("aab"), ["a", "b", "c", "aab"]],
  ["delimited(keep)", delimited("ab", { keep: true }), ["a", "b", "c", "ab"]],
  ["delimited(several)", delimited(["b", "abc", "bcd", "ac"]), ["a", "b", "c", "d", "x"]],
  ["delimited(several, keep)", delimited(["a", "aa", "aab"], { keep: true }), ["a", "b", "x"]],
  ["lengthPrefixed(uint8)", lengthPrefixed(uint8), ["\0", "\x01", "\x03", "a", "\xff"]],
  ["lengthPrefixed(uint16)", lengthPrefixed(uint16), ["\0", "\x01", "\x03", "a"]],
  ["lengthPrefixed(uint64)", lengthPrefixed(uint64), ["\0\0\0\0\0\0\0", "\x01", "\x04", "\x20"]],
  ["lengthPrefixed(varint)", lengthPrefixed(varint), ["\0", "\x01", "\x03", "\x80", "\xff", "a"]],
  ["lengthPrefixed(decimal)", lengthPrefixed(decimal(2)), ["0", "1", "3", "a", "-"]],
  ["lengthPrefixed(hex)", lengthPrefixed(inclusive(hex(2), 2)), ["0", "1", "5", "a", "F", "x"]],
  ["lengthPrefixed(until)", lengthPrefixed(decimalUntil("::")), ["0", "3", ":", "::", "a"]],
  ["netstring()", netstring(), ["0", "1", "3", ":", ",", "a", "1:a,", "0:,"]],
  [
    "lengthField()",
    lengthField({ offset: 1, size: 1, counts: "frame", skip: 1 }),
    ["\0", "\x01", "\x02", "\x04", "a"],
  ],
  ["tagged()", tagged({ 0x61: 1, 0x62: lines(), 0x63: netstring(), 0x64: lengthPrefixed(uint8) }), [
    "a",
    "b",
    "c",
    "d",
    "\n",
    "\r",
    "1:a,",
    "\x02",
  ]],
  ["headed()", headed("\n", sizeAtEnd, { maxHeaderLength: 4 }), ["a", "0", "2", "\n", "bb"]],
  ["headed(keep)", headed("\r\n", sizeAtEnd, { maxHeaderLength: 4, keep: true }), [
    "a",
    "0",
    "2",
    "\r",
    "\n",
    "\r\n",
  ]],
  ["contentLength()", contentLength({ maxHeaderLength: 24 }), [
    "Content-Length: 2\r\n\r\n",
    "content-length:0",
    "X: y\r\n",
    "\r\n",
    "ab",
    "-",
  ]],
  ["marked()", marked("<<", ">>"), ["<", "<<", ">", ">>", "a"]],
  ["untilClose()", untilClose(), ["a", "bb"]],
];

for (const [name, framer, pieces] of framers) {
  test(`${name} gives the same frames and the same error however a hostile stream is cut`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 12 }),
        fc.constantFrom(0, 1, 2, 3, 5, Infinity),
        (parts, limit) => {
          const stream = bytes(parts.join(""));
          const whole = outcome(framer, limit, { chunks: [stream], eager: true });
          for (const delivery of deliveries(stream)) {
            const cut = outcome(framer, limit, delivery);
            assert.deepEqual(cut, whole, `cut into ${delivery.chunks.map((one) => one.length)}`);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
}
