/** `dbus` with the reference bus, and with a service and a client of `dbus-next` on it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, delimited, text } from "../../mod.ts";
import { dbus, type DbusMessage } from "../../protocols.ts";
import { uint, uintLE } from "../../src/protocols/integers.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { connected, folder, live } from "../support/live_server.ts";
import { npmPeer } from "../support/npm_peer.ts";

type Client = Connection<Required<DbusMessage>, DbusMessage>;

const peer = npmPeer("dbus", "dbus-next@0.10.2");
const [CALL, REPLY, ERROR, SIGNAL] = [1, 2, 3, 4] as const;
/** Header fields, and the types of their values. */
const FIELDS = {
  path: [1, "o"],
  interface: [2, "s"],
  member: [3, "s"],
  error: [4, "s"],
  replySerial: [5, "u"],
  destination: [6, "s"],
  sender: [7, "s"],
  signature: [8, "g"],
} as const;
type Fields = { readonly [name in keyof typeof FIELDS]?: string | number };
const BUS = "org.freedesktop.DBus";
const bus = { path: "/org/freedesktop/DBus", interface: BUS, destination: BUS };

/** Encodes and decodes with numbers of one byte order, a character a byte. */
class Order {
  readonly littleEndian: boolean;

  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian;
  }

  int(value: number): string {
    const bytes = [24, 16, 8, 0].map((bits) => value >>> bits & 0xff);
    return String.fromCharCode(...(this.littleEndian ? bytes.reverse() : bytes));
  }

  string(text: string): string {
    return `${this.int(text.length)}${text}\0`;
  }

  fields(fields: Fields): Uint8Array {
    let content = "";
    for (const [name, value] of Object.entries(fields)) {
      const [code, type] = FIELDS[name as keyof Fields];
      content += "\0".repeat(-content.length & 7);
      content += String.fromCharCode(code, 1, type.charCodeAt(0), 0);
      content += type === "u"
        ? this.int(value as number)
        : type === "g"
        ? `${String.fromCharCode(`${value}`.length)}${value}\0`
        : this.string(value as string);
    }
    return bytes(content);
  }

  fieldsIn(content: Uint8Array): Fields {
    const read = this.littleEndian ? uintLE : uint;
    const fields: Record<string, string | number> = {};
    for (let at = 0; at < content.length; at += -at & 7) {
      const code = content[at];
      const [name, [, type]] = Object.entries(FIELDS).find(([, [one]]) => one === code)!;
      at += 4;
      const start = at + (type === "g" ? 1 : 4);
      const length = type === "g" ? content[at]! : read(content, at, 4);
      fields[name] = type === "u" ? length : latin1(content.subarray(start, start + length));
      at = type === "u" ? start : start + length + 1;
    }
    return fields;
  }
}

/** A client, and what it needs to call methods. */
class Caller {
  readonly client: Client;
  readonly order: Order;
  #serial = 0;

  constructor(client: Client, order: Order) {
    this.client = client;
    this.order = order;
  }

  /** Sends a message, and returns its serial. */
  async send(type: number, fields: Fields, body = ""): Promise<number> {
    const serial = ++this.#serial;
    const { littleEndian } = this.order;
    const encoded = this.order.fields(fields);
    await this.client.send({ littleEndian, type, serial, fields: encoded, body: bytes(body) });
    return serial;
  }

  /** Returns the next message of a type. */
  async next(type: number): Promise<{ message: Required<DbusMessage>; fields: Fields }> {
    for (;;) {
      const message = await this.client.receive();
      assert.ok(message !== undefined);
      const fields = new Order(message.littleEndian).fieldsIn(message.fields);
      if (message.type === type) return { message, fields };
      assert.equal(message.type, SIGNAL, `${fields.error}`);
    }
  }

  /** Calls a method, and returns the body of the reply. */
  async call(fields: Fields, body = ""): Promise<Uint8Array> {
    const serial = await this.send(CALL, fields, body);
    const { message, fields: reply } = await this.next(REPLY);
    assert.equal(reply.replySerial, serial);
    return message.body;
  }

  /** Calls a method of the bus that takes texts and a number. */
  ask(member: string, signature: string, body: string): Promise<Uint8Array> {
    return this.call({ ...bus, member, ...(signature && { signature }) }, body);
  }
}

