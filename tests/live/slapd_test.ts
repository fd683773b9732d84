/** `ldap` with OpenLDAP. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Requester } from "../../mod.ts";
import { ldap, type LdapMessage } from "../../protocols.ts";
import { connected, live, next } from "../support/live_server.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const [BIND, UNBIND, SEARCH, ENTRY, DONE, ADD, ADDED] = [0x60, 0x42, 0x63, 0x64, 0x65, 0x68, 0x69];
const SUCCESS = Uint8Array.of(0x0a, 1, 0, 4, 0, 4, 0);

/** Returns an element of BER: a tag, the length of its content, and the content. */
function ber(tag: number, ...content: (Uint8Array | string | number)[]): Uint8Array {
  const parts = content.map((part) =>
    typeof part === "string"
      ? encoder.encode(part)
      : typeof part === "number"
      ? Uint8Array.of(part)
      : part
  );
  const length = parts.reduce((sum, { length }) => sum + length, 0);
  const size = [length >> 24, length >> 16, length >> 8, length].map((byte) => byte & 0xff);
  const element = new Uint8Array(6 + length);
  element.set([tag, 0x84, ...size]);
  let at = 6;
  for (const part of parts) {
    element.set(part, at);
    at += part.length;
  }
  return element;
}

function joined(...elements: Uint8Array[]): Uint8Array {
  return ber(0, ...elements).subarray(6);
}

const bind: LdapMessage = {
  messageId: 1,
  operation: BIND,
  content: joined(ber(2, 3), ber(4, "cn=admin,dc=test"), ber(0x80, "secret")),
};

function attribute(name: string, ...values: string[]): Uint8Array {
  return ber(0x30, ber(4, name), ber(0x31, ...values.map((value) => ber(4, value))));
}

function add(messageId: number, name: string, ...attributes: Uint8Array[]): LdapMessage {
  return { messageId, operation: ADD, content: joined(ber(4, name), ber(0x30, ...attributes)) };
}

/** Finds all entries below a name. */
function search(messageId: number, base: string): LdapMessage {
  const content = joined(
    ber(4, base),
    ber(0x0a, 2),
    ber(0x0a, 0),
    ber(2, 0),
    ber(2, 0),
    ber(1, 0),
    ber(0x87, "objectClass"),
    ber(0x30),
  );
  return { messageId, operation: SEARCH, content };
}

test("ldap() adds 500 entries, pipelined, and finds them", live, async () => {
  const connection = await connected(ldap());
  const requester = new Requester(connection, {
    match: ({ messageId }: { readonly messageId: number }) => messageId,
  });
  const bound = await requester.request(bind);
  assert.deepEqual(bound.content, SUCCESS);
  const classes = attribute("objectClass", "organization", "dcObject");
  const root = add(2, "dc=test", classes, attribute("o", "test"), attribute("dc", "test"));
  assert.deepEqual((await requester.request(root)).content, SUCCESS);
  const added = await Promise.all(Array.from({ length: 500 }, (_, index) =>
    requester.request(add(
      100 + index,
      `ou=unit ${index},dc=test`,
      attribute("objectClass", "organizationalUnit"),
      attribute("ou", `unit ${index}`),
      attribute("description", "x".repeat(index === 499 ? 2 ** 20 : 10)),
    ))));
  for (const [index, { messageId, operation, content }] of added.entries()) {
    assert.deepEqual([messageId, operation], [100 + index, ADDED]);
    assert.deepEqual(content, SUCCESS);
  }
  await connection.send(search(70_000, "ou=unit 499,dc=test"));
  const large = await next(connection);
  assert.deepEqual([large.messageId, large.operation], [70_000, ENTRY]);
  assert.ok(large.content.length > 2 ** 20);
  assert.equal((await next(connection)).operation, DONE);
  await connection.send(search(8_000_000, "dc=test"));
  let entries = 0;
  for (;;) {
    const { messageId, operation, content } = await next(connection);
    assert.equal(messageId, 8_000_000);
    if (operation === DONE) break;
    assert.equal(operation, ENTRY);
    assert.match(decoder.decode(content), /dc=test/);
    entries++;
  }
  assert.equal(entries, 501);
  await connection.send({ messageId: 3, operation: UNBIND, content: new Uint8Array() });
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});
