/** `jsonSeq`, `ndjson` and `jsonValues` with jq. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Protocol } from "../../mod.ts";
import { jsonSeq, jsonValues, ndjson } from "../../protocols.ts";
import { connected, live, port } from "../support/live_server.ts";

const values: unknown[] = [
  1,
  true,
  null,
  "",
  '\u2028 € \ud83d\ude00 \x1e \n \\ "',
  [],
  {},
  [[[]], { a: "}" }],
  -1.5e-7,
  { text: "x".repeat(500_000) },
];
for (let index = 0; index < 2000; index++) values.push({ index, list: [index, `${index}`, null] });

for (
  const [name, protocol, offset] of [
    ["jsonSeq", jsonSeq(), 0],
    ["ndjson", ndjson(), 1],
    ["jsonValues", jsonValues(), 2],
  ] as [string, Protocol<unknown>, number][]
) {
  test(`${name}() gets 2,000 values back from jq`, live, async () => {
    const connection = await connected(protocol, { port: port + offset });
    for (const value of values) await connection.send(value);
    await connection.closeWrite();
    const received = [];
    for await (const value of connection) received.push(value);
    assert.deepEqual(received, values);
    await connection.close();
  });
}
