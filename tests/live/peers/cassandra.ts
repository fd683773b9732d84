/** The driver of Cassandra. */

import assert from "node:assert/strict";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run } from "./package.ts";

const { Client } = load("cassandra-driver");

await run({
  /** Connects to a server, and runs many queries at once, and a large one. */
  async work({ port }: { readonly port: number }) {
    const client = new Client({
      contactPoints: ["127.0.0.1"],
      localDataCenter: "dc",
      protocolOptions: { port },
      isMetadataSyncEnabled: false,
    });
    await client.connect();
    const queries = Array.from({ length: 1000 }, (_, index) => `select ${index}`);
    const results = await Promise.all(queries.map((query) => client.execute(query)));
    for (const [index, { rows }] of results.entries()) assert.equal(rows[0].value, `row ${index}`);
    tell(results.length);
    const data = Buffer.from(numbered(10 * 2 ** 20));
    const { rows } = await client.execute("insert", [data]);
    assert.equal(Buffer.compare(rows[0].value, data), 0);
    tell(rows[0].value.length);
    await assert.rejects(client.execute("nonsense"), { code: 0x2000, message: "no such query" });
    await client.shutdown();
  },
});
