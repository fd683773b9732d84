/** RESP 2 and 3 with Redis. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, Requester } from "../../mod.ts";
import type { Reply, Value } from "../../examples/sequences/resp.ts";
import { example } from "../support/examples.ts";
import { connected, live, next } from "../support/live_server.ts";

const { resp } = await example(
  "sequences/resp.ts",
) as typeof import("../../examples/sequences/resp.ts");
const limit = 16 * 2 ** 20;
const decoder = new TextDecoder();

async function opened(version: "2" | "3") {
  const connection = await connected({ ...resp, maxFrameLength: limit });
  await connection.send(["HELLO", version]);
  await next(connection);
  return connection as Connection<Value, Value>;
}

test("resp pipelines 10,000 commands to Redis", live, async () => {
  const connection = await opened("3");
  const requester = new Requester(connection);
  await requester.request(["FLUSHALL"]);
  const replies = await Promise.all(
    Array.from({ length: 10_000 }, () => requester.request(["INCR", "counter"])),
  );
  assert.deepEqual(replies, Array.from({ length: 10_000 }, (_, index) => BigInt(index + 1)));
  await connection.close();
});

test("resp writes and reads a value of 10 MiB with Redis", live, async () => {
  const connection = await opened("2");
  const requester = new Requester(connection);
  const value = "0123456789abcdef".repeat(655_360);
  assert.equal(await requester.request(["SET", "large", value]), "OK");
  const read = await requester.request(["GET", "large"]);
  assert.equal(decoder.decode(read as Uint8Array), value);
  assert.equal(await requester.request(["GET", "missing"]), null);
  await connection.close();
});

test("resp reads messages and invalidations that Redis pushes", live, async () => {
  const [subscriber, publisher] = [await opened("3"), await opened("3")];
  const pushed: Reply[] = [];
  await subscriber.send(["CLIENT", "TRACKING", "ON"]);
  assert.equal(await next(subscriber), "OK");
  await subscriber.send(["GET", "tracked"]);
  assert.equal(await next(subscriber), null);
  await subscriber.send(["SUBSCRIBE", "channel"]);
  pushed.push(await next(subscriber) as Reply);
  const requester = new Requester(publisher);
  await requester.request(["SET", "tracked", "1"]);
  assert.equal(await requester.request(["PUBLISH", "channel", "€"]), 1n);
  pushed.push(await next(subscriber) as Reply, await next(subscriber) as Reply);
  await subscriber.send(["GET", "tracked"]);
  assert.equal(decoder.decode(await next(subscriber) as Uint8Array), "1");
  assert.deepEqual(pushed.map(({ type, value }) => [type, asText(value)]), [
    [">", ["subscribe", "channel", 1n]],
    [">", ["invalidate", ["tracked"]]],
    [">", ["message", "channel", "€"]],
  ]);
  await Promise.all([subscriber.close(), publisher.close()]);
});

test("resp reads Redis's maps, sets, doubles, booleans, texts and errors", live, async () => {
  const connection = await opened("3");
  const requester = new Requester(connection);
  const script = "redis.setresp(3); return redis.call('HGETALL', 'h')";
  await requester.request(["HSET", "h", "a", "1"]);
  await requester.request(["SADD", "s", "x"]);
  assert.deepEqual(asText(await requester.request(["HGETALL", "h"])), {
    type: "%",
    value: ["a", "1"],
  });
  assert.deepEqual(asText(await requester.request(["EVAL", script, "0"])), {
    type: "%",
    value: ["a", "1"],
  });
  assert.deepEqual(asText(await requester.request(["SMEMBERS", "s"])), { type: "~", value: ["x"] });
  await requester.request(["ZADD", "z", "1.5", "m"]);
  assert.equal(await requester.request(["ZSCORE", "z", "m"]), 1.5);
  const flag = "redis.setresp(3); return {double=1.25}";
  assert.equal(await requester.request(["EVAL", flag, "0"]), 1.25);
  assert.equal(await requester.request(["EVAL", "redis.setresp(3); return true", "0"]), true);
  const info = await requester.request(["LOLWUT"]) as Reply;
  assert.equal(info.type, "=");
  const error = await requester.request(["NONSENSE"]) as Reply;
  assert.equal(error.type, "-");
  assert.match(error.value as string, /^ERR unknown command/);
  await connection.close();
});

/** Converts bytes inside of a value to text. */
function asText(value: Value): unknown {
  if (value instanceof Uint8Array) return decoder.decode(value);
  if (Array.isArray(value)) return value.map(asText);
  if (value === null || typeof value !== "object") return value;
  return { type: value.type, value: asText(value.value) };
}
