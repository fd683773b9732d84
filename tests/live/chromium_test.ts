/** `nativeMessaging` with an extension in Chromium. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, serve } from "../../mod.ts";
import { nativeMessaging } from "../../protocols.ts";
import { within } from "../support/limits.ts";
import { next, port } from "../support/live_server.ts";
import { settled } from "../support/pairs.ts";

test(
  "nativeMessaging() exchanges 1,000 messages and its limits with Chromium",
  within(60_000),
  async () => {
    const { promise, resolve, reject } = settled<void>();
    const server = await serve(
      { port: port + 1, ...nativeMessaging() },
      (connection) => exchange(connection).then(resolve, reject),
    );
    try {
      await promise;
    } finally {
      await server.shutdown({ deadline: 0 }).catch(() => {});
    }
  },
);

async function exchange(connection: Connection<unknown>): Promise<void> {
  assert.equal(await next(connection), "ä€😀");
  const messages = Array.from({ length: 1000 }, (_, id) => ({ id, text: "€".repeat(id % 50) }));
  for (const message of messages) void connection.send(message);
  for (const message of messages) assert.deepEqual(await next(connection), message);
  // Chromium accepts exactly 1 MiB, and sends up to 64 MiB.
  const text = "a".repeat(2 ** 20 - JSON.stringify({ text: "" }).length);
  await connection.send({ text });
  assert.deepEqual(await next(connection), { text });
  await assert.rejects(connection.send({ text: `${text}a` }), RangeError);
  const repeat = 60 * 2 ** 20;
  await connection.send({ text: "a", repeat });
  const long = await next(connection) as { readonly text: string };
  assert.equal(long.text.length, repeat);
}
