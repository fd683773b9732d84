/** The client `iso-on-tcp`. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { tell } from "../../support/child.ts";
import { load, run } from "./package.ts";

const { createConnection } = load("iso-on-tcp");

await run({
  /** Sends packets of all lengths up to `count` bytes, which come back, and disconnects. */
  async work({ port, count }: { readonly port: number; readonly count: number }) {
    const client = createConnection({ host: "127.0.0.1", port, tpduSize: 1024 });
    await once(client, "connect");
    let received = 0;
    client.on("message", ({ payload }: { readonly payload: Buffer }) => {
      received++;
      assert.equal(Buffer.compare(payload, Buffer.alloc(received, received)), 0);
      if (received === count) client.close();
    });
    for (let length = 1; length <= count; length++) client.write(Buffer.alloc(length, length));
    await once(client, "close");
    tell(received);
  },
});
