/** `mqtt` and `examples/mqtt_subscriber.ts` with Mosquitto. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { mqtt, type MqttControl, type MqttPublish } from "../../protocols.ts";
import { numbered } from "../support/bytes.ts";
import { ended, startExample } from "../support/example_programs.ts";
import { connected, live, next, port } from "../support/live_server.ts";

type Client = Connection<MqttControl | Required<MqttPublish>, MqttControl | MqttPublish>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const none = new Uint8Array();

/** Returns a text after its length. */
function string(text: string): number[] {
  const bytes = encoder.encode(text);
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

/** Connects with a clean session. */
async function opened(version: 4 | 5, id: string): Promise<Client> {
  const client = await connected({ ...mqtt({ version }), maxFrameLength: 2 ** 22 });
  const properties = version === 5 ? [0] : [];
  const body = [...string("MQTT"), version, 2, 0, 60, ...properties, ...string(id)];
  await client.send({ type: "connect", body: Uint8Array.from(body) });
  const reply = await next(client) as MqttControl;
  assert.equal(reply.type, "connack");
  assert.deepEqual([...reply.body!.subarray(0, 2)], [0, 0]);
  return client as Client;
}

async function subscribe(client: Client, version: 4 | 5, topic: string, qos: number) {
  const properties = version === 5 ? [0] : [];
  const body = Uint8Array.of(0, 1, ...properties, ...string(topic), qos);
  await client.send({ type: "subscribe", body });
  const reply = await next(client) as MqttControl;
  assert.deepEqual([reply.type, reply.body!.at(-1)], ["suback", qos]);
}

async function close(client: Client): Promise<void> {
  await client.send({ type: "disconnect" });
  await client.close();
}

/** Returns the packet identifier of a message that acknowledges one. */
function idOf({ body }: MqttControl): number {
  return body![0]! * 256 + body![1]!;
}

for (const version of [4, 5] as const) {
  test(`mqtt() acknowledges 1,000 messages in version ${version}`, live, async () => {
    const subscriber = await opened(version, "subscriber");
    await subscribe(subscriber, version, "orders/+", 1);
    const publisher = await opened(version, "publisher");
    const publishing = (async () => {
      for (let index = 1; index <= 1000; index++) {
        await publisher.send({
          type: "publish",
          topic: `orders/${index}`,
          payload: encoder.encode(`order ${index} €`),
          qos: 1,
          packetId: index,
        });
      }
    })();
    const acknowledged: number[] = [];
    while (acknowledged.length < 1000) {
      const reply = await next(publisher) as MqttControl;
      assert.equal(reply.type, "puback");
      acknowledged.push(idOf(reply));
    }
    await publishing;
    assert.deepEqual(acknowledged, Array.from({ length: 1000 }, (_, index) => index + 1));
    for (let index = 1; index <= 1000; index++) {
      const message = await next(subscriber) as Required<MqttPublish>;
      assert.equal(message.topic, `orders/${index}`);
      assert.equal(decoder.decode(message.payload), `order ${index} €`);
      assert.equal(message.qos, 1);
      const { packetId } = message;
      await subscriber.send({
        type: "puback",
        body: Uint8Array.of(packetId >> 8, packetId & 0xff),
      });
    }
    await subscriber.send({ type: "pingreq" });
    assert.deepEqual(await next(subscriber), { type: "pingresp", body: none });
    await Promise.all([close(subscriber), close(publisher)]);
  });

  test(`mqtt() exchanges 1 MiB with quality of service 2 in version ${version}`, live, async () => {
    const client = await opened(version, "both");
    await subscribe(client, version, "large", 2);
    const payload = numbered(2 ** 20);
    await client.send({ type: "publish", topic: "large", payload, qos: 2, packetId: 7 });
    const pubrec = await next(client) as MqttControl;
    assert.deepEqual([pubrec.type, idOf(pubrec)], ["pubrec", 7]);
    await client.send({ type: "pubrel", body: Uint8Array.of(0, 7) });
    // The last acknowledgement and the message itself come in any order.
    const messages = [await next(client), await next(client)];
    const types = messages.map(({ type }) => type).sort();
    assert.deepEqual(types, ["pubcomp", "publish"]);
    const received = messages.find(({ type }) => type === "publish") as Required<MqttPublish>;
    assert.deepEqual([received.qos, received.payload.length], [2, 2 ** 20]);
    assert.ok(received.payload.every((byte, index) => byte === payload[index]));
    const id = Uint8Array.of(received.packetId >> 8, received.packetId & 0xff);
    await client.send({ type: "pubrec", body: id });
    const pubrel = await next(client) as MqttControl;
    assert.deepEqual([pubrel.type, idOf(pubrel)], ["pubrel", received.packetId]);
    await client.send({ type: "pubcomp", body: id });
    await close(client);
  });
}

test("mqtt() reads retained messages, and properties of version 5", live, async () => {
  const publisher = await opened(5, "publisher");
  // Content type.
  const properties = Uint8Array.of(3, ...string("text/plain"));
  const payload = encoder.encode("kept");
  await publisher.send({ type: "publish", topic: "state", payload, retain: true, properties });
  await publisher.send({ type: "pingreq" });
  assert.equal((await next(publisher)).type, "pingresp");
  const subscriber = await opened(5, "subscriber");
  await subscribe(subscriber, 5, "state", 0);
  assert.deepEqual(await next(subscriber), {
    type: "publish",
    topic: "state",
    payload,
    qos: 0,
    packetId: 0,
    retain: true,
    duplicate: false,
    properties,
  });
  await Promise.all([close(publisher), close(subscriber)]);
});

test("examples/mqtt_subscriber.ts acknowledges messages of Mosquitto", live, async () => {
  const publisher = await opened(4, "publisher");
  const publish = (text: string, packetId: number) =>
    publisher.send({
      type: "publish",
      topic: "room/1",
      payload: encoder.encode(text),
      qos: 1,
      packetId,
    });
  const subscriber = startExample("mqtt_subscriber.ts", ["127.0.0.1", port, "room/+"]);
  assert.equal(await subscriber.line(), "subscribed to room/+");
  // More than the server sends without acknowledgements.
  for (let index = 1; index <= 100; index++) await publish(`message ${index} €`, index);
  for (let index = 1; index <= 100; index++) {
    assert.equal(await subscriber.line(), `room/1: message ${index} €`);
  }
  subscriber.interrupt();
  assert.deepEqual(await ended(subscriber), [0, "connection closed: local\n"]);
  await close(publisher);
});

for (const password of ["secret", "wrong"]) {
  test(
    `examples/mqtt_subscriber.ts logs in with a password that is ${password}`,
    live,
    async () => {
      const args = ["127.0.0.1", port + 1, "#", "ada"];
      const subscriber = startExample("mqtt_subscriber.ts", args, { MQTT_PASSWORD: password });
      if (password === "secret") {
        assert.equal(await subscriber.line(), "subscribed to #");
        subscriber.interrupt();
        assert.equal((await ended(subscriber))[0], 0);
      } else {
        await subscriber.told(/Cannot log in: not authorized/);
        assert.deepEqual(await ended(subscriber), [1, ""]);
      }
    },
  );
}
