import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder } from "../../mod.ts";
import { ssh, type SshLine, type SshPacket } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, chunksOf, hex } from "../support/bytes.ts";
import {
  fatal,
  type Golden,
  golden,
  hostile,
  invalid,
  read,
  verifyRefused,
} from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const newKeys = hex("00 00 00 0c 0a 15 00 00 00 00 00 00 00 00 00 00");
const cases: readonly Golden<SshLine | SshPacket>[] = [
  { message: { type: "line", text: "wélcome" }, bytes: bytes("w\xc3\xa9lcome\r\n") },
  { message: { type: "line", text: "" }, bytes: bytes("\r\n") },
  { message: { type: "line", text: "SSH-2.0-test x" }, bytes: bytes("SSH-2.0-test x\r\n") },
  { message: { type: "packet", payload: hex("15") }, bytes: newKeys },
  {
    message: { type: "packet", payload: hex("14 01 02 03 04 05 06 07") },
    bytes: hex("00 00 00 14 0b 14 01 02 03 04 05 06 07 00 00 00 00 00 00 00 00 00 00 00"),
  },
  {
    message: { type: "packet", payload: hex("14 01 02 03 04 05 06") },
    bytes: hex("00 00 00 0c 04 14 01 02 03 04 05 06 00 00 00 00"),
  },
];

test(
  "ssh() reads and writes lines and packets",
  bounded,
  () => verifyProtocol(ssh(), [golden(cases)]),
);

test(
  "ssh() reads lines that end with LF alone, and padding of any length and content",
  bounded,
  async () => {
    await verifyProtocol(ssh(), [
      read({ message: { type: "line", text: "SSH-2.0-old" }, bytes: bytes("SSH-2.0-old\n") }, {
        message: { type: "packet", payload: hex("15") },
        bytes: hex("00 00 00 14 12 15 ff fe fd fc fb fa f9 f8 f7 f6 f5 f4 f3 f2 f1 f0 ef ee"),
      }),
    ]);
  },
);

test("ssh() refuses packets that cannot be, and endless lines", bounded, async () => {
  const first = cases[3]!;
  const packets = ["00 00 00 0d 0a", "00 00 00 04 04", "00 00 00 0c 03", "00 00 00 0c 0b"];
  await verifyProtocol(ssh(), [
    ...packets.map((packet) => fatal(first, hex(packet), /bytes of padding is invalid/)),
    hostile(hex("00 00 88 bc 0a")),
  ]);
  const decoder = new FrameDecoder({ ...ssh(), maxFrameLength: Infinity });
  for (const chunk of chunksOf(new Uint8Array(8192).fill(0x61), 100)) decoder.push(chunk);
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("a"));
  assert.throws(() => decoder.read(), /line has more than 8192 bytes/);
});

test("ssh() reports a long identification and lines that are not UTF-8", bounded, async () => {
  const next = cases[2]!;
  const long = `SSH-2.0-${"x".repeat(246)}`;
  await verifyProtocol(ssh(), [
    ...invalid(next, /identification has more than 255 bytes/, bytes(`${long}\r\n`)),
    golden([long.slice(1), long.slice(0, -1)].map((text) => ({
      message: { type: "line", text },
      bytes: bytes(`${text}\r\n`),
    }))),
    ...invalid(next, /./, bytes("\xff\n")),
  ]);
});

test("ssh() refuses lines that cannot be written", () => {
  for (const text of ["a\r", "a\nb", "\0"]) {
    verifyRefused(ssh(), { type: "line", text }, TypeError);
  }
  verifyRefused(ssh(), { type: "packet", payload: new Uint8Array(35_000) }, RangeError);
});
