import assert from "node:assert/strict";
import { test } from "node:test";
import { asymmetric, FrameDecoder } from "../../mod.ts";
import {
  postgres,
  type PostgresAnswer,
  postgresAnswer,
  type PostgresMessage,
  type PostgresOpening,
} from "../../protocols.ts";
import { verifyProtocol } from "../../testing.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, hex } from "../support/bytes.ts";
import { fatal, type Golden, golden, hostile, invalid, verifyRefused } from "../support/cases.ts";
import { bounded } from "../support/limits.ts";

const server = postgres({ side: "server" });

const startup: Golden<PostgresOpening> = {
  message: { type: "startup", version: [3, 0], parameters: { user: "ada", database: "é" } },
  bytes: bytes("\0\0\0\x1e\0\x03\0\0user\0ada\0database\0\xc3\xa9\0\0"),
};
const openings: readonly Golden<PostgresOpening>[] = [
  startup,
  { message: { type: "sslRequest" }, bytes: hex("00 00 00 08 04 d2 16 2f") },
  { message: { type: "gssencRequest" }, bytes: hex("00 00 00 08 04 d2 16 30") },
  {
    message: { type: "cancelRequest", processId: 4242, secretKey: hex("de ad be ef") },
    bytes: hex("00 00 00 10 04 d2 16 2e 00 00 10 92 de ad be ef"),
  },
  {
    message: { type: "startup", version: [3, 2], parameters: {} },
    bytes: hex("00 00 00 09 00 03 00 02 00"),
  },
];
const messages: readonly Golden<PostgresMessage>[] = [
  { message: { type: "Q", body: bytes("select 1\0") }, bytes: bytes("Q\0\0\0\x0dselect 1\0") },
  { message: { type: "1", body: bytes("") }, bytes: bytes("1\0\0\0\x04") },
  { message: { type: "Z", body: bytes("I") }, bytes: bytes("Z\0\0\0\x05I") },
];

test("postgres() reads and writes messages with a type", bounded, async () => {
  await verifyProtocol(postgres(), [golden(messages)]);
  await verifyProtocol(server, [golden(messages)]);
});

test(
  "postgres() writes requests that open a connection, and reads them as a server",
  bounded,
  async () => {
    const cases: Golden<PostgresMessage | PostgresOpening>[] = [...openings, ...messages];
    await verifyProtocol(asymmetric({ read: server, write: postgres() }), [golden(cases)]);
  },
);

test("postgres() refuses unknown types, short lengths and long requests", bounded, async () => {
  const first = messages[0]!;
  await verifyProtocol(postgres(), [
    fatal(first, startup.bytes, /unknown message type 0/),
    fatal(first, hex("ff 00 00 00 05"), /unknown message type 255/),
    fatal(first, bytes("Z\0\0\0\x03"), /shorter than the header/),
  ]);
  await verifyProtocol(server, [
    fatal(first, hex("00 00 00 07 00 03 00 00"), /start-up packet has 7 bytes/),
    fatal(first, hex("00 00 27 11 00 03 00 00"), /start-up packet has 10001 bytes/),
  ]);
  await verifyProtocol(postgres(), [hostile(bytes("D\xff\xff\xff\xff"))]);
});

test("postgres() reports invalid requests", bounded, async () => {
  const next = messages[0]!;
  const startups = [
    "\0\0\0\x08\0\x03\0\0", // no zero byte at the end
    "\0\0\0\x0e\0\x03\0\0user\0\0",
    "\0\0\0\x11\0\x03\0\0user\0ada\0",
    "\0\0\0\x13\0\x03\0\0user\0ada\0\0x",
    "\0\0\0\x13\0\x03\0\0user\0ada\0\0\0",
  ].map(bytes);
  await verifyProtocol(server, [
    ...invalid(next, /start-up parameters are incomplete/, ...startups),
    ...invalid(next, /unknown request 5679 of 9/, hex("00 00 00 09 04 d2 16 2f 00")),
    ...invalid(next, /unknown request 1 of 8/, hex("00 00 00 08 04 d2 00 01")),
    ...invalid(next, /unknown request 5678/, hex("00 00 00 0c 04 d2 16 2e 00 00 00 01")),
  ]);
});

test("postgres() refuses messages that cannot be written", () => {
  for (const type of ["", "QQ", "\0", "é", "@"]) {
    verifyRefused(postgres(), { type, body: bytes("") }, TypeError);
  }
  const version = [3, 0] as const;
  const parameters = { user: "a\0b" };
  verifyRefused(postgres(), { type: "startup", version, parameters }, TypeError);
  verifyRefused(postgres(), { type: "startup", version, parameters: { "": "x" } }, TypeError);
});

test("postgresAnswer() reads and writes one byte, and reports any other", bounded, async () => {
  const answers = ["S", "N", "G"] as const;
  await verifyProtocol(postgresAnswer(), [
    golden(answers.map((message) => ({ message, bytes: bytes(message) }))),
    ...invalid<PostgresAnswer>({ message: "S", bytes: bytes("S") }, /is byte 69/, bytes("E")),
  ]);
  verifyRefused(postgresAnswer(), "X" as PostgresAnswer, TypeError);
});

test("postgres() keeps what follows the answer N for the next protocol", () => {
  const decoder = new FrameDecoder<unknown>(postgresAnswer());
  decoder.push(concat([bytes("N"), messages[2]!.bytes]));
  assert.equal(decoder.read(), "N");
  decoder.switchTo(postgres());
  assert.deepEqual(decoder.read(), messages[2]!.message);
});

test("postgres() refuses an unknown side", () => {
  assert.throws(() => postgres({ side: "peer" as "client" }), RangeError);
});
