/** `amqp091` with RabbitMQ. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { amqp091, type Amqp091Frame, type AmqpProtocolHeader } from "../../protocols.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { connected, live, next } from "../support/live_server.ts";

type Client = Connection<Amqp091Frame | AmqpProtocolHeader>;

/** A method by its class and its number. */
type Method = readonly [number, number];

const [START, START_OK, TUNE, TUNE_OK, OPEN, OPEN_OK]: Method[] = [
  [10, 10],
  [10, 11],
  [10, 30],
  [10, 31],
  [10, 40],
  [10, 41],
];
const [CLOSE, CLOSE_OK]: Method[] = [[10, 50], [10, 51]];
const [CHANNEL_OPEN, CHANNEL_OPEN_OK]: Method[] = [[20, 10], [20, 11]];
const [DECLARE, DECLARE_OK]: Method[] = [[50, 10], [50, 11]];
const [CONSUME, CONSUME_OK, PUBLISH, DELIVER, ACK]: Method[] = [
  [60, 20],
  [60, 21],
  [60, 40],
  [60, 60],
  [60, 80],
];
const [SELECT, SELECT_OK]: Method[] = [[85, 10], [85, 11]];
const FRAME_MAX = 131_072;

/** Returns an integer in big-endian order, one character a byte. */
function uint(value: number, size: number): string {
  let text = "";
  for (; size > 0; size--) {
    text = String.fromCharCode(value % 256) + text;
    value = Math.floor(value / 256);
  }
  return text;
}

function short(text: string): string {
  return uint(text.length, 1) + text;
}

function long(text: string): string {
  return uint(text.length, 4) + text;
}

function call(client: Client, channel: number, method: Method, parameters: string): Promise<void> {
  const payload = bytes(uint(method[0], 2) + uint(method[1], 2) + parameters);
  return client.send({ type: "method", channel, payload });
}

/** Returns the parameters of the next method, which has to be this one. */
async function expect(client: Client, channel: number, method: Method): Promise<Uint8Array> {
  const frame = await next(client) as Amqp091Frame;
  assert.deepEqual([frame.type, frame.channel], ["method", channel], latin1(frame.payload));
  const [, major, , minor] = frame.payload;
  assert.deepEqual([major, minor], method, latin1(frame.payload));
  return frame.payload.subarray(4);
}

/** Connects as a guest, and opens channel 1. */
async function opened(): Promise<Client> {
  const client = await connected(amqp091());
  await client.send({ type: "protocol", id: 0, version: [0, 9, 1] });
  const start = await expect(client, 0, START!);
  assert.match(latin1(start), /RabbitMQ/);
  const login = long("\0guest\0guest");
  await call(client, 0, START_OK!, long("") + short("PLAIN") + login + short("en_US"));
  const tune = await expect(client, 0, TUNE!);
  assert.equal(tune[2]! * 2 ** 24 + tune[3]! * 2 ** 16 + tune[4]! * 256 + tune[5]!, FRAME_MAX);
  await call(client, 0, TUNE_OK!, uint(2047, 2) + uint(FRAME_MAX, 4) + uint(0, 2));
  await call(client, 0, OPEN!, short("/") + short("") + uint(0, 1));
  await expect(client, 0, OPEN_OK!);
  await call(client, 1, CHANNEL_OPEN!, short(""));
  await expect(client, 1, CHANNEL_OPEN_OK!);
  return client;
}

/** Declares a queue that is deleted with its last consumer. */
async function declare(client: Client, queue: string): Promise<void> {
  await call(client, 1, DECLARE!, uint(0, 2) + short(queue) + uint(0b01000, 1) + long(""));
  await expect(client, 1, DECLARE_OK!);
}

/** Publishes a message in as many frames as it needs. */
async function publish(client: Client, queue: string, body: Uint8Array): Promise<void> {
  await call(client, 1, PUBLISH!, uint(0, 2) + short("") + short(queue) + uint(0, 1));
  const header = bytes(uint(60, 2) + uint(0, 2) + uint(body.length, 8) + uint(0, 2));
  await client.send({ type: "header", channel: 1, payload: header });
  // A frame has 8 bytes beside its payload.
  for (let at = 0; at < body.length; at += FRAME_MAX - 8) {
    const payload = body.subarray(at, at + FRAME_MAX - 8);
    await client.send({ type: "body", channel: 1, payload });
  }
}

/** Receives a message, and returns the delivery's number and the body. */
async function delivered(client: Client): Promise<{ tag: number; body: Uint8Array }> {
  const parameters = await expect(client, 1, DELIVER!);
  const at = 1 + parameters[0]! + 4;
  const tag = new DataView(parameters.buffer, parameters.byteOffset + at).getUint32(0);
  const header = await next(client) as Amqp091Frame;
  assert.equal(header.type, "header");
  const { buffer, byteOffset } = header.payload;
  const length = new DataView(buffer, byteOffset + 8).getUint32(0);
  const body = new Uint8Array(length);
  for (let end = 0; end < length;) {
    const { type, payload } = await next(client) as Amqp091Frame;
    assert.equal(type, "body");
    body.set(payload, end);
    end += payload.length;
  }
  return { tag, body };
}

async function consume(client: Client, queue: string): Promise<void> {
  const flags = uint(0, 1);
  await call(client, 1, CONSUME!, uint(0, 2) + short(queue) + short("c") + flags + long(""));
  await expect(client, 1, CONSUME_OK!);
}

async function close(client: Client): Promise<void> {
  await call(client, 0, CLOSE!, uint(200, 2) + short("") + uint(0, 4));
  await expect(client, 0, CLOSE_OK!);
  await client.close();
}

test("amqp091() publishes and consumes 2,000 messages of RabbitMQ", live, async () => {
  const [publisher, consumer] = [await opened(), await opened()];
  await declare(publisher, "orders");
  await consume(consumer, "orders");
  const publishing = (async () => {
    for (let index = 0; index < 2000; index++) {
      await publish(publisher, "orders", bytes(`order ${index}`));
    }
  })();
  for (let index = 0; index < 2000; index++) {
    const { tag, body } = await delivered(consumer);
    assert.equal(tag, index + 1);
    assert.equal(latin1(body), `order ${index}`);
    await call(consumer, 1, ACK!, uint(tag, 8) + uint(0, 1));
  }
  await publishing;
  await Promise.all([close(publisher), close(consumer)]);
});

test("amqp091() exchanges a message of 10 MiB with RabbitMQ", live, async () => {
  const client = await opened();
  await call(client, 1, SELECT!, uint(0, 1));
  await expect(client, 1, SELECT_OK!);
  await declare(client, "large");
  const body = numbered(10 * 2 ** 20);
  await publish(client, "large", body);
  // The server confirms that the message is in the queue.
  await expect(client, 1, ACK!);
  await publish(client, "large", new Uint8Array());
  await expect(client, 1, ACK!);
  await consume(client, "large");
  const read = (await delivered(client)).body;
  assert.equal(read.length, body.length);
  assert.ok(read.every((byte, index) => byte === body[index]));
  assert.equal((await delivered(client)).body.length, 0);
  await close(client);
});

test(
  "amqp091() reads the protocol header with which RabbitMQ refuses a version",
  live,
  async () => {
    const client = await connected(amqp091());
    await client.send({ type: "protocol", id: 0, version: [1, 2, 3] });
    assert.deepEqual(await next(client), { type: "protocol", id: 0, version: [0, 9, 1] });
    // Then RabbitMQ resets the connection.
    await assert.rejects(client.receive(), { name: "ConnectionError", code: "reset" });
  },
);
