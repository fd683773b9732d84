import { test } from "node:test";
import { FrameTooLargeError, MalformedFrameError } from "../../mod.ts";
import { fix } from "../../protocols.ts";
import { verifyFramer, verifyProtocol } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { invalid, verifyRefused } from "../support/cases.ts";
import { bounded, within } from "../support/limits.ts";

const slow = within(60_000);
const heartbeat = "8=FIX.4.4|9=5|35=0|10=163|".replaceAll("|", "\x01");
/** An execution report that is published with its checksum. */
const order =
  ("8=FIX.4.2|9=178|35=8|49=PHLX|56=PERS|52=20071123-05:30:00.000|11=ATOMNOCCC9990900|20=3" +
    "|150=E|39=E|55=MSFT|167=CS|54=1|38=15|40=2|44=15|58=PHLX EQUITY TESTING|59=0|47=C|32=0|31=0" +
    "|151=15|14=0|6=0|10=128|").replaceAll("|", "\x01");

test("fix() reads and writes messages", slow, async () => {
  const messages = [
    { version: "FIX.4.4", body: bytes("35=0\x01") },
    { version: "FIX.4.2", body: bytes(order.slice(16, -7)) },
  ];
  await verifyProtocol(fix(), [
    { messages, bytes: heartbeat + order },
    { messages },
    { messages: [{ version: "FIXT.1.1", body: bytes("35=A\x0195=9\x0196=8=FIX\x0110=\xff\x01") }] },
    { messages: [], bytes: "8=FIX.4.4\x019=99999999\x01", error: FrameTooLargeError },
  ]);
  verifyFramer(fix().framer, [{ frames: [heartbeat, order] }]);
});

test("fix() reports garbled messages, and reads on", bounded, async () => {
  const next = {
    message: { version: "FIX.4.4", body: bytes("35=0\x01") },
    bytes: bytes(heartbeat),
  };
  const garbled = (from: string, to: string) => bytes(heartbeat.replace(from, to));
  await verifyProtocol(fix(), [
    ...invalid(next, /checksum is wrong/, garbled("163", "164"), garbled("35=0", "35=1")),
    ...invalid(
      next,
      /checksum is missing/,
      garbled("163", "16a"),
      garbled("10=", "11="),
      garbled("35=0\x01", "35=0\x02"),
    ),
  ]);
});

test("fix() finds the next message after noise, however it is cut", slow, async () => {
  const message = { version: "FIX.4.4", body: bytes("35=0\x01") };
  const noises = [
    "x",
    "8=FI",
    "8=8=FI",
    "8=FIX.4.4\x0135=0\x01",
    "8=FIX.4.4\x019=x\x01",
    "8=FIX.4.4\x019=-1\x01",
    "8=FIX.4.4\x019=\x01",
    "8=FIX" + "x".repeat(80),
    "8=FIX\n.4.4\x019=5\x01",
    "\x018=FIX.4.4\x019=12345678901\x01",
  ];
  await verifyProtocol(
    fix(),
    noises.map((noise) => ({
      messages: [message, message],
      bytes: heartbeat + noise + heartbeat,
      invalid: [{ type: MalformedFrameError, offset: heartbeat.length }],
    })),
  );
});

test("fix() refuses messages that cannot be written", () => {
  verifyRefused(fix(), { version: "FIX.4.4\x01", body: bytes("35=0\x01") }, TypeError);
  verifyRefused(fix(), { version: "4.4", body: bytes("35=0\x01") }, TypeError);
  verifyRefused(fix(), { version: "FIX.4.4", body: bytes("35=0") }, TypeError);
});
