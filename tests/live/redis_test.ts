/** `resp` with Redis, in versions 2 and 3; `examples/redis_client.ts` and `examples/tcp_proxy.ts`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, Requester } from "../../mod.ts";
import { resp, type RespCommand, type RespError, type RespValue } from "../../protocols.ts";
import { bytes, numbered } from "../support/bytes.ts";
import { ended, portOf, startExample } from "../support/example_programs.ts";
import { connected, live, next, port } from "../support/live_server.ts";

type Client = Connection<RespValue, RespCommand>;

async function opened(version: 2 | 3): Promise<Client> {
  const connection = await connected(resp());
  await connection.send(["HELLO", version]);
  const hello = await next(connection);
  assert.equal(Array.isArray(hello) ? 2 : 3, version);
  return connection;
}

test("resp() pipelines 10,000 commands to Redis", live, async () => {
  const connection = await opened(3);
  const requester = new Requester(connection);
  await requester.request(["FLUSHALL"]);
  const replies = await Promise.all(
    Array.from({ length: 10_000 }, () => requester.request(["INCR", "counter"])),
  );
  assert.deepEqual(replies, Array.from({ length: 10_000 }, (_, index) => index + 1));
  await connection.close();
});

test("resp() writes and reads a value of 10 MiB with Redis", live, async () => {
  const connection = await opened(2);
  const requester = new Requester(connection);
  const value = numbered(10 * 2 ** 20);
  assert.equal(await requester.request(["SET", "large", value]), "OK");
  const read = await requester.request(["GET", "large"]) as Uint8Array;
  assert.equal(read.length, value.length);
  assert.ok(read.every((byte, index) => byte === value[index]));
  assert.equal(await requester.request(["GET", "missing"]), null);
  await connection.close();
});

test("resp() reads messages and invalidations that Redis pushes", live, async () => {
  const [subscriber, publisher] = [await opened(3), await opened(3)];
  await subscriber.send(["CLIENT", "TRACKING", "ON"]);
  assert.equal(await next(subscriber), "OK");
  await subscriber.send(["GET", "tracked"]);
  assert.equal(await next(subscriber), null);
  await subscriber.send(["SUBSCRIBE", "channel"]);
  const requester = new Requester(publisher);
  const push = (...values: RespValue[]) => ({ type: "push", values });
  assert.deepEqual(await next(subscriber), push(bytes("subscribe"), bytes("channel"), 1));
  await requester.request(["SET", "tracked", 1]);
  assert.equal(await requester.request(["PUBLISH", "channel", "one"]), 1);
  assert.deepEqual(await next(subscriber), push(bytes("invalidate"), [bytes("tracked")]));
  assert.deepEqual(
    await next(subscriber),
    push(bytes("message"), bytes("channel"), bytes("one")),
  );
  await subscriber.send(["GET", "tracked"]);
  assert.deepEqual(await next(subscriber), bytes("1"));
  await Promise.all([subscriber.close(), publisher.close()]);
});

test("resp() reads every type of value that Redis sends", live, async () => {
  const connection = await opened(3);
  const requester = new Requester(connection);
  const evaluate = (script: string) =>
    requester.request(["EVAL", `redis.setresp(3); return ${script}`, 0]);
  await requester.request(["HSET", "h", "a", 1]);
  const map = { type: "map", entries: [[bytes("a"), bytes("1")]] };
  assert.deepEqual(await requester.request(["HGETALL", "h"]), map);
  assert.deepEqual(await evaluate("redis.call('HGETALL', 'h')"), map);
  await requester.request(["SADD", "s", "x"]);
  const set = await requester.request(["SMEMBERS", "s"]);
  assert.deepEqual(set, { type: "set", values: [bytes("x")] });
  await requester.request(["ZADD", "z", 1.5, "m", "inf", "n"]);
  assert.equal(await requester.request(["ZSCORE", "z", "m"]), 1.5);
  assert.equal(await requester.request(["ZSCORE", "z", "n"]), Infinity);
  assert.equal(await evaluate("{double=1.25}"), 1.25);
  assert.equal(await evaluate("true"), true);
  assert.equal(await evaluate("{big_number='1234567890123456789012'}"), 1234567890123456789012n);
  assert.equal((await requester.request(["LOLWUT"]) as { type: string }).type, "verbatim");
  assert.deepEqual(await requester.request(["MULTI"]), "OK");
  assert.deepEqual(await requester.request(["PING"]), "QUEUED");
  assert.deepEqual(await requester.request(["GET", "missing"]), "QUEUED");
  assert.deepEqual(await requester.request(["EXEC"]), ["PONG", null]);
  const { type, message } = await requester.request(["NONSENSE"]) as RespError;
  assert.equal(type, "error");
  assert.match(message, /^ERR unknown command/);
  await connection.close();
});

test(
  "examples/redis_client.ts sends commands to Redis by examples/tcp_proxy.ts",
  live,
  async () => {
    const proxy = startExample("tcp_proxy.ts", [0, "127.0.0.1", port]);
    const error = "ERR value is not an integer or out of range";
    const replies = {
      "SET text hello": "OK",
      "INCR text": error,
      "STRLEN text": "5",
      "MGET text missing": '["hello", null]',
    };
    const args = ["127.0.0.1", await portOf(proxy), ...Object.keys(replies)];
    const output = Object.entries(replies).map((pair) => `${pair.join(": ")}\n`).join("");
    assert.deepEqual(await ended(startExample("redis_client.ts", args)), [0, output]);
    proxy.interrupt();
    const [code, passed] = await ended(proxy);
    assert.equal(code, 0);
    for (const line of ["> SET", "> hello", "< +OK", `< -${error}`]) {
      assert.ok(passed.split("\n").includes(line), passed);
    }
  },
);
