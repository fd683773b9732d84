/** `stomp` with RabbitMQ. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { stomp, type StompFrame } from "../../protocols.ts";
import { latin1, numbered } from "../support/bytes.ts";
import { connected, live, next, port } from "../support/live_server.ts";

type Client = Connection<Required<StompFrame> | "heartbeat", StompFrame | "heartbeat">;

const encoder = new TextEncoder();

/** Sends a frame. */
function send(client: Client, command: string, headers: object, body?: Uint8Array): Promise<void> {
  const frame = { command, headers: new Map<string, string>(Object.entries(headers)) };
  return client.send(body === undefined ? frame : { ...frame, body });
}

/** Returns the next frame after the line ends that RabbitMQ sends after each; `undefined` at the end. */
async function received(client: Client): Promise<Required<StompFrame> | undefined> {
  for (;;) {
    const frame = await client.receive();
    if (frame !== "heartbeat") return frame;
  }
}

/** Returns the next frame, which has to have this command. */
async function expect(client: Client, command: string): Promise<Required<StompFrame>> {
  const frame = await received(client);
  assert.equal(frame?.command, command, frame && latin1(frame.body));
  return frame!;
}

/** Connects as a guest. */
async function opened(headers: object = {}): Promise<Client> {
  const client = await connected(stomp(), { port: port + 3 });
  const login = { login: "guest", passcode: "guest", host: "/" };
  await send(client, "CONNECT", { "accept-version": "1.2", ...login, ...headers });
  const { headers: given } = await expect(client, "CONNECTED");
  assert.match(given.get("server")!, /^RabbitMQ/);
  assert.equal(given.get("version"), "1.2");
  return client;
}

async function close(client: Client): Promise<void> {
  await send(client, "DISCONNECT", { receipt: "bye" });
  assert.equal((await expect(client, "RECEIPT")).headers.get("receipt-id"), "bye");
  await client.close();
}

test("stomp() exchanges 2,000 messages with RabbitMQ", live, async () => {
  const [publisher, consumer] = [await opened(), await opened()];
  const destination = "/queue/stomp-orders";
  await send(consumer, "SUBSCRIBE", { id: "0", destination, ack: "client-individual" });
  const publishing = (async () => {
    for (let index = 0; index < 2000; index++) {
      const headers = { destination, "x-index": `${index}`, "x-text": "a:b\\c\nd\r€" };
      await send(publisher, "SEND", headers, encoder.encode(`order ${index} €`));
    }
  })();
  for (let index = 0; index < 2000; index++) {
    const { headers, body } = await expect(consumer, "MESSAGE");
    assert.equal(new TextDecoder().decode(body), `order ${index} €`);
    assert.equal(headers.get("x-index"), `${index}`);
    assert.equal(headers.get("x-text"), "a:b\\c\nd\r€");
    await send(consumer, "ACK", { id: headers.get("ack")! });
  }
  await publishing;
  await Promise.all([close(publisher), close(consumer)]);
});

test("stomp() exchanges bodies of NUL, and of 1 MiB, with RabbitMQ", live, async () => {
  const client = await opened();
  const destination = "/queue/stomp-bodies";
  await send(client, "SUBSCRIBE", { id: "0", destination });
  const zeros = new Uint8Array(1000);
  const large = numbered(2 ** 20);
  const long = new Uint8Array(2 ** 20).fill(0xff);
  const headers = { destination, "content-type": "application/octet-stream" };
  for (const body of [zeros, large, new Uint8Array(), encoder.encode("\n\n"), long]) {
    await send(client, "SEND", { ...headers, receipt: "sent" }, body);
    // The receipt and the message come in any order.
    const frames = [await received(client), await received(client)];
    const commands = frames.map((frame) => frame?.command).sort();
    assert.deepEqual(commands, ["MESSAGE", "RECEIPT"]);
    const message = frames.find((frame) => frame?.command === "MESSAGE")!;
    assert.equal(message.body.length, body.length);
    assert.ok(message.body.every((byte, index) => byte === body[index]));
  }
  await close(client);
});

test("stomp() exchanges heartbeats with RabbitMQ", live, async () => {
  const client = await opened({ "heart-beat": "500,500" });
  for (let count = 0; count < 3; count++) {
    assert.equal(await next(client), "heartbeat");
    await client.send("heartbeat");
  }
  await close(client);
});

test("stomp() reads why RabbitMQ refuses a frame", live, async () => {
  const client = await opened();
  await send(client, "SEND", { destination: "/nowhere/else" }, encoder.encode("lost"));
  const { headers, body } = await expect(client, "ERROR");
  assert.equal(headers.get("message"), "Unknown destination");
  assert.match(latin1(body), /'\/nowhere\/else' is not a valid destination/);
  await client.close();
});
