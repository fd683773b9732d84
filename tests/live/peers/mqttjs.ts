/** The client `mqtt`. */

import assert from "node:assert/strict";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run } from "./package.ts";

const { connectAsync } = load("mqtt");

await run({
  /** Subscribes, and publishes messages of each quality of service, which come back. */
  async work({ port, version }: { readonly port: number; readonly version: 4 | 5 }) {
    const options = { protocolVersion: version, clientId: "client", reconnectPeriod: 0 };
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, options);
    const received: Buffer[] = [];
    const payloads = Array.from({ length: 300 }, (_, index) => Buffer.from(`€ ${index}`));
    payloads.push(Buffer.from(numbered(500_000)), Buffer.alloc(0));
    const whole = new Promise<void>((resolve) => {
      client.on("message", (topic: string, payload: Buffer) => {
        assert.equal(topic, "orders/€");
        if (received.push(payload) === payloads.length) resolve();
      });
    });
    await client.subscribeAsync("orders/+", { qos: 2 });
    const properties = version === 5 ? { contentType: "text/plain" } : undefined;
    const publish = (payload: Buffer, index: number) =>
      client.publishAsync("orders/€", payload, { qos: index % 3, properties });
    await Promise.all(payloads.map(publish));
    await whole;
    // Messages of a higher quality of service take longer.
    assert.deepEqual(received.sort(Buffer.compare), payloads.sort(Buffer.compare));
    tell(received.length);
    await client.unsubscribeAsync("orders/+");
    await client.endAsync();
  },
});
