import assert from "node:assert/strict";
import { test } from "node:test";
import { asymmetric } from "../../mod.ts";
import { kafka } from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { hex } from "../support/bytes.ts";
import { golden, hostile, invalid, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

/** ApiVersions, version 0, by a client "a"; and a Fetch whose numbers are negative. */
const requests = [
  {
    message: { apiKey: 18, apiVersion: 0, correlationId: 7, body: hex("00 01 61") },
    bytes: hex("00 00 00 0b 00 12 00 00 00 00 00 07 00 01 61"),
  },
  {
    message: { apiKey: 1, apiVersion: -1, correlationId: -2, body: new Uint8Array(0) },
    bytes: hex("00 00 00 08 00 01 ff ff ff ff ff fe"),
  },
];
const responses = [
  {
    message: { correlationId: 7, body: hex("00 23 00 00 00 00") },
    bytes: hex("00 00 00 0a 00 00 00 07 00 23 00 00 00 00"),
  },
  {
    message: { correlationId: -2, body: new Uint8Array(0) },
    bytes: hex("00 00 00 04 ff ff ff fe"),
  },
];

test("kafka() reads and writes requests and responses", bounded, async () => {
  const server = kafka({ side: "server" });
  await verifyProtocol(asymmetric({ read: kafka(), write: server }), [golden(responses)]);
  await verifyProtocol(asymmetric({ read: server, write: kafka() }), [golden(requests)]);
});

test("kafka() reports a message without a whole header", bounded, async () => {
  await verifyProtocol(kafka(), [
    ...invalid(responses[0]!, /header is incomplete/, hex("00 00 00 03 01 02 03")),
  ]);
  const server = kafka({ side: "server" });
  await verifyProtocol(server, [
    ...invalid(requests[0]!, /incomplete/, hex("00 00 00 07 00 12 00 00 00 00 00")),
  ]);
});

test(
  "kafka() refuses negative and hostile lengths at once, and numbers that do not fit",
  bounded,
  async () => {
    await verifyProtocol(kafka(), [hostile(hex("ff ff ff ff")), hostile(hex("06 40 00 01"))]);
    verifyRefused(kafka(), { ...requests[0]!.message, apiKey: 32_768 }, RangeError);
  },
);

test("kafka() refuses an unknown side", () => {
  assert.throws(() => kafka({ side: "peer" as "client" }), RangeError);
});
