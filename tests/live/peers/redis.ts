/** The client `redis`. */

import assert from "node:assert/strict";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run, type Untyped } from "./package.ts";

const { createClient, RESP_TYPES } = load("redis");

await run({
  /** Sends many commands at once and a large value, and receives a message that is pushed. */
  async work({ port, version }: { readonly port: number; readonly version: 2 | 3 }) {
    const client = createClient({ url: `redis://127.0.0.1:${port}`, RESP: version });
    await client.connect();
    const sets = Array.from({ length: 5000 }, (_, index) => client.set(`€ ${index}`, `${index}`));
    tell((await Promise.all(sets)).every((reply) => reply === "OK"));
    const gets = Array.from({ length: 5000 }, (_, index) => client.get(`€ ${index}`));
    const values = await Promise.all(gets);
    assert.deepEqual(values, Array.from({ length: 5000 }, (_, index) => `${index}`));
    tell(await client.get("missing"));
    tell({ ...await client.hGetAll("hash") });
    const bytes = Buffer.from(numbered(5 * 2 ** 20));
    await client.set("large", bytes);
    const buffers = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    assert.equal(Buffer.compare(await buffers.get("large"), bytes), 0);
    await assert.rejects(client.sendCommand(["NONSENSE"]), ({ message }: Untyped) => {
      tell(message);
      return true;
    });
    const subscriber = client.duplicate();
    await subscriber.connect();
    const message = new Promise((resolve) => void subscriber.subscribe("channel", resolve));
    tell(await message);
    subscriber.destroy();
    client.destroy();
  },
});
