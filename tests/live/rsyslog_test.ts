/** The framings of syslog over TCP (RFC 6587) with rsyslog, as client and as server. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decimalUntil, lengthPrefixed, lines, type Protocol, serve, text } from "../../mod.ts";
import { scaled } from "../support/limits.ts";
import { connected, folder, live, port } from "../support/live_server.ts";
import { settled } from "../support/pairs.ts";

const counted: Protocol<string> = {
  framer: lengthPrefixed(decimalUntil(" ")),
  codec: text(),
  maxFrameLength: 2 ** 21,
};
const byLine: Protocol<string> = { framer: lines(), codec: text(), maxFrameLength: 2 ** 21 };

/** Returns a message (RFC 5424). */
function message(content: string): string {
  return `<13>1 2026-01-01T00:00:00Z host test - - - ${content}`;
}

/** Sends messages, receives as many that the server forwards, and returns those. */
async function forwarded(protocol: Protocol<string>, messages: string[]): Promise<string[]> {
  const { promise, resolve } = settled<void>();
  const received: string[] = [];
  const server = await serve({ ...counted, port: port + 1 }, async (connection) => {
    for await (const message of connection) {
      if (message.includes(" warm up")) continue;
      if (received.push(message) === messages.length) resolve();
    }
  });
  const connection = await connected(protocol);
  for (const message of messages) await connection.send(message);
  await connection.close();
  await promise;
  await server.shutdown({ deadline: 0 }).catch(() => {});
  return received;
}

test(
  "octet counting carries 10,000 messages and one of 1 MiB to rsyslog and back",
  live,
  async () => {
    const messages = Array.from({ length: 10_000 }, (_, index) => message(`counted ${index} €`));
    messages.push(message("x".repeat(2 ** 20)));
    const received = await forwarded(counted, messages);
    assert.deepEqual(received, messages);
    const written = readFileSync(`${folder}/out`, "utf8").split("\n");
    assert.deepEqual(written.slice(-messages.length - 1), [...messages, ""]);
  },
);

test("lines carry 10,000 messages to rsyslog, which counts octets", live, async () => {
  const messages = Array.from({ length: 10_000 }, (_, index) => message(`line ${index}`));
  assert.deepEqual(await forwarded(byLine, messages), messages);
});
