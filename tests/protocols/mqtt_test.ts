import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameDecoder } from "../../mod.ts";
import { mqtt, type MqttControl, type MqttPublish } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, hex, numbered } from "../support/bytes.ts";
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

const none = new Uint8Array(0);
const plain = { qos: 0, packetId: 0, retain: false, duplicate: false, properties: none } as const;
const long = numbered(300);

/** CONNECT, a PUBLISH of each kind, SUBSCRIBE (flags 2) and PINGREQ. */
const cases: readonly Golden<Required<MqttControl | MqttPublish>>[] = [
  {
    message: { type: "connect", body: hex("00 04 4d 51 54 54 04 02 00 3c 00 00") },
    bytes: hex("10 0c 00 04 4d 51 54 54 04 02 00 3c 00 00"),
  },
  {
    message: { type: "publish", ...plain, topic: "a/é", payload: bytes("on") },
    bytes: bytes("\x30\x08\0\x04a/\xc3\xa9on"),
  },
  {
    message: { type: "publish", ...plain, topic: "a", payload: none, qos: 1, packetId: 10 },
    bytes: hex("32 05 00 01 61 00 0a"),
  },
  {
    message: {
      type: "publish",
      ...plain,
      topic: "a",
      payload: long,
      qos: 2,
      packetId: 65_535,
      retain: true,
      duplicate: true,
    },
    bytes: concat([hex("3d b1 02 00 01 61 ff ff"), long]),
  },
  {
    message: { type: "subscribe", body: hex("00 01 00 01 61 00") },
    bytes: hex("82 06 00 01 00 01 61 00"),
  },
  { message: { type: "pubrel", body: hex("00 01") }, bytes: hex("62 02 00 01") },
  { message: { type: "pingreq", body: none }, bytes: hex("c0 00") },
];

test(
  "mqtt() reads and writes packets of MQTT 3.1.1",
  bounded,
  () => verifyProtocol(mqtt(), [golden(cases)]),
);

test("mqtt() writes packets with defaults", bounded, async () => {
  await verifyProtocol(mqtt(), [
    {
      messages: [
        { type: "pingreq", body: none },
        { type: "publish", ...plain, topic: "a", payload: hex("01") },
      ],
      bytes: hex("c0 00 30 04 00 01 61 01"),
      written: [{ type: "pingreq" }, { type: "publish", topic: "a", payload: hex("01") }],
    },
  ]);
});

test("mqtt() reads and writes properties of MQTT 5, and auth", bounded, async () => {
  await verifyProtocol(mqtt({ version: 5 }), [golden([
    {
      message: { type: "publish", ...plain, topic: "a", payload: hex("01") },
      bytes: hex("30 05 00 01 61 00 01"),
    },
    {
      message: { type: "publish", ...plain, topic: "", payload: none, properties: hex("23 00 07") },
      bytes: hex("30 06 00 00 03 23 00 07"),
    },
    {
      message: {
        type: "publish",
        ...plain,
        topic: "a",
        qos: 1,
        packetId: 2,
        payload: hex("01"),
        properties: long,
      },
      bytes: concat([hex("32 b4 02 00 01 61 00 02 ac 02"), long, hex("01")]),
    },
    { message: { type: "auth", body: hex("18 00") }, bytes: hex("f0 02 18 00") },
  ])]);
});

test("mqtt() refuses a length of five bytes, and packet type 0", bounded, async () => {
  await verifyProtocol(mqtt(), [
    fatal(cases[0]!, hex("30 ff ff ff ff"), /varint has more than 4 bytes/),
    fatal(cases[0]!, hex("00 00"), /unknown packet type 0/),
    hostile(hex("30 ff ff ff 7f")),
  ]);
});

test("mqtt() refuses a length that is longer than necessary in MQTT 5 only", bounded, async () => {
  const ping = hex("c0 80 00");
  await verifyProtocol(mqtt(), [read({ message: { type: "pingreq", body: none }, bytes: ping })]);
  const next = cases[6]!;
  await verifyProtocol(mqtt({ version: 5 }), [fatal(next, ping, /more bytes than it needs/)]);
});

test("mqtt() reports invalid packets and reads on", bounded, async () => {
  const next = cases[6]!;
  await verifyProtocol(mqtt(), [
    ...invalid(next, /quality of service 3/, hex("36 05 00 01 61 00 0a")),
    ...invalid(next, /packet identifier 0/, hex("32 05 00 01 61 00 00")),
    ...invalid(next, /flags 0 of subscribe are reserved/, hex("80 02 00 01")),
    ...invalid(next, /flags 1 of pingreq are reserved/, hex("c1 00")),
    ...invalid(next, /auth is not in MQTT 3.1.1/, hex("f0 00")),
    ...invalid(next, /./, hex("30 03 00 01 ff")),
    ...invalid(
      next,
      /PUBLISH is incomplete/,
      ...["30 00", "30 01 00", "30 03 00 02 61", "32 04 00 01 61 00"].map(hex),
    ),
  ]);
  const properties = ["", " 01", " 80", " ff ff ff ff 01", " 80 80 80 80 00"];
  const packets = properties.map((rest) => hex(`30 0${3 + rest.length / 3} 00 01 61${rest}`));
  await verifyProtocol(mqtt({ version: 5 }), [
    ...invalid(next, /properties of PUBLISH are/, ...packets),
  ]);
});

test("mqtt() refuses messages that cannot be written", () => {
  const message = { type: "publish", topic: "a", payload: none } as const;
  verifyRefused(mqtt(), { ...message, qos: 1 }, TypeError);
  verifyRefused(mqtt(), { ...message, packetId: 1 }, TypeError);
  verifyRefused(mqtt(), { ...message, properties: long }, TypeError);
  verifyRefused(mqtt(), { ...message, topic: "a".repeat(65_536) }, RangeError);
  verifyRefused(mqtt(), { type: "auth" }, TypeError);
  verifyRefused(mqtt(), { type: "" as "auth" }, TypeError);
  verifyRefused({ ...mqtt(), maxFrameLength: Infinity }, {
    ...message,
    payload: new Uint8Array(268_435_456),
  }, RangeError);
  assert.throws(() => mqtt({ version: 3 as 4 }), RangeError);
});

test("mqtt() switches to the version of CONNECT", () => {
  const decoder = new FrameDecoder(mqtt());
  decoder.push(hex("10 0c 00 04 4d 51 54 54 05 02 00 3c 00 00 30 05 00 01 61 00 01"));
  const connect = decoder.read()!;
  assert.ok(connect.type === "connect" && connect.body[6] === 5);
  decoder.switchTo(mqtt({ version: 5 }));
  const publish = decoder.read()!;
  assert.ok(publish.type === "publish");
  assert.deepEqual(publish.payload, hex("01"));
});
