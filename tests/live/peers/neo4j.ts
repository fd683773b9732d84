/** The driver of Neo4j. */

import assert from "node:assert/strict";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run } from "./package.ts";

const neo4j = load("neo4j-driver");

await run({
  /** Connects to a server, reads many records, and sends and receives a large value. */
  async work({ port }: { readonly port: number }) {
    const auth = neo4j.auth.basic("neo4j", "secret");
    const driver = neo4j.driver(`bolt://127.0.0.1:${port}`, auth);
    const session = driver.session();
    const { records } = await session.run("MATCH (n) RETURN n");
    for (const [index, record] of records.entries()) assert.equal(record.get("n"), `€ ${index}`);
    tell(records.length);
    const data = new Int8Array(numbered(5 * 2 ** 20));
    const { records: [record] } = await session.run("RETURN $data", { data });
    assert.deepEqual(record.get("n"), data);
    tell(data.length);
    await assert.rejects(session.run("NONSENSE"), {
      code: "Neo.ClientError.Statement.SyntaxError",
    });
    await session.close();
    await driver.close();
  },
});
