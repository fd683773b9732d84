/** `mysql` with MariaDB. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { mysql, type MysqlMessage, type ReceivedMysqlMessage } from "../../protocols.ts";
import { connected, folder, live, next } from "../support/live_server.ts";

type Client = Connection<ReceivedMysqlMessage, MysqlMessage>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Long passwords, protocol 4.1, secure connection, plugins; and TLS. */
const CAPABILITIES = 0x8_8201;
const TLS = 0x800;
const MAX_PACKET = 64 * 2 ** 20;
const QUERY = 3;
const PREPARE = 22;
const EXECUTE = 23;

/** Connects and logs in as root, without a password. */
async function opened(tls = false): Promise<Client> {
  const client = await connected(mysql());
  let { payload, nextSequence } = await next(client);
  assert.equal(payload[0], 10);
  assert.match(decoder.decode(payload.subarray(1, payload.indexOf(0))), /MariaDB/);
  const head = new Uint8Array(32);
  const view = new DataView(head.buffer);
  view.setUint32(0, CAPABILITIES | (tls ? TLS : 0), true);
  view.setUint32(4, MAX_PACKET, true);
  view.setUint8(8, 45);
  if (tls) {
    await client.send({ sequence: nextSequence++, payload: head });
    await client.startTls({ ca: readFileSync(`${folder}/server.crt`), serverName: "localhost" });
  }
  const login = encoder.encode("root\0\0mysql_native_password\0");
  await client.send({ sequence: nextSequence, payload: Uint8Array.of(...head, ...login) });
  ({ payload } = await next(client));
  assert.equal(payload[0], 0, decoder.decode(payload));
  return client;
}

/** Sends a command with a text. */
function command(client: Client, number: number, text: string): Promise<void> {
  const bytes = encoder.encode(text);
  const payload = new Uint8Array(1 + bytes.length);
  payload[0] = number;
  payload.set(bytes, 1);
  return client.send({ sequence: 0, payload });
}

/** Returns the rows of a result, which are between two EOF packets. */
async function results(client: Client): Promise<Uint8Array[]> {
  const { payload } = await next(client);
  if (payload[0] === 0 && payload.length > 1) return [];
  assert.notEqual(payload[0], 0xff, decoder.decode(payload));
  await untilEof(client);
  return await untilEof(client);
}

async function untilEof(client: Client): Promise<Uint8Array[]> {
  const payloads: Uint8Array[] = [];
  for (;;) {
    const { payload } = await next(client);
    if (payload[0] === 0xfe && payload.length < 9) return payloads;
    payloads.push(payload);
  }
}

async function query(client: Client, sql: string): Promise<string[][]> {
  await command(client, QUERY, sql);
  return (await results(client)).map(row);
}

/** Returns the values of a row: texts after their lengths. */
function row(payload: Uint8Array): string[] {
  const values: string[] = [];
  for (let at = 0; at < payload.length;) {
    const first = payload[at++]!;
    const size = first < 0xfb ? 0 : { 0xfc: 2, 0xfd: 3, 0xfe: 8 }[first]!;
    let length = size === 0 ? first : 0;
    for (let index = 0; index < size; index++) length += payload[at + index]! * 256 ** index;
    at += size;
    values.push(decoder.decode(payload.subarray(at, at + length)));
    at += length;
  }
  return values;
}

test("mysql() reads 10,000 rows", live, async () => {
  const client = await opened();
  const rows = await query(client, "select seq, seq * seq from mysql.seq_1_to_10000");
  assert.deepEqual(
    rows,
    Array.from({ length: 10_000 }, (_, index) => [`${index + 1}`, `${(index + 1) ** 2}`]),
  );
  await client.close();
});

// A packet holds 16,777,215 bytes. A command adds 1 byte, and a row adds the length of its value.
for (const length of [10 * 2 ** 20, 16_777_206, 16_777_207, 16_777_211, 16_777_212, 20 * 2 ** 20]) {
  test(`mysql() writes and reads a message with a value of ${length} bytes`, live, async () => {
    const client = await opened();
    const quoted = `select '${"x".repeat(length - 8)}'`;
    await command(client, QUERY, quoted);
    const [payload] = await results(client) as [Uint8Array];
    assert.equal(row(payload)[0]!.length, length - 8);
    // Messages of exactly one packet, one byte less and one more.
    const [read] = await query(client, `select repeat('x', ${length})`);
    assert.equal(read![0]!.length, length);
    assert.deepEqual(await query(client, "select 1"), [["1"]]);
    await client.close();
  });
}

test("mysql() numbers the packets of prepared statements", live, async () => {
  const client = await opened();
  await command(client, PREPARE, "select concat(?, '!')");
  const { payload } = await next(client);
  assert.equal(payload[0], 0);
  await untilEof(client);
  await untilEof(client);
  for (let index = 0; index < 300; index++) {
    const value = encoder.encode(`value ${index}`);
    // Statement, no cursor, one iteration, no nulls, new types, a string.
    const body = [EXECUTE, ...payload.subarray(1, 5), 0, 1, 0, 0, 0, 0, 1, 0xfd, 0, value.length];
    await client.send({ sequence: 0, payload: Uint8Array.of(...body, ...value) });
    const [binary] = await results(client) as [Uint8Array];
    assert.deepEqual(row(binary.subarray(2)), [`value ${index}!`]);
  }
  await client.close();
});

test("mysql() starts TLS after the first message", live, async () => {
  const client = await opened(true);
  const [[, version]] = await query(client, "show status like 'Ssl_version'") as [string[]];
  assert.match(version!, /^TLSv1\.[23]$/);
  assert.equal((await query(client, "select seq from mysql.seq_1_to_1000")).length, 1000);
  await client.close();
});

test("mysql() reads an error, and goes on", live, async () => {
  const client = await opened();
  await command(client, QUERY, "nonsense");
  const { sequence, payload } = await next(client);
  assert.deepEqual([sequence, payload[0]], [1, 0xff]);
  assert.match(decoder.decode(payload), /SQL syntax/);
  assert.deepEqual(await query(client, "select 2"), [["2"]]);
  await client.close();
});
