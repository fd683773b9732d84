/** The client `stompit`. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run, type Untyped } from "./package.ts";

const stompit = load("stompit");

await run({
  /** Subscribes, and sends messages, which come back: texts without a length, and bytes with one. */
  async work({ port, count }: { readonly port: number; readonly count: number }) {
    const connectHeaders = { host: "/" };
    const client: Untyped = await new Promise((resolve, reject) =>
      stompit.connect(
        { host: "127.0.0.1", port, connectHeaders },
        (error: unknown, client: Untyped) => error ? reject(error) : resolve(client),
      )
    );
    const bodies: Buffer[] = [];
    const whole = new Promise<void>((resolve) => {
      client.subscribe({ destination: "/queue/a:b" }, (error: unknown, message: Untyped) => {
        assert.equal(error, null);
        assert.equal(message.headers.text, "a:b\\c\nd €");
        const parts: Buffer[] = [];
        message.on("data", (part: Buffer) => parts.push(part)).on("end", () => {
          bodies.push(Buffer.concat(parts));
          if (bodies.length === count + 1) resolve();
        });
      });
    });
    const headers = { destination: "/queue/a:b", text: "a:b\\c\nd €" };
    for (let index = 0; index < count; index++) client.send({ ...headers }).end(`€ ${index}\n`);
    const bytes = Buffer.from(numbered(2 ** 20));
    client.send({ ...headers, "content-length": bytes.length }).end(bytes);
    await whole;
    const last = bodies.pop()!;
    assert.deepEqual(bodies.map(String), Array.from({ length: count }, (_, at) => `€ ${at}\n`));
    assert.equal(Buffer.compare(last, bytes), 0);
    tell(bodies.length);
    client.disconnect();
    await once(client, "end");
  },
});
