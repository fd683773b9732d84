/** `mongodb` with MongoDB's own driver: no package has the server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import type { Connection } from "../../mod.ts";
import { mongodb, type MongodbMessage } from "../../protocols.ts";
import { concat } from "../../src/bytes/concat.ts";
import { uintLE } from "../../src/protocols/integers.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";

type Client = Connection<Required<MongodbMessage>, MongodbMessage>;

/** A value of a document: documents are bytes, and 64-bit integers are `bigint`. */
type Value = boolean | number | bigint | string | Uint8Array | readonly Value[];

const driver = npmPeer("mongodb", "mongodb@7.9.0");
const [REPLY, QUERY, COMPRESSED, MESSAGE] = [1, 2004, 2012, 2013];

const settings = {
  ismaster: true,
  helloOk: true,
  maxBsonObjectSize: 16 * 2 ** 20,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 21,
};

function int(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
}

/** Encodes a document of BSON. */
function document(fields: Readonly<Record<string, Value>>): Uint8Array {
  const content = concat(Object.entries(fields).map(([name, value]) => element(name, value)));
  return concat([int(content.length + 5), content, Uint8Array.of(0)]);
}

function element(name: string, value: Value): Uint8Array {
  const [type, content] = typeof value === "boolean"
    ? [0x08, Uint8Array.of(Number(value))]
    : typeof value === "number"
    ? [0x10, int(value)]
    : typeof value === "bigint"
    ? [0x12, concat([int(Number(value)), int(0)])]
    : typeof value === "string"
    ? [0x02, concat([int(value.length + 1), bytes(`${value}\0`)])]
    : value instanceof Uint8Array
    ? [0x03, value]
    : [0x04, document(Object.fromEntries(Object.entries(value)))];
  return concat([bytes(`${String.fromCharCode(type)}${name}\0`), content]);
}

/** Returns the documents from an offset on, and the offset after them. */
function documentsIn(body: Uint8Array, start: number, end: number): Uint8Array[] {
  const documents: Uint8Array[] = [];
  for (let at = start; at < end;) {
    documents.push(body.subarray(at, at += uintLE(body, at, 4)));
  }
  return documents;
}

/** Returns the command of a message, and the documents that follow it. */
function commandIn(body: Uint8Array): { name: string; documents: Uint8Array[] } {
  let name = "";
  const documents: Uint8Array[] = [];
  // A checksum would follow the sections if a flag said so.
  assert.equal(uintLE(body, 0, 4) & 1, 0);
  for (let at = 4; at < body.length;) {
    const kind = body[at++];
    const end = at + uintLE(body, at, 4);
    if (kind === 0) name = textAt(body, at + 5);
    else documents.push(...documentsIn(body, at + 4 + textAt(body, at + 4).length + 1, end));
    at = end;
  }
  return { name, documents };
}

function textAt(body: Uint8Array, at: number): string {
  return latin1(body.subarray(at, body.indexOf(0, at)));
}

/** Answers the commands of a driver, and keeps its documents in an array. */
async function handle(client: Client, stored: Uint8Array[], compression: string[]): Promise<void> {
  const greeting = document({ ...settings, compression, ok: 1 });
  for await (const { requestId, opCode, body } of client) {
    const answer = (opCode: number, ...parts: Uint8Array[]) =>
      client.send({ requestId: 0, responseTo: requestId, opCode, body: concat(parts) });
    if (opCode === QUERY) {
      // The first message of a connection: the answer has flags, a cursor, an offset and a count.
      await answer(REPLY!, new Uint8Array(16), int(1), greeting);
      continue;
    }
    assert.equal(opCode, compression.length > 0 ? COMPRESSED : MESSAGE);
    // The operation, the length and the compressor precede compressed data.
    const { name, documents } = commandIn(
      opCode === COMPRESSED ? inflateSync(body.subarray(9)) : body,
    );
    stored.push(...documents.map((one) => one.slice()));
    const ns = "shop.orders";
    const batch = (id: bigint, name: string, documents: Uint8Array[]) => ({
      cursor: document({ id, ns, [name]: documents }),
      ok: 1,
    });
    const replies: Record<string, () => Record<string, Value>> = {
      hello: () => ({ ...settings, compression, ok: 1 }),
      ping: () => ({ ok: 1 }),
      insert: () => ({ n: documents.length, ok: 1 }),
      find: () => batch(7n, "firstBatch", stored.slice(0, 101)),
      getMore: () => batch(0n, "nextBatch", stored.slice(101)),
      endSessions: () => ({ ok: 1 }),
    };
    const refusal = { ok: 0, code: 59, codeName: "CommandNotFound", errmsg: "unknown" };
    await answer(MESSAGE!, int(0), Uint8Array.of(0), document(replies[name]?.() ?? refusal));
  }
}

for (const compressors of [undefined, "zlib"]) {
  const how = compressors === undefined ? "" : `, compressed by ${compressors}`;
  test(...driver.needed(`mongodb() serves the driver${how}`), async () => {
    const stored: Uint8Array[] = [];
    const compression = compressors === undefined ? [] : [compressors];
    const lines = await driver.served(
      "work",
      mongodb(),
      (client) => handle(client, stored, compression),
      { compressors },
    );
    assert.deepEqual(lines, [{ ok: 1 }, 1000, 1001, [59, "CommandNotFound"]]);
    assert.equal(stored.length, 1001);
  });
}
