import { test } from "node:test";
import { FrameEncoder, FrameTooLargeError } from "../../mod.ts";
import { pktLine, type PktLineMark, type SideBandPacket } from "../../protocols.ts";
import { verifyFramer, verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { invalid, refusals, verifyRefused } from "../support/cases.ts";
import { within } from "../support/limits.ts";

const slow = within(60_000);

test("pktLine() reads and writes packets", slow, async () => {
  await verifyProtocol<Uint8Array | PktLineMark>(pktLine(), [
    { messages: [bytes("hello\n"), "flush", "delimiter", bytes(""), "responseEnd"] },
    {
      messages: [bytes("a"), "flush", bytes(""), bytes("x".repeat(26))],
      bytes: `0005a00000004001E${"x".repeat(26)}`,
      written: false,
    },
    ...refusals(["0003", "00g5a", "+005a", " 005", "0x05", "-001"]),
    { messages: [], bytes: "fff5", error: FrameTooLargeError },
  ]);
  verifyFramer(pktLine().framer, [{ frames: ["0000", "0004", "0006a\n", "0002"] }]);
  verifyRefused(pktLine(), new Uint8Array(65_517), RangeError);
});

test("pktLine() reads and writes the side-band", slow, async () => {
  const sideBand = pktLine({ sideBand: true });
  await verifyProtocol<SideBandPacket | PktLineMark>(sideBand, [
    {
      messages: [
        { band: "data", data: bytes("PACK") },
        { band: "progress", data: bytes("50%\r") },
        { band: "error", data: bytes("") },
        "flush",
      ],
      bytes: "0009\x01PACK0009\x0250%\r0005\x030000",
    },
    { messages: [{ band: "data", data: bytes("") }, "delimiter", "responseEnd"] },
  ]);
  const flush = { message: "flush", bytes: bytes("0000") } as const;
  const packets = ["0005\x04", "0005\x00", "0004"].map(bytes);
  await verifyProtocol(sideBand, [...invalid(flush, /no band/, ...packets)]);
  verifyRefused(sideBand, { band: "other" as "data", data: bytes("") }, TypeError);
});

test("pktLine() writes no length of more than 65,520 bytes, whatever its limit is", () => {
  const unlimited = { ...pktLine(), maxFrameLength: 100_000 };
  new FrameEncoder(unlimited).write(new Uint8Array(65_516));
  verifyRefused(unlimited, new Uint8Array(65_517), RangeError);
});
