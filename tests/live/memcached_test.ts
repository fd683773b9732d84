/** `memcached` with memcached: its text protocol and meta commands. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Requester } from "../../mod.ts";
import { memcached } from "../../protocols.ts";
import { bytes, latin1, numbered } from "../support/bytes.ts";
import { connected, live } from "../support/live_server.ts";

test("memcached() pipelines 10,000 text commands", live, async () => {
  const connection = await connected(memcached());
  const requester = new Requester(connection);
  const stored = await Promise.all(Array.from({ length: 10_000 }, (_, index) => {
    const data = bytes(`value ${index}\r\n`);
    return requester.request({ line: `set key${index} ${index} 0 ${data.length}`, data });
  }));
  assert.ok(stored.every(({ line }) => line === "STORED"));
  const keys = Array.from({ length: 100 }, (_, index) => `key${index}`);
  const { line, items } = await requester.request({ line: `get ${keys.join(" ")} missing` });
  assert.equal(line, "END");
  assert.deepEqual(
    items.map(({ line, data }) => [line, latin1(data!)]),
    keys.map((key, index) => {
      const value = `value ${index}\r\n`;
      return [`VALUE ${key} ${index} ${value.length}`, value];
    }),
  );
  const statistics = await requester.request({ line: "stats" });
  assert.ok(statistics.items.some(({ line }) => line === "STAT cmd_set 10000"));
  assert.deepEqual(await requester.request({ line: "incr key1 1" }), {
    line: "CLIENT_ERROR cannot increment or decrement non-numeric value",
    items: [],
  });
  assert.equal((await requester.request({ line: "nonsense" })).line, "ERROR");
  await connection.close();
});

test("memcached() exchanges a value of 7 MiB", live, async () => {
  const connection = await connected(memcached());
  const requester = new Requester(connection);
  const data = numbered(7 * 2 ** 20);
  const stored = await requester.request({ line: `set large 0 0 ${data.length}`, data });
  assert.equal(stored.line, "STORED");
  const { items: [item] } = await requester.request({ line: "gets large" });
  assert.match(item!.line, /^VALUE large 0 7340032 \d+$/);
  assert.ok(item!.data!.every((byte, index) => byte === data[index]));
  await connection.close();
});

test("memcached() speaks meta commands", live, async () => {
  const connection = await connected(memcached());
  const requester = new Requester(connection);
  const data = bytes("one\r\ntwo");
  const set = await requester.request({ line: `ms meta ${data.length} F5 O7`, data });
  assert.equal(set.line, "HD O7");
  const { line, data: read } = await requester.request({ line: "mg meta v f s k O8" });
  assert.equal(line, `VA ${data.length} f5 s${data.length} kmeta O8`);
  assert.equal(latin1(read!), latin1(data));
  assert.equal((await requester.request({ line: "mg missing v" })).line, "EN");
  assert.equal((await requester.request({ line: "md meta" })).line, "HD");
  // A quiet command that finds nothing has no reply.
  await connection.send({ line: "mg missing v q" });
  assert.equal((await requester.request({ line: "mn" })).line, "MN");
  await connection.close();
});