/** Connects, authenticates and says hello. */
async function opened(order = new Order(true), path?: string): Promise<Caller> {
  const protocol = { framer: delimited("\r\n"), codec: text() };
  const connection = await connected(protocol, path === undefined ? {} : { path });
  // A user is its number in digits, whose codes are hexadecimal.
  const user = [...`${process.getuid!()}`].map((digit) => `3${digit}`).join("");
  await connection.send(path === undefined ? "\0AUTH ANONYMOUS" : `\0AUTH EXTERNAL ${user}`);
  assert.match((await connection.receive())!, /^OK [0-9a-f]{32}$/);
  await connection.send("BEGIN");
  const caller = new Caller(connection.switchTo(dbus()), order);
  assert.match(latin1(await caller.ask("Hello", "", "")), /:1\.\d+\0$/);
  return caller;
}

for (const littleEndian of [true, false]) {
  const how = littleEndian ? "least" : "most";
  test(`dbus() calls methods over the bus, ${how} significant byte first`, live, async () => {
    const order = new Order(littleEndian);
    const [service, client] = [await opened(order), await opened()];
    const name = `org.example.${how}`;
    const owned = await service.ask("RequestName", "su", padded(order.string(name), order.int(0)));
    // The bus has an order of its own.
    assert.match(latin1(owned), /^(\x01\0\0\0|\0\0\0\x01)$/);
    const echo = { path: "/", interface: "org.example.Echo", member: "Echo", signature: "ay" };
    const little = client.order;
    for (const length of [0, 1, 7, 8, 9, 2 ** 20]) {
      const body = little.int(length) + latin1(numbered(length));
      const serial = await client.send(CALL, { ...echo, destination: name }, body);
      const { message, fields } = await service.next(CALL);
      assert.equal(latin1(message.body), body);
      assert.equal(fields.member, "Echo");
      const answer = order.int(length) + latin1(numbered(length));
      const destination = fields.sender!;
      const reply = { replySerial: message.serial, destination, signature: "ay" };
      await service.send(REPLY, reply, answer);
      const received = await client.next(REPLY);
      assert.equal(received.fields.replySerial, serial);
      assert.equal(received.message.littleEndian, littleEndian);
      assert.equal(latin1(received.message.body), answer);
    }
    await Promise.all([service.client.close(), client.client.close()]);
  });
}

test("dbus() reads an error of the bus, and pipelines 500 calls", live, async () => {
  const caller = await opened();
  await caller.send(CALL, { ...bus, member: "Nonsense" });
  const { fields } = await caller.next(ERROR);
  assert.equal(fields.error, "org.freedesktop.DBus.Error.UnknownMethod");
  const first = await caller.send(CALL, { ...bus, member: "ListNames" });
  for (let count = 1; count < 500; count++) {
    await caller.send(CALL, { ...bus, member: "ListNames" });
  }
  for (let count = 0; count < 500; count++) {
    const { fields } = await caller.next(REPLY);
    assert.equal(fields.replySerial, first + count);
  }
  await caller.client.close();
});

test(...peer.needed("dbus() calls a service of dbus-next"), async () => {
  const service = peer.start("serve", { path: `${folder}/bus` });
  assert.equal(await service.next(), "ready");
  const caller = await opened(new Order(true), `${folder}/bus`);
  const { order } = caller;
  await caller.ask("AddMatch", "s", order.string("type='signal',interface='org.example.Echo'"));
  const echo = { path: "/org/example/Echo", interface: "org.example.Echo", signature: "ay" };
  const body = order.int(2 ** 20) + latin1(numbered(2 ** 20));
  const destination = "org.example.Echo";
  assert.equal(latin1(await caller.call({ ...echo, destination, member: "Echo" }, body)), body);
  service.go();
  const { message, fields } = await caller.next(SIGNAL);
  assert.deepEqual([fields.member, latin1(message.body)], ["Echoed", order.int(7)]);
  await caller.client.close();
  service.end();
  await service.ended;
});

test(...peer.needed("dbus() serves a client of dbus-next"), async () => {
  const service = await opened(new Order(true), `${folder}/bus`);
  const { order } = service;
  await service.ask("RequestName", "su", padded(order.string("org.example.Ours"), order.int(0)));
  const client = peer.start("call", { path: `${folder}/bus`, length: 2 ** 20 });
  const { message, fields } = await service.next(CALL);
  const reply = { replySerial: message.serial, destination: fields.sender!, signature: "ay" };
  await service.send(REPLY, reply, latin1(message.body));
  assert.deepEqual(await client.ended, [2 ** 20]);
  await service.client.close();
});

/** Appends a number, at a multiple of 4. */
function padded(text: string, number: string): string {
  return text + "\0".repeat(-text.length & 3) + number;
}
