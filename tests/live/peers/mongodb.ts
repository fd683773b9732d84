/** The driver of MongoDB. */

import assert from "node:assert/strict";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run, type Untyped } from "./package.ts";

const { MongoClient } = load("mongodb");

await run({
  /** Pings a server, inserts documents, and finds them again. */
  async work({ port, compressors }: { readonly port: number; readonly compressors?: string }) {
    const options = compressors ? { compressors } : {};
    const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
    const client = await new MongoClient(url, options).connect();
    const database = client.db("shop");
    tell(await database.command({ ping: 1 }));
    const orders = database.collection("orders");
    const many = Array.from({ length: 1000 }, (_, index) => ({ _id: index, text: `€ ${index}` }));
    tell((await orders.insertMany(many)).insertedCount);
    const data = numbered(10 * 2 ** 20);
    await orders.insertMany([{ _id: 1000, data }]);
    const found = await orders.find().toArray();
    const { data: large } = found.pop();
    assert.deepEqual(found, many);
    assert.equal(Buffer.compare(large.buffer, data), 0);
    tell(found.length + 1);
    await assert.rejects(database.command({ nonsense: 1 }), (error: Untyped) => {
      tell([error.code, error.codeName]);
      return true;
    });
    await client.close();
  },
});
