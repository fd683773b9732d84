import assert from "node:assert/strict";
import { test } from "node:test";
import { kafka } from "../../protocols.ts";
import { hex } from "../support/bytes.ts";
import {
  verifyHostile,
  verifyInvalid,
  verifyReads,
  verifyRefused,
  verifyWrites,
} from "../support/golden.ts";

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

test("kafka() reads responses and writes requests", () => {
  verifyReads(kafka(), responses);
  verifyWrites(kafka(), requests);
});

test("kafka() reads requests and writes responses as a server", () => {
  verifyReads(kafka({ side: "server" }), requests);
  verifyWrites(kafka({ side: "server" }), responses);
});

test("kafka() reports a message without a whole header", () => {
  verifyInvalid(kafka(), hex("00 00 00 03 01 02 03"), responses[0]!, /header is incomplete/);
  const server = kafka({ side: "server" });
  verifyInvalid(server, hex("00 00 00 07 00 12 00 00 00 00 00"), requests[0]!, /incomplete/);
});

test("kafka() refuses negative and hostile lengths at once, and numbers that do not fit", () => {
  verifyHostile(kafka(), hex("ff ff ff ff"));
  verifyHostile(kafka(), hex("06 40 00 01"));
  verifyRefused(kafka(), { ...requests[0]!.message, apiKey: 32_768 }, RangeError);
});

test("kafka() refuses an unknown side", () => {
  assert.throws(() => kafka({ side: "peer" as "client" }), RangeError);
});
