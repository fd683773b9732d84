/** `dns` and `examples/dns_resolver.ts` with BIND, over TCP. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Requester } from "../../mod.ts";
import { dns, type DnsData } from "../../protocols.ts";
import { ended, startExample } from "../support/example_programs.ts";
import { connected, live, next, port } from "../support/live_server.ts";

const encoder = new TextEncoder();
const A = 1;
const AXFR = 252;
const HEADER = 12;

/** Returns a query. */
function query(id: number, name: string, type: number): DnsData {
  const labels = name.split(".").flatMap((label) => [label.length, ...encoder.encode(label)]);
  const header = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return { id, data: Uint8Array.of(...header, ...labels, 0, 0, type, 0, 1) };
}

/** Returns the number of answers. */
function answers({ data }: DnsData): number {
  return data[6]! * 256 + data[7]!;
}

test("dns() pipelines 5,000 queries", live, async () => {
  const connection = await connected(dns());
  const requester = new Requester(connection, {
    match: ({ id }: DnsData) => id,
  });
  const replies = await Promise.all(
    Array.from(
      { length: 5000 },
      (_, index) => requester.request(query(index + 1, `h${index + 1}.example.test`, A)),
    ),
  );
  for (const [index, { id, response, data }] of replies.entries()) {
    assert.deepEqual([id, response], [index + 1, true]);
    assert.equal(answers({ data }), 1);
    // After the question, which is repeated: a pointer to the name, type, class, time to live and length.
    const at = query(1, `h${index + 1}.example.test`, A).data.length + 12;
    assert.deepEqual([...data.subarray(at, at + 4)], [10, 0, (index + 1) >> 8, (index + 1) & 0xff]);
  }
  await connection.close();
});

test("dns() reads a zone transfer of several messages", live, async () => {
  const connection = await connected(dns());
  await connection.send(query(77, "example.test", AXFR));
  // SOA, NS, the name server, an alias, an IPv6 address, the hosts, and SOA again.
  let [records, messages] = [0, 0];
  while (records < 5006) {
    const message = await next(connection);
    assert.deepEqual([message.id, message.response, message.data[3]! & 0xf], [77, true, 0]);
    records += answers(message);
    messages++;
  }
  assert.equal(records, 5006);
  assert.ok(messages > 1);
  const soa = query(78, "example.test", 6);
  await connection.send(soa);
  assert.equal((await next(connection)).id, 78);
  await connection.close();
});

test("dns() reads a refusal", live, async () => {
  const connection = await connected(dns());
  await connection.send(query(1, "example.com", A));
  const { data } = await next(connection);
  assert.deepEqual([data[3]! & 0xf, data.length >= HEADER], [5, true]);
  await connection.close();
});

test("examples/dns_resolver.ts prints the addresses of an alias", live, async () => {
  const run = (name: string) => startExample("dns_resolver.ts", [name, "127.0.0.1", port]);
  assert.deepEqual(await ended(run("www.example.test")), [0, "10.0.0.1\n2001:db8:0:0:0:0:0:1\n"]);
  assert.deepEqual(await ended(run("h2.example.test.")), [0, "10.0.0.2\n"]);
  const errors = { "missing.example.test": "unknown name", "example.com": "refused" };
  for (const [name, error] of Object.entries(errors)) {
    const program = run(name);
    await program.told(new RegExp(`Cannot resolve ${name}: ${error}`));
    assert.deepEqual(await ended(program), [1, ""]);
  }
});
