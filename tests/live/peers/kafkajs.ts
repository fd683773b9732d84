/** The client `kafkajs`. */

import { tell } from "../../support/child.ts";
import { numbered } from "../../support/bytes.ts";
import { load, run } from "./package.ts";

const { Kafka, logLevel } = load("kafkajs");

await run({
  /** Asks a broker for its topics, and sends messages to it. */
  async work({ port }: { readonly port: number }) {
    const brokers = [`127.0.0.1:${port}`];
    const kafka = new Kafka({ clientId: "client", brokers, logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    tell((await admin.listTopics()).length);
    await admin.disconnect();
    const producer = kafka.producer();
    await producer.connect();
    for (let batch = 0; batch < 20; batch++) {
      const messages = Array.from({ length: 50 }, (_, index) => ({ value: `${batch} ${index}` }));
      const [{ baseOffset }] = await producer.send({ topic: "topic-1", messages });
      if (batch === 19) tell(Number(baseOffset));
    }
    const large = { value: Buffer.from(numbered(10 * 2 ** 20)) };
    await producer.send({ topic: "topic-1", messages: [large] });
    await producer.send({ topic: "topic-1", messages: [{ value: "last" }], acks: 0 });
    await producer.disconnect();
  },
});
