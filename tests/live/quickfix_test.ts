/** `fix` with an acceptor of QuickFIX. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { fix, type FixMessage } from "../../protocols.ts";
import { latin1 } from "../support/bytes.ts";
import { connected, live, next } from "../support/live_server.ts";

/** The initiator of a session. */
class Initiator {
  readonly #connection: Connection<FixMessage>;
  #sent = 0;

  constructor(connection: Connection<FixMessage>) {
    this.#connection = connection;
  }

  /** Sends a message of a type with more fields. */
  async send(type: string, fields = ""): Promise<void> {
    const time = new Date().toISOString().replaceAll("-", "").replace("T", "-").slice(0, -1);
    const header = `35=${type}|34=${++this.#sent}|49=CLIENT|52=${time}|56=SERVER|`;
    const body = new TextEncoder().encode((header + fields).replaceAll("|", "\x01"));
    await this.#connection.send({ version: "FIX.4.4", body });
  }

  /** Returns the fields of the next message. */
  async receive(): Promise<Map<string, string>> {
    const { version, body } = await next(this.#connection);
    assert.equal(version, "FIX.4.4");
    const fields = latin1(body).split("\x01").slice(0, -1);
    return new Map(fields.map((field) => field.split(/=([^]*)/, 2) as [string, string]));
  }
}

test("fix() exchanges 1,000 orders with QuickFIX", live, async () => {
  const connection = await connected(fix());
  const initiator = new Initiator(connection);
  await initiator.send("A", "98=0|108=30|141=Y|");
  const logon = await initiator.receive();
  assert.deepEqual([logon.get("35"), logon.get("34")], ["A", "1"]);
  await initiator.send("1", "112=8=FIX 10=000|");
  const heartbeat = await initiator.receive();
  assert.deepEqual([heartbeat.get("35"), heartbeat.get("112")], ["0", "8=FIX 10=000"]);
  for (let id = 0; id < 1000; id++) {
    await initiator.send("D", `11=${id}|21=1|38=1|40=1|54=1|55=€|58=${"x".repeat(id + 1)}|60=0|`);
  }
  for (let id = 0; id < 1000; id++) {
    const order = await initiator.receive();
    assert.deepEqual([order.get("35"), order.get("11"), order.get("34")], [
      "D",
      `${id}`,
      `${id + 3}`,
    ]);
    assert.equal(order.get("58"), "x".repeat(id + 1));
  }
  await initiator.send("5");
  assert.equal((await initiator.receive()).get("35"), "5");
  await connection.close();
});
