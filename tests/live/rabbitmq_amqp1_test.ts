/** `amqp1` with RabbitMQ. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { amqp1, type Amqp1Frame, type AmqpProtocolHeader } from "../../protocols.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { connected, live, next } from "../support/live_server.ts";

type Client = Connection<
  Required<Amqp1Frame> | AmqpProtocolHeader,
  Amqp1Frame | AmqpProtocolHeader
>;

/** The descriptors of frames and of what they contain. */
const [OPEN, BEGIN, ATTACH, FLOW, TRANSFER, CLOSE] = [16, 17, 18, 19, 20, 24] as const;
const [SOURCE, TARGET, MECHANISMS, INIT, OUTCOME] = [0x28, 0x29, 0x40, 0x41, 0x44] as const;
const DATA = 0x75;
const MAX_FRAME = 8192;
/** Maximum length of the content of a transfer. */
const MAX_CONTENT = 8000;

const NULL = "\x40";
const TRUE = "\x41";
const FALSE = "\x42";

/** Returns an integer of four bytes, one character a byte, as all functions below. */
function int(value: number): string {
  return String.fromCharCode(...[24, 16, 8, 0].map((bits) => value >>> bits & 0xff));
}

function uint(value: number): string {
  return `\x70${int(value)}`;
}

function ubyte(value: number): string {
  return `\x50${String.fromCharCode(value)}`;
}

function string(text: string): string {
  return `\xa1${String.fromCharCode(text.length)}${text}`;
}

function symbol(text: string): string {
  return `\xa3${String.fromCharCode(text.length)}${text}`;
}

function binary(text: string): string {
  return `\xa0${String.fromCharCode(text.length)}${text}`;
}

function list(...items: string[]): string {
  const content = items.join("");
  return `\xd0${int(content.length + 4)}${int(items.length)}${content}`;
}

function described(descriptor: number, value: string): string {
  return `\0\x53${String.fromCharCode(descriptor)}${value}`;
}

function call(client: Client, descriptor: number, ...items: string[]): Promise<void> {
  return client.send({ type: "amqp", body: bytes(described(descriptor, list(...items))) });
}

/** Returns the body of the next frame, which has to be this performative. */
async function expect(client: Client, descriptor: number): Promise<Uint8Array> {
  for (;;) {
    const frame = await next(client) as Required<Amqp1Frame>;
    // Credit for either side may come at any time.
    if (frame.body[2] === FLOW && descriptor !== FLOW) continue;
    assert.deepEqual([...frame.body.subarray(0, 3)], [0, 0x53, descriptor], latin1(frame.body));
    return frame.body;
  }
}

/** Connects as a guest, and begins a session. */
async function opened(): Promise<Client> {
  const client = await connected(amqp1());
  await client.send({ type: "protocol", id: 3, version: [1, 0, 0] });
  assert.deepEqual(await next(client), { type: "protocol", id: 3, version: [1, 0, 0] });
  const mechanisms = await next(client) as Required<Amqp1Frame>;
  assert.deepEqual([mechanisms.type, mechanisms.body[2]], ["sasl", MECHANISMS]);
  assert.match(latin1(mechanisms.body), /PLAIN/);
  const init = described(INIT, list(symbol("PLAIN"), binary("\0guest\0guest")));
  await client.send({ type: "sasl", body: bytes(init) });
  assert.equal((await next(client) as Required<Amqp1Frame>).body[2], OUTCOME);
  await client.send({ type: "protocol", id: 0, version: [1, 0, 0] });
  assert.deepEqual(await next(client), { type: "protocol", id: 0, version: [1, 0, 0] });
  await call(client, OPEN, string("client"), string("localhost"), uint(MAX_FRAME));
  await expect(client, OPEN);
  await call(client, BEGIN, NULL, uint(0), uint(10_000), uint(10_000));
  await expect(client, BEGIN);
  return client;
}

/** Attaches a link to a queue, over which messages are sent without acknowledgements. */
async function attach(client: Client, handle: number, role: "sender" | "receiver") {
  const queue = list(string("/queue/amqp1"));
  const [source, target] = [described(SOURCE, queue), described(TARGET, queue)];
  const link = [string(role), uint(handle), role === "receiver" ? TRUE : FALSE];
  const settled = [ubyte(1), ubyte(0)];
  await call(client, ATTACH, ...link, ...settled, source, target, NULL, NULL, uint(0));
  await expect(client, ATTACH);
}

/** Publishes a message in as many frames as it needs. */
async function publish(client: Client, id: number, body: Uint8Array): Promise<void> {
  const payload = described(DATA, `\xb0${int(body.length)}${latin1(body)}`);
  const delivery = [uint(0), uint(id), binary(`${id}`), uint(0), TRUE];
  for (let at = 0; at < payload.length; at += MAX_CONTENT) {
    const more = at + MAX_CONTENT < payload.length ? TRUE : FALSE;
    const head = described(TRANSFER, list(...delivery, more));
    const part = payload.slice(at, at + MAX_CONTENT);
    await client.send({ type: "amqp", body: bytes(head + part) });
  }
}

test("amqp1() exchanges 500 messages with RabbitMQ, and one in many frames", live, async () => {
  const client = await opened();
  await attach(client, 0, "sender");
  await attach(client, 1, "receiver");
  const window = [uint(0), uint(10_000), uint(0), uint(10_000)];
  const credit = [uint(1), uint(0), uint(1000)];
  await call(client, FLOW, ...window, ...credit);
  const bodies = Array.from({ length: 500 }, (_, index) => bytes(`order ${index}`));
  bodies.push(numbered(100_000));
  const publishing = (async () => {
    for (const [id, body] of bodies.entries()) await publish(client, id, body);
  })();
  for (const body of bodies) {
    const expected = latin1(body);
    let content = "";
    do {
      const frame = await expect(client, TRANSFER);
      // A short list: its type, and its length.
      assert.equal(frame[3], 0xc0);
      content += latin1(frame.subarray(5 + frame[4]!));
    } while (content.length < expected.length);
    assert.ok(content.endsWith(expected));
  }
  await publishing;
  await call(client, CLOSE);
  await expect(client, CLOSE);
  await client.close();
});
