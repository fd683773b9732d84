/** `mqtt` with RabbitMQ. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { mqtt, type MqttControl, type MqttPublish } from "../../protocols.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { connected, live, next, port } from "../support/live_server.ts";

/** Returns a text after its length. */
function string(text: string): string {
  return String.fromCharCode(text.length >> 8, text.length & 0xff) + text;
}

/** Connects as a guest. */
async function opened(id: string) {
  const client = await connected(mqtt(), { port: port + 4 });
  // Name and password, and a clean session.
  const login = string(id) + string("guest") + string("guest");
  await client.send({ type: "connect", body: bytes(`${string("MQTT")}\x04\xc2\0\x3c${login}`) });
  const { type, body } = await next(client) as MqttControl;
  assert.deepEqual([type, ...body!], ["connack", 0, 0]);
  return client;
}

test("mqtt() exchanges 500 messages and 200 KiB with RabbitMQ", live, async () => {
  const [publisher, subscriber] = [await opened("publisher"), await opened("subscriber")];
  await subscriber.send({ type: "subscribe", body: bytes(`\0\x01${string("orders/#")}\x01`) });
  const { type, body } = await next(subscriber) as MqttControl;
  assert.deepEqual([type, ...body!], ["suback", 0, 1, 1]);
  const payloads = Array.from({ length: 500 }, (_, index) => bytes(`order ${index}`));
  payloads.push(numbered(200 * 1024), new Uint8Array());
  const publishing = (async () => {
    for (const [index, payload] of payloads.entries()) {
      const packetId = index + 1;
      await publisher.send({ type: "publish", topic: "orders/all", payload, qos: 1, packetId });
    }
  })();
  for (const payload of payloads) {
    const message = await next(subscriber) as Required<MqttPublish>;
    assert.deepEqual([message.type, message.topic, message.qos], ["publish", "orders/all", 1]);
    assert.equal(latin1(message.payload), latin1(payload));
    const { packetId } = message;
    const id = Uint8Array.of(packetId >> 8, packetId & 0xff);
    await subscriber.send({ type: "puback", body: id });
  }
  await publishing;
  // RabbitMQ acknowledges in any order.
  const acknowledged = new Set<number>();
  while (acknowledged.size < payloads.length) {
    const { type, body } = await next(publisher) as MqttControl;
    assert.equal(type, "puback");
    acknowledged.add(body![0]! * 256 + body![1]!);
  }
  for (const client of [publisher, subscriber]) {
    await client.send({ type: "disconnect" });
    await client.close();
  }
});
