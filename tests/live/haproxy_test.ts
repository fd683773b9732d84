/** `proxyV1` and `proxyV2` with HAProxy. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, lines, type Protocol, serve, text } from "../../mod.ts";
import { proxyV1, type ProxyV1Header, proxyV2, type ProxyV2Header } from "../../protocols.ts";
import { connected, live, next, port } from "../support/live_server.ts";

const chat: Protocol<string> = { framer: lines(), codec: text() };

/**
 * Serves lines behind HAProxy, and returns the header that came before them.
 *
 * @param talk Sends and receives lines by a connection to HAProxy, before and after switching.
 */
async function headerOf<Header>(
  protocol: Protocol<Header>,
  talk: () => Promise<void>,
): Promise<Header> {
  const headers: Header[] = [];
  await using _server = await serve({ ...protocol, port: port + 1 }, async (connection) => {
    headers.push((await connection.receive())!);
    const lined = connection.switchTo(chat);
    for await (const line of lined) await lined.send(`${line}!`);
  });
  await talk();
  assert.equal(headers.length, 1);
  return headers[0]!;
}

async function exchange(connection: Connection<string>): Promise<void> {
  for (let index = 0; index < 100; index++) {
    await connection.send(`line ${index}`);
    assert.equal(await next(connection), `line ${index}!`);
  }
  await connection.close();
}

async function talkThrough(front: number): Promise<void> {
  await exchange(await connected(chat, { port: front }));
}

test("proxyV1() reads the header of HAProxy", live, async () => {
  const { source, destination } = await headerOf<ProxyV1Header>(proxyV1(), () => talkThrough(port));
  assert.equal(source!.hostname, "127.0.0.1");
  assert.deepEqual(destination, { hostname: "127.0.0.1", port });
});

test("proxyV2() reads the header of HAProxy, and verifies its checksum", live, async () => {
  const header = await headerOf<ProxyV2Header>(proxyV2(), () => talkThrough(port + 2));
  assert.equal(header.command, "proxy");
  assert.deepEqual(header.destination, { hostname: "127.0.0.1", port: port + 2 });
  assert.deepEqual(header.values!.map(({ type, value }) => [type, value.length]), [[3, 4]]);
});

const addresses = {
  four: {
    source: { hostname: "192.0.2.1", port: 56_324 },
    destination: { hostname: "198.51.100.2", port: 443 },
  },
  six: {
    source: { hostname: "2001:db8::1", port: 56_324 },
    destination: { hostname: "2001:db8::2", port: 443 },
  },
};
for (const [family, given] of Object.entries(addresses)) {
  test(`proxyV1() writes a header that HAProxy reads, family ${family}`, live, async () => {
    const { source, destination } = await headerOf<ProxyV2Header>(proxyV2(), async () => {
      const connection = await connected(proxyV1(), { port: port + 3 });
      await connection.send(given);
      await exchange(connection.switchTo(chat));
    });
    assert.deepEqual({ source, destination }, given);
  });

  test(`proxyV2() writes a header that HAProxy reads, family ${family}`, live, async () => {
    const { source, destination } = await headerOf<ProxyV2Header>(proxyV2(), async () => {
      const connection = await connected(proxyV2(), { port: port + 3 });
      const checksum = { type: 3, value: new Uint8Array(4) };
      await connection.send({ command: "proxy", ...given, values: [checksum] });
      await exchange(connection.switchTo(chat));
    });
    assert.deepEqual({ source, destination }, given);
  });
}
