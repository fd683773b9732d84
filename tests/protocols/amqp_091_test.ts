import { test } from "node:test";
import { amqp091, type Amqp091Frame, type AmqpProtocolHeader } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, hex } from "../support/bytes.ts";
import { fatal, type Golden, golden, hostile, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

/** The protocol header, channel.open, a content header, a body, and a heartbeat. */
const cases: readonly Golden<Amqp091Frame | AmqpProtocolHeader>[] = [
  { message: { type: "protocol", id: 0, version: [0, 9, 1] }, bytes: bytes("AMQP\0\0\x09\x01") },
  {
    message: { type: "method", channel: 1, payload: hex("00 14 00 0a 00") },
    bytes: hex("01 00 01 00 00 00 05 00 14 00 0a 00 ce"),
  },
  {
    message: { type: "header", channel: 1, payload: hex("00 3c 00 00") },
    bytes: hex("02 00 01 00 00 00 04 00 3c 00 00 ce"),
  },
  {
    message: { type: "body", channel: 513, payload: hex("ce ce") },
    bytes: hex("03 02 01 00 00 00 02 ce ce ce"),
  },
  {
    message: { type: "heartbeat", channel: 0, payload: new Uint8Array(0) },
    bytes: hex("08 00 00 00 00 00 00 ce"),
  },
];

test(
  "amqp091() reads and writes protocol headers and frames",
  bounded,
  () => verifyProtocol(amqp091(), [golden(cases)]),
);

test("amqp091() refuses a wrong end, an unknown type and another header", bounded, async () => {
  await verifyProtocol(amqp091(), [
    fatal(cases[1]!, hex("08 00 00 00 00 00 00 cd"), /trailer is missing/),
    fatal(cases[1]!, hex("04 00 00 00 00 00 00 ce"), /unknown frame type 4/),
    fatal(cases[1]!, bytes("HTTP/1.1 400"), /unknown frame type 72/),
    fatal(cases[1]!, bytes("AMQQ\0\0\x09\x01"), /neither a frame nor a protocol/),
  ]);
});

test(
  "amqp091() refuses a length over its limit at once, and an unknown type",
  bounded,
  async () => {
    await verifyProtocol(amqp091(), [hostile(hex("01 00 01 ff ff ff ff"))]);
    verifyRefused(
      amqp091(),
      { type: "frame" as "body", channel: 0, payload: hex("00") },
      RangeError,
    );
  },
);
