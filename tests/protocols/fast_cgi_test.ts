import assert from "node:assert/strict";
import { test } from "node:test";
import { fastCgi } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex } from "../support/bytes.ts";
import { fatal, golden, read, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";
import { FrameDecoder } from "../../mod.ts";

/** The beginning of a request, the end of its parameters, and output with padding. */
const cases = [
  {
    message: { type: 1, requestId: 1, content: hex("00 01 00 00 00 00 00 00") },
    bytes: hex("01 01 00 01 00 08 00 00 00 01 00 00 00 00 00 00"),
  },
  {
    message: { type: 4, requestId: 258, content: new Uint8Array(0) },
    bytes: hex("01 04 01 02 00 00 00 00"),
  },
  {
    message: { type: 6, requestId: 1, content: hex("6f 6b 0a") },
    bytes: hex("01 06 00 01 00 03 05 00 6f 6b 0a 00 00 00 00 00"),
  },
];

test(
  "fastCgi() reads and writes records",
  bounded,
  () => verifyProtocol(fastCgi(), [golden(cases)]),
);

test("fastCgi() leaves out padding of any length and content", bounded, async () => {
  const padding = new Uint8Array(255).fill(0xee);
  await verifyProtocol(fastCgi(), [
    read({ message: cases[2]!.message, bytes: hex("01 06 00 01 00 03 00 00 6f 6b 0a") }, {
      message: { type: 6, requestId: 1, content: new Uint8Array(0) },
      bytes: Uint8Array.of(1, 6, 0, 1, 0, 0, 255, 0, ...padding),
    }),
  ]);
});

test("fastCgi() reads the longest record, and refuses to write a longer one", () => {
  const decoder = new FrameDecoder(fastCgi());
  decoder.push(hex("01 06 00 01 ff ff ff 00"));
  decoder.push(new Uint8Array(65_535 + 255));
  assert.equal(decoder.read()!.content.length, 65_535);
  const message = { type: 6, requestId: 1, content: new Uint8Array(65_536) };
  verifyRefused(fastCgi(), message, RangeError);
});

test("fastCgi() refuses other versions", bounded, async () => {
  await verifyProtocol(fastCgi(), [
    fatal(cases[0]!, hex("02 06 00 01 00 00 00 00"), /version 2 is not supported/),
  ]);
});
