import { test } from "node:test";
import { FrameTooLargeError, MalformedFrameError } from "../../mod.ts";
import { memcachedBinary, type MemcachedPacket } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, hex } from "../support/bytes.ts";
import { invalid, verifyRefused } from "../support/cases.ts";
import { within } from "../support/limits.ts";

const slow = within(60_000);

function packet(fields: Partial<MemcachedPacket>): Required<MemcachedPacket> {
  const none = { extras: bytes(""), key: bytes(""), value: bytes("") };
  return { type: "request", opcode: 0, status: 0, opaque: 0, cas: 0n, ...none, ...fields };
}

/** The examples of "BinaryProtocolRevamped": Get, its response, "Not found", and Add. */
const get =
  "80 00 00 05 00 00 00 00 00 00 00 05 00 00 00 00 00 00 00 00 00 00 00 00 48 65 6c 6c 6f";
const found = "81 00 00 00 04 00 00 00 00 00 00 09 00 00 00 00 00 00 00 00 00 00 00 01 " +
  "de ad be ef 57 6f 72 6c 64";
const missing = "81 00 00 00 00 00 00 01 00 00 00 09 00 00 00 00 00 00 00 00 00 00 00 00 " +
  "4e 6f 74 20 66 6f 75 6e 64";
const add = "80 02 00 05 08 00 00 00 00 00 00 12 00 00 00 00 00 00 00 00 00 00 00 00 " +
  "de ad be ef 00 00 0e 10 48 65 6c 6c 6f 57 6f 72 6c 64";

test("memcachedBinary() reads and writes packets", slow, async () => {
  const messages = [
    packet({ key: bytes("Hello") }),
    packet({ type: "response", cas: 1n, extras: hex("de ad be ef"), value: bytes("World") }),
    packet({ type: "response", status: 1, value: bytes("Not found") }),
    packet({
      opcode: 2,
      extras: hex("de ad be ef 00 00 0e 10"),
      key: bytes("Hello"),
      value: bytes("World"),
    }),
  ];
  await verifyProtocol(memcachedBinary(), [
    { messages, bytes: hex([get, found, missing, add].join(" ")) },
    { messages },
    { messages: [packet({ opaque: 2 ** 32 - 1, cas: 2n ** 64n - 1n })] },
    { messages: [], bytes: hex(`82 ${get.slice(3)}`), error: MalformedFrameError },
  ]);
  const hostile = hex(`${get.slice(0, 24)}ff ff ff ff ${get.slice(36)}`);
  await verifyProtocol(memcachedBinary(), [
    { messages: [], bytes: hostile, error: FrameTooLargeError },
  ]);
  const next = { message: messages[0]!, bytes: hex(get) };
  await verifyProtocol(memcachedBinary(), [
    ...invalid(next, /longer than/, hex(get.replace("00 05", "00 06"))),
  ]);
  verifyRefused(memcachedBinary(), packet({ cas: 2n ** 64n }), RangeError);
  verifyRefused(memcachedBinary(), packet({ key: new Uint8Array(65_536) }), RangeError);
});

test("memcachedBinary() reads and writes each field where the specification has it", async () => {
  const fields = { opcode: 1, status: 0x0203, opaque: 0x04050607, cas: 0x08090a0b0c0d0e0fn };
  await verifyProtocol(memcachedBinary(), [
    {
      messages: [packet(fields)],
      bytes: hex("80 01 00 00 00 00 02 03 00 00 00 00 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f"),
    },
    { messages: [packet(fields)] },
  ]);
});
