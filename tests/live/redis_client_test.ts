/** The server's side of `resp` with the client `redis`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { resp, type RespValue } from "../../protocols.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";

const client = npmPeer("redis", "redis@6.3.1");

/** Answers commands from values that all connections share. */
async function handle(
  connection: Connection<Uint8Array[], RespValue>,
  values: Map<string, Uint8Array>,
): Promise<void> {
  let version = 2;
  const map = (entries: [RespValue, RespValue][]): RespValue =>
    version === 3 ? { type: "map", entries } : entries.flat();
  const push = (values: RespValue[]): RespValue =>
    version === 3 ? { type: "push", values } : values;
  for await (const [command, ...parameters] of connection) {
    const key = parameters[0] ? latin1(parameters[0]) : "";
    const name = latin1(command!).toUpperCase();
    if (name === "HELLO") version = Number(key);
    const error = { type: "error", message: `ERR unknown command '${name}'` } as const;
    const answers: Record<string, () => RespValue> = {
      HELLO: () => map([["server", "redis"], ["version", "8.0.0"], ["proto", version]]),
      CLIENT: () => "OK",
      PING: () => "PONG",
      SET: () => {
        values.set(key, parameters[1]!.slice());
        return "OK";
      },
      GET: () => values.get(key) ?? null,
      HGETALL: () => map([[bytes("a"), bytes("1")], [bytes("b"), bytes("2")]]),
      SUBSCRIBE: () => push([bytes("subscribe"), bytes(key), 1]),
    };
    const answer = answers[name];
    await connection.send(answer ? answer() : error);
    if (name === "SUBSCRIBE") {
      await connection.send(push([bytes("message"), bytes(key), bytes("hello")]));
    }
  }
}

for (const version of [2, 3]) {
  test(...client.needed(`resp() serves the client of Redis in version ${version}`), async () => {
    const values = new Map<string, Uint8Array>();
    const serve = (connection: Connection<Uint8Array[], RespValue>) => handle(connection, values);
    const lines = await client.served("work", resp({ side: "server" }), serve, { version });
    const error = "ERR unknown command 'NONSENSE'";
    assert.deepEqual(lines, [true, null, { a: "1", b: "2" }, error, "hello"]);
    assert.equal(values.size, 5001);
  });
}
