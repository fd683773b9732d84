/** The sequence `nats` with NATS. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import type { Operation } from "../../examples/sequences/nats.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { example } from "../support/examples.ts";
import { connected, live, next } from "../support/live_server.ts";

const { nats } = await example(
  "sequences/nats.ts",
) as typeof import("../../examples/sequences/nats.ts");

const ping = { words: ["PING"] };

/** Connects, and waits until the server has answered. */
async function opened(): Promise<Connection<Operation>> {
  const connection = await connected({ ...nats, maxFrameLength: 2 ** 23 });
  const { words } = await next(connection);
  assert.equal(words[0], "INFO");
  assert.equal(JSON.parse(words.slice(1).join(" ")).headers, true);
  const options = { verbose: false, headers: true, no_responders: true };
  await connection.send({ words: ["CONNECT", JSON.stringify(options)] });
  await connection.send(ping);
  assert.deepEqual(await next(connection), { words: ["PONG"] });
  return connection;
}

test("nats delivers 10,000 messages in order", live, async () => {
  const [subscriber, publisher] = [await opened(), await opened()];
  await subscriber.send({ words: ["SUB", "orders.*", "1"] });
  await subscriber.send(ping);
  await next(subscriber);
  const publishing = (async () => {
    for (let index = 0; index < 10_000; index++) {
      const payload = bytes(`${index}\r\n`);
      await publisher.send({ words: ["PUB", `orders.${index % 7}`, `${payload.length}`], payload });
    }
  })();
  for (let index = 0; index < 10_000; index++) {
    const { words, payload } = await next(subscriber);
    assert.deepEqual(words, ["MSG", `orders.${index % 7}`, "1", `${payload!.length}`]);
    assert.equal(latin1(payload!), `${index}\r\n`);
  }
  await publishing;
  await Promise.all([subscriber.close(), publisher.close()]);
});

test("nats exchanges 4 MiB and headers", live, async () => {
  const connection = await opened();
  await connection.send({ words: ["SUB", "large", "9"] });
  const payload = numbered(2 ** 22 - 100);
  const headers = bytes("NATS/1.0\r\nA: 1\r\n\r\n");
  const lengths = [`${headers.length}`, `${headers.length + payload.length}`];
  await connection.send({ words: ["HPUB", "large", ...lengths], headers, payload });
  const message = await next(connection);
  assert.deepEqual(message.words, ["HMSG", "large", "9", ...lengths]);
  assert.equal(latin1(message.headers!), latin1(headers));
  assert.ok(message.payload!.every((byte, index) => byte === payload[index]));
  // Nobody receives this one, which the server reports.
  await connection.send({ words: ["SUB", "inbox", "2"] });
  await connection.send({ words: ["PUB", "nobody", "inbox", "0"], payload: new Uint8Array() });
  const status = await next(connection);
  assert.deepEqual([status.words[0], status.payload!.length], ["HMSG", 0]);
  assert.match(latin1(status.headers!), /^NATS\/1\.0 503/);
  await connection.send({ words: ["NONSENSE"] });
  assert.equal((await next(connection)).words[0], "-ERR");
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});
