/** The server's side of `mqtt` with the client of the same name. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { mqtt, type MqttControl, type MqttPublish } from "../../protocols.ts";
import { npmPeer } from "../support/npm_peer.ts";

type Peer = Connection<Required<MqttControl | MqttPublish>, MqttControl | MqttPublish>;

const client = npmPeer("mqttjs", "mqtt@5.16.0");

/** Acknowledges messages, and returns each with the same quality of service. */
async function handle(connection: Peer, version: 4 | 5, seen: Set<string>): Promise<void> {
  const properties = version === 5 ? [0] : [];
  for await (const message of connection) {
    seen.add(message.type);
    if (message.type === "publish") {
      const { topic, payload, qos, packetId } = message;
      assert.equal(message.properties.length > 0, version === 5);
      const id = Uint8Array.of(packetId >> 8, packetId);
      if (qos > 0) await connection.send({ type: qos === 1 ? "puback" : "pubrec", body: id });
      await connection.send({ type: "publish", topic, payload, qos, packetId });
      continue;
    }
    const { type, body } = message as Required<MqttControl>;
    const id = body.slice(0, 2);
    const answers: Partial<Record<MqttControl["type"], MqttControl>> = {
      subscribe: { type: "suback", body: Uint8Array.of(...id, ...properties, 2) },
      unsubscribe: {
        type: "unsuback",
        body: Uint8Array.of(...id, ...properties, ...(version === 5 ? [0] : [])),
      },
      pubrec: { type: "pubrel", body: id },
      pubrel: { type: "pubcomp", body: id },
      pingreq: { type: "pingresp" },
    };
    const answer = answers[type];
    if (answer !== undefined) await connection.send(answer);
    if (type === "disconnect") return;
  }
}

for (const version of [4, 5] as const) {
  test(...client.needed(`mqtt() serves the client mqtt in version ${version}`), async () => {
    const seen = new Set<string>();
    const lines = await client.served("work", mqtt(), async (connection) => {
      const { type, body } = await connection.receive() as Required<MqttControl>;
      assert.deepEqual([type, body[6]], ["connect", version]);
      const accepted = Uint8Array.of(0, 0, ...(version === 5 ? [0] : []));
      await connection.send({ type: "connack", body: accepted });
      await handle(connection.switchTo(mqtt({ version })), version, seen);
    }, { version });
    assert.deepEqual(lines, [302]);
    for (const type of ["publish", "puback", "pubrec", "pubrel", "pubcomp", "unsubscribe"]) {
      assert.ok(seen.has(type), type);
    }
  });
}
