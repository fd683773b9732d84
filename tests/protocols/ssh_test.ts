import { test } from "node:test";
import { ssh, type SshLine, type SshPacket } from "../../protocols.ts";
import { bytes, hex } from "../support/bytes.ts";
import {
  type Golden,
  verifyFatal,
  verifyGolden,
  verifyHostile,
  verifyInvalid,
  verifyReads,
  verifyRefused,
} from "../support/golden.ts";

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

test("ssh() reads and writes lines and packets", () => verifyGolden(ssh(), cases));

test("ssh() reads lines that end with LF alone, and padding of any length and content", () => {
  verifyReads(ssh(), [
    { message: { type: "line", text: "SSH-2.0-old" }, bytes: bytes("SSH-2.0-old\n") },
    {
      message: { type: "packet", payload: hex("15") },
      bytes: hex("00 00 00 14 12 15 ff fe fd fc fb fa f9 f8 f7 f6 f5 f4 f3 f2 f1 f0 ef ee"),
    },
  ]);
});

test("ssh() refuses packets that cannot be, and endless lines", () => {
  const first = cases[3]!;
  for (const packet of ["00 00 00 0d 0a", "00 00 00 04 04", "00 00 00 0c 03", "00 00 00 0c 0b"]) {
    verifyFatal(ssh(), first, hex(packet), /bytes of padding is invalid/);
  }
  verifyHostile(ssh(), hex("00 00 88 bc 0a"));
  const endless = { ...ssh(), maxFrameLength: Infinity };
  const line = { message: { type: "line", text: "" }, bytes: bytes("\n") } as const;
  verifyFatal(endless, line, new Uint8Array(8193).fill(0x61), /line has more than 8192 bytes/);
});

test("ssh() reports a long identification and lines that are not UTF-8", () => {
  const next = cases[2]!;
  const long = `SSH-2.0-${"x".repeat(246)}`;
  verifyInvalid(ssh(), bytes(`${long}\r\n`), next, /identification has more than 255 bytes/);
  verifyReads(ssh(), [
    { message: { type: "line", text: long.slice(1) }, bytes: bytes(`${long.slice(1)}\r\n`) },
    {
      message: { type: "line", text: long.slice(0, -1) },
      bytes: bytes(`${long.slice(0, -1)}\r\n`),
    },
  ]);
  verifyInvalid(ssh(), bytes("\xff\n"), next, /./);
});

test("ssh() refuses lines that cannot be written", () => {
  for (const text of ["a\r", "a\nb", "\0"]) {
    verifyRefused(ssh(), { type: "line", text }, TypeError);
  }
  verifyRefused(ssh(), { type: "packet", payload: new Uint8Array(35_000) }, RangeError);
});
