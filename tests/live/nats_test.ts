/** `nats` with the server itself. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { nats, type NatsOperation } from "../../protocols.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { connected, live, next } from "../support/live_server.ts";

/** Connects, and waits until the server has answered. */
async function opened(): Promise<Connection<Required<NatsOperation>, NatsOperation>> {
  const connection = await connected(nats());
  const information = await next(connection);
  assert.ok(information.type === "INFO");
  assert.equal(JSON.parse(information.text).headers, true);
  const options = { verbose: false, headers: true, no_responders: true };
  await connection.send({ type: "CONNECT", text: JSON.stringify(options) });
  await connection.send({ type: "PING" });
  assert.deepEqual(await next(connection), { type: "PONG", text: "" });
  return connection;
}

test("nats() delivers 10,000 messages in order", live, async () => {
  const [subscriber, publisher] = [await opened(), await opened()];
  await subscriber.send({ type: "SUB", text: "orders.* 1" });
  await subscriber.send({ type: "PING" });
  await next(subscriber);
  const publishing = (async () => {
    for (let index = 0; index < 10_000; index++) {
      const payload = bytes(`${index}\r\n`);
      const replyTo = index % 2 === 0 ? "" : "answers";
      await publisher.send({ type: "PUB", subject: `orders.${index % 7}`, replyTo, payload });
    }
  })();
  for (let index = 0; index < 10_000; index++) {
    assert.deepEqual(await next(subscriber), {
      type: "MSG",
      subject: `orders.${index % 7}`,
      sid: "1",
      replyTo: index % 2 === 0 ? "" : "answers",
      headers: new Uint8Array(),
      payload: bytes(`${index}\r\n`),
    });
  }
  await publishing;
  await Promise.all([subscriber.close(), publisher.close()]);
});

test("nats() exchanges nearly 4 MiB and headers", live, async () => {
  const connection = await opened();
  await connection.send({ type: "SUB", text: "large 9" });
  const payload = numbered(2 ** 22 - 100);
  const headers = bytes("NATS/1.0\r\nA: 1\r\n\r\n");
  await connection.send({ type: "PUB", subject: "large", headers, payload });
  const message = await next(connection);
  assert.ok(message.type === "MSG");
  assert.equal(latin1(message.headers), latin1(headers));
  assert.equal(message.payload.length, payload.length);
  assert.ok(message.payload.every((byte, index) => byte === payload[index]));
  await connection.close();
});

test("nats() reads a status without a payload, and an error", live, async () => {
  const connection = await opened();
  await connection.send({ type: "SUB", text: "inbox 2" });
  // Nobody receives this message, which the server reports.
  const payload = new Uint8Array();
  await connection.send({ type: "PUB", subject: "nobody", replyTo: "inbox", payload });
  const status = await next(connection);
  assert.ok(status.type === "MSG");
  assert.deepEqual([status.subject, status.payload.length], ["inbox", 0]);
  assert.match(latin1(status.headers), /^NATS\/1\.0 503/);
  await connection.send({ type: "PUB", subject: "a..b", payload });
  await connection.send({ type: "SUB", text: "too many words in here" });
  const error = await next(connection);
  assert.ok(error.type === "-ERR");
  assert.match(error.text, /^'/);
  connection.abort();
});
