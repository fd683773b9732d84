/** TLS with `openssl s_server`, and `tlsRecords` in a proxy before it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { connect, type Connection, lines, serve, text, type TlsOptions } from "../../mod.ts";
import { type TlsRecord, tlsRecords } from "../../protocols.ts";
import { connected, folder, live, next } from "../support/live_server.ts";

const [HANDSHAKE, DATA] = [22, 23];
const reversing = { framer: lines(), codec: text(), maxFrameLength: 2 ** 20 };
const tls: TlsOptions = {
  ca: readFileSync(`${folder}/server.crt`, "utf8"),
  serverName: "localhost",
  closeNotify: "optional",
};

/** Sends lines, and receives them reversed. */
async function reverse(connection: Connection<string>): Promise<void> {
  for (let index = 0; index < 200; index++) {
    const line = `${index} `.padEnd(index * 40, "x");
    await connection.send(line);
    assert.equal(await next(connection), [...line].reverse().join(""));
  }
}

test("lines() over TLS speaks with openssl s_server", live, async () => {
  const connection = await connected(reversing, { tls });
  await reverse(connection);
  await connection.close();
});

test("tlsRecords() passes TLS on to openssl s_server record by record", live, async () => {
  const records: TlsRecord[] = [];
  await using proxy = await serve(tlsRecords(), async (client) => {
    const server = await connected(tlsRecords());
    const pass = async (
      from: Connection<Required<TlsRecord>, TlsRecord>,
      to: Connection<Required<TlsRecord>, TlsRecord>,
    ) => {
      for await (const record of from) {
        records.push({ ...record, fragment: record.fragment.slice() });
        await to.send(record);
      }
      await to.closeWrite();
    };
    await Promise.all([pass(client, server), pass(server, client)]);
  });
  const connection = await connect({ ...proxy.address, ...reversing, tls });
  await reverse(connection);
  await connection.close();
  assert.deepEqual([records[0]!.type, records[0]!.fragment[0]], [HANDSHAKE, 1]);
  assert.ok(records.filter(({ type }) => type === DATA).length >= 400);
});
