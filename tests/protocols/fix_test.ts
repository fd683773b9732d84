import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder, FrameTooLargeError } from "../../mod.ts";
import { fix } from "../../protocols.ts";
import { verifyFramer, verifyProtocol } from "../../testing.ts";
import { bytes, chunksOf } from "../support/bytes.ts";
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
  for (
    const [garbled, reason] of [
      [heartbeat.replace("163", "164"), /checksum is wrong/],
      [heartbeat.replace("35=0", "35=1"), /checksum is wrong/],
      ["8=FIX.4.4\x019=5\x0136=0\x0110=164\x01", /does not begin with its type/],
    ] as const
  ) {
    await verifyProtocol(fix(), [...invalid(next, reason, bytes(garbled))]);
  }
});

test("fix() finds the next message after noise, however it is cut", () => {
  for (
    const noise of [
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
      heartbeat.replace("163", "16a"),
      heartbeat.replace("163", "63"),
      heartbeat.replace("10=", "11="),
      heartbeat.replace("35=0\x01", "35=0\x02"),
      heartbeat.replace("9=5", "9=4"),
      heartbeat.replace("9=5", "9=6"),
      heartbeat.replace("9=5", "9=25"),
    ]
  ) {
    const stream = bytes(heartbeat + noise + heartbeat);
    for (let cut = 0; cut <= stream.length; cut++) {
      const reports: number[] = [];
      const decoder = new FrameDecoder(
        fix(),
        (error) => reports.push((error as { offset: number }).offset),
      );
      let count = 0;
      for (const chunk of [stream.slice(0, cut), stream.slice(cut)]) {
        decoder.push(chunk);
        count += decoder.readAll().length;
      }
      assert.deepEqual([count, reports], [2, [heartbeat.length]], `${noise} cut at ${cut}`);
      decoder.end();
      assert.equal(decoder.read(), undefined);
    }
  }
});

test("fix() refuses messages that cannot be written", () => {
  verifyRefused(fix(), { version: "FIX.4.4\x01", body: bytes("35=0\x01") }, TypeError);
  verifyRefused(fix(), { version: "4.4", body: bytes("35=0\x01") }, TypeError);
  verifyRefused(fix(), { version: "FIX.4.4", body: bytes("35=0") }, TypeError);
  verifyRefused(fix(), { version: "FIX.4.4", body: bytes("34=1\x01") }, TypeError);
  verifyRefused(fix(), { version: "FIX.4.4", body: bytes("") }, TypeError);
});

test("fix() reads the message after one whose wrong length is over the limit", () => {
  const stream = bytes(heartbeat.replace("9=5", "9=150") + heartbeat.repeat(8));
  for (const size of [1, 10, stream.length]) {
    const decoder = new FrameDecoder({ ...fix(), maxFrameLength: 100 }, () => {});
    let count = 0;
    for (const chunk of chunksOf(stream, size)) {
      decoder.push(chunk);
      count += decoder.readAll().length;
    }
    assert.equal(count, 8);
  }
});
