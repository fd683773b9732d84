/** `memcached` and `memcachedBinary` with the server itself. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Requester } from "../../mod.ts";
import { memcached, memcachedBinary, type MemcachedPacket } from "../../protocols.ts";
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

test("memcachedBinary() pipelines 10,000 requests", live, async () => {
  const connection = await connected({ ...memcachedBinary(), maxFrameLength: 2 ** 23 });
  const requester = new Requester(connection, {
    match: ({ opaque = 0 }: MemcachedPacket) => opaque,
  });
  const [get, set] = [0, 1];
  // Flags and expiry.
  const extras = Uint8Array.of(0, 0, 0, 7, 0, 0, 0, 0);
  const value = (index: number) => bytes(`value ${index}`);
  const key = (index: number) => bytes(`binary${index}`);
  const indexes = Array.from({ length: 5000 }, (_, index) => index);
  const stored = await Promise.all(
    indexes.map((opaque) =>
      requester.request({
        type: "request",
        opcode: set,
        opaque,
        extras,
        key: key(opaque),
        value: value(opaque),
      })
    ),
  );
  assert.ok(stored.every(({ status, cas }) => status === 0 && cas > 0n));
  const read = await Promise.all(
    indexes.map((opaque) =>
      requester.request({ type: "request", opcode: get, opaque, key: key(opaque) })
    ),
  );
  for (const [opaque, response] of read.entries()) {
    assert.deepEqual(response, {
      type: "response",
      opcode: get,
      status: 0,
      opaque,
      cas: stored[opaque]!.cas,
      extras: extras.subarray(0, 4),
      key: new Uint8Array(),
      value: value(opaque),
    });
  }
  const large = numbered(7 * 2 ** 20);
  await requester.request({ type: "request", opcode: set, extras, key: bytes("l"), value: large });
  const found = await requester.request({ type: "request", opcode: get, key: bytes("l") });
  assert.equal(found.value.length, large.length);
  assert.ok(found.value.every((byte, index) => byte === large[index]));
  const missing = await requester.request({ type: "request", opcode: get, key: bytes("none") });
  assert.equal(missing.status, 1);
  await connection.close();
});
