/** `kafka` with the client `kafkajs`: no package has a broker. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { kafka, type KafkaRequest, type KafkaResponse } from "../../protocols.ts";
import { uint } from "../../src/protocols/integers.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";

const client = npmPeer("kafkajs", "kafkajs@2.2.4");
const [PRODUCE, METADATA, API_VERSIONS] = [0, 3, 18];
const TOPICS = 20_000;

/** Encodes an integer in big-endian order, one character a byte. */
function int(value: number, size: number): string {
  let text = "";
  for (; size > 0; size--) {
    text = String.fromCharCode(value % 256) + text;
    value = Math.floor(value / 256);
  }
  return text;
}

function string(text: string): string {
  return int(text.length, 2) + text;
}

function array(...items: string[]): string {
  return int(items.length, 4) + items.join("");
}

/** Answers to requests of the versions that are offered. */
const answers: Record<number, (port: number, offset: number) => string> = {
  [API_VERSIONS!]: () => {
    const offered = [[PRODUCE!, 3], [METADATA!, 0], [API_VERSIONS!, 2]] as const;
    const ranges = offered.map(([key, version]) => int(key, 2) + int(version, 2).repeat(2));
    return int(0, 2) + array(...ranges) + int(0, 4);
  },
  [METADATA!]: (port) => {
    const broker = int(1, 4) + string("127.0.0.1") + int(port, 4);
    const partition = int(0, 2) + int(0, 4) + int(1, 4) + array(int(1, 4)) + array(int(1, 4));
    const topics = Array.from(
      { length: TOPICS },
      (_, index) => int(0, 2) + string(`topic-${index}`) + array(partition),
    );
    return array(broker) + array(...topics);
  },
  [PRODUCE!]: (_, offset) => {
    const partition = int(0, 4) + int(0, 2) + int(offset, 8) + "\xff".repeat(8);
    return array(string("topic-1") + array(partition)) + int(0, 4);
  },
};

test(...client.needed("kafka() serves kafkajs"), async () => {
  const batches: Uint8Array[] = [];
  const handle = async (connection: Connection<KafkaRequest, KafkaResponse>) => {
    for await (const { apiKey, correlationId, body } of connection) {
      const id = latin1(body.subarray(2, 2 + uint(body, 0, 2)));
      assert.equal(id, "client");
      let asked = true;
      if (apiKey === PRODUCE) {
        batches.push(body);
        // A transaction of null; the number of acknowledgements.
        asked = uint(body, 2 + id.length + 2, 2) > 0;
      }
      const answer = answers[apiKey]!(connection.localAddress!.port, 50 * (batches.length - 1));
      if (asked) await connection.send({ correlationId, body: bytes(answer) });
    }
  };
  const lines = await client.served("work", kafka({ side: "server" }), handle);
  assert.deepEqual(lines, [TOPICS, 950]);
  assert.equal(batches.length, 22);
  assert.match(latin1(batches[19]!), /19 49/);
  const large = batches[20]!;
  const data = numbered(10 * 2 ** 20);
  const at = latin1(large).indexOf(latin1(data.subarray(0, 1000)));
  assert.ok(at > 0 && data.every((byte, index) => byte === large[at + index]));
  assert.match(latin1(batches[21]!), /last/);
});
