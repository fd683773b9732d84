/** `cql` with the driver of Cassandra: no package has the server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { cql, type CqlMessage } from "../../protocols.ts";
import { uint } from "../../src/protocols/integers.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";

const driver = npmPeer("cassandra", "cassandra-driver@4.10.0");
const [ERROR, STARTUP, READY, OPTIONS, SUPPORTED] = [0, 1, 2, 5, 6] as const;
const [QUERY, RESULT, REGISTER] = [7, 8, 11] as const;
const [BLOB, TEXT, INET] = [0x03, 0x0d, 0x10] as const;
const VERSION = 4;

/** Encodes an integer in big-endian order, one character a byte. */
function int(value: number, size = 4): string {
  let text = "";
  for (; size > 0; size--) {
    text = String.fromCharCode(value % 256) + text;
    value = Math.floor(value / 256);
  }
  return text;
}

function string(text: string): string {
  return int(text.length, 2) + text;
}

/** Encodes a result of one row at most. */
function result(row: Readonly<Record<string, readonly [type: number, value: string]>>): string {
  const columns = Object.entries(row);
  const specifications = columns.map(([name, [type]]) => string(name) + int(type, 2)).join("");
  const table = string("system") + string("local");
  const metadata = int(1) + int(columns.length) + table + specifications;
  const values = columns.map(([, [, value]]) => int(value.length) + value).join("");
  return int(2) + metadata + int(columns.length > 0 ? 1 : 0) + values;
}

const local = result({
  key: [TEXT, "local"],
  cluster_name: [TEXT, "cluster"],
  data_center: [TEXT, "dc"],
  rack: [TEXT, "rack"],
  release_version: [TEXT, "3.11.0"],
  rpc_address: [INET, "\x7f\0\0\x01"],
});

/** Answers a driver; queries by pairs, the later one first. */
async function handle(connection: Connection<Required<CqlMessage>, CqlMessage>): Promise<void> {
  const waiting: CqlMessage[] = [];
  for await (const { version, stream, opcode, body } of connection) {
    const answer = (opcode: number, body: string) => {
      const message = { version: VERSION, response: true, stream, opcode, body: bytes(body) };
      return message satisfies CqlMessage;
    };
    if (version !== VERSION) {
      const text = `Invalid or unsupported protocol version (${version}); supported is (4/v4)`;
      await connection.send(answer(ERROR, int(0x0a) + string(text)));
      continue;
    }
    if (opcode === OPTIONS) await connection.send(answer(SUPPORTED, int(0, 2)));
    if (opcode === STARTUP || opcode === REGISTER) await connection.send(answer(READY, ""));
    if (opcode !== QUERY) continue;
    const length = uint(body, 0, 4);
    const query = latin1(body.subarray(4, 4 + length));
    const number = /^select (\d+)$/i.exec(query)?.[1];
    if (number !== undefined) {
      waiting.unshift(answer(RESULT, result({ value: [TEXT, `row ${number}`] })));
      if (waiting.length === 2) {
        for (const message of waiting.splice(0)) await connection.send(message);
      }
    } else if (query === "insert") {
      // Consistency, flags, the number of values, and the length of the first one.
      const value = latin1(body.subarray(4 + length + 9, 4 + length + 9 + 10 * 2 ** 20));
      await connection.send(answer(RESULT, result({ value: [BLOB, value] })));
    } else if (query.includes("system.local")) await connection.send(answer(RESULT, local));
    else if (query.includes("system")) await connection.send(answer(RESULT, result({})));
    else await connection.send(answer(ERROR, int(0x2000) + string("no such query")));
  }
}

test(...driver.needed("cql() serves the driver of Cassandra"), async () => {
  const lines = await driver.served("work", cql(), handle);
  assert.deepEqual(lines, [1000, 10 * 2 ** 20]);
});
