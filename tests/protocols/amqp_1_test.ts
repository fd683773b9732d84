import { test } from "node:test";
import { amqp1, type Amqp1Frame, type AmqpProtocolHeader } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { bytes, hex } from "../support/bytes.ts";
import { fatal, type Golden, golden, hostile, invalid, read } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

/** The header of SASL, sasl-init, the header of AMQP, a frame on a channel, and a heartbeat. */
const cases: readonly Golden<Required<Amqp1Frame> | AmqpProtocolHeader>[] = [
  { message: { type: "protocol", id: 3, version: [1, 0, 0] }, bytes: bytes("AMQP\x03\x01\0\0") },
  {
    message: { type: "sasl", channel: 0, body: hex("00 53 41 45") },
    bytes: hex("00 00 00 0c 02 01 00 00 00 53 41 45"),
  },
  { message: { type: "protocol", id: 0, version: [1, 0, 0] }, bytes: bytes("AMQP\0\x01\0\0") },
  {
    message: { type: "amqp", channel: 258, body: hex("00 53 10 45") },
    bytes: hex("00 00 00 0c 02 00 01 02 00 53 10 45"),
  },
  {
    message: { type: "amqp", channel: 0, body: new Uint8Array(0) },
    bytes: hex("00 00 00 08 02 00 00 00"),
  },
];

test("amqp1() reads and writes protocol headers and frames", bounded, async () => {
  const message = { type: "amqp", body: new Uint8Array(0) } as const;
  await verifyProtocol(amqp1(), [
    golden(cases),
    { ...golden(cases.slice(4)), written: [message] },
  ]);
});

test("amqp1() leaves out an extended header", bounded, async () => {
  await verifyProtocol(amqp1(), [read({
    message: { type: "amqp", channel: 0, body: hex("aa") },
    bytes: hex("00 00 00 0d 03 00 00 00 01 02 03 04 aa"),
  })]);
});

test("amqp1() refuses a size below 8, another header and a hostile size", bounded, async () => {
  await verifyProtocol(amqp1(), [
    fatal(cases[1]!, hex("00 00 00 07 02 00 00 00"), /shorter than the header/),
    fatal(cases[1]!, bytes("AMQQ\0\x01\0\0"), /neither a frame nor a protocol/),
    hostile(bytes("HTTP/1.1 400")),
  ]);
});

test("amqp1() reports an invalid data offset and an unknown type", bounded, async () => {
  const next = cases[1]!;
  await verifyProtocol(amqp1(), [
    ...invalid(next, /data offset 1 is invalid/, hex("00 00 00 08 01 00 00 00")),
    ...invalid(next, /data offset 3 is invalid/, hex("00 00 00 08 03 00 00 00")),
    ...invalid(next, /unknown frame type 2/, hex("00 00 00 08 02 02 00 00")),
  ]);
});
