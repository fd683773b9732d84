import assert from "node:assert/strict";
import { test } from "node:test";
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
  uint32,
  uint8,
  untilClose,
  varint,
} from "../../mod.ts";
import { WriteQueue } from "../../src/bytes/write_queue.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { encode, failure } from "../support/framing.ts";

const announcing: Readonly<Record<string, Framer>> = {
  "lengthPrefixed(uint32)": lengthPrefixed(uint32),
  "lengthPrefixed(varint)": lengthPrefixed(varint),
  "lengthPrefixed(decimal(3))": lengthPrefixed(decimal(3)),
  'lengthPrefixed(decimalUntil(" "))': lengthPrefixed(decimalUntil(" ")),
  "lengthPrefixed(inclusive(hex(4), 4))": lengthPrefixed(inclusive(hex(4), 4)),
  "lengthField()": lengthField(),
  "lengthField({ offset: 2, counts: 'frame' })": lengthField({ offset: 2, counts: "frame" }),
  "lengthField({ size: 1, skip: 3 })": lengthField({ size: 1, skip: 3, adjust: 2 }),
  "netstring()": netstring(),
  "fixed(5)": fixed(5),
  "contentLength()": contentLength(),
  "headed()": headed("|", Number, { header: (length) => `${length}` }),
};

for (const [name, framer] of Object.entries(announcing)) {
  test(`Framer.announce() of ${name} writes what surrounds the frame`, () => {
    const output = new WriteQueue();
    const trailer = framer.announce!(5, output) ?? new Uint8Array(0);
    const header = output.drain().map(latin1).join("");
    assert.equal(header + "hello" + latin1(trailer), encode(framer, "hello"));
  });
}

test("Framer.announce() refuses a length as write() does", () => {
  for (const framer of [lengthPrefixed(uint8), lengthField({ size: 1 }), fixed(5)]) {
    const output = new WriteQueue();
    const error = failure(() => framer.announce!(256, output));
    assert.equal(error.name, "RangeError");
    assert.equal(error.message, failure(() => encode(framer, " ".repeat(256))).message);
  }
  const headless = headed("|", Number);
  assert.equal(
    failure(() => headless.announce!(1, new WriteQueue())).message,
    failure(() => headless.write(bytes("a"), new WriteQueue())).message,
  );
});

test("Framers that look at the frame's bytes have no announce()", () => {
  const others = [
    lines(),
    delimited(","),
    marked("<", ">"),
    tagged({ 1: 2 }),
    untilClose(),
    headed("|", Number, { keep: true }),
    lengthField({ skip: 0 }),
    lengthField({ offset: 1, skip: 2 }),
  ];
  for (const framer of others) assert.equal(framer.announce, undefined);
});
