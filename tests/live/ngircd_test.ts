/** `lines` with ngIRCd. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, lines, type Protocol, text } from "../../mod.ts";
import { connected, live, next } from "../support/live_server.ts";

const irc: Protocol<string> = {
  framer: lines(),
  codec: text(),
  maxFrameLength: 512,
};

/** Returns the next line that matches, and answers pings. */
async function awaited(client: Connection<string>, pattern: RegExp): Promise<string> {
  for (;;) {
    const line = await next(client);
    if (pattern.test(line)) return line;
    if (line.startsWith("PING ")) await client.send(`PONG ${line.slice(5)}`);
  }
}

async function joined(nick: string): Promise<Connection<string>> {
  const client = await connected(irc);
  await client.send(`NICK ${nick}`);
  await client.send(`USER ${nick} 0 * :${nick}`);
  await awaited(client, / 001 /);
  await client.send("JOIN #test");
  await awaited(client, / 366 /);
  return client;
}

test("lines() carry 2,000 messages between two clients of ngIRCd", live, async () => {
  const [ada, bob] = [await joined("ada"), await joined("bob")];
  const sending = (async () => {
    for (let index = 0; index < 2000; index++) await ada.send(`PRIVMSG #test :message ${index} €`);
  })();
  for (let index = 0; index < 2000; index++) {
    const line = await awaited(bob, / PRIVMSG /);
    assert.match(line, /^:ada!/);
    assert.ok(line.endsWith(` PRIVMSG #test :message ${index} €`), line);
  }
  await sending;
  await ada.send("QUIT :end");
  await awaited(bob, /^:ada!.* QUIT /);
  await awaited(ada, /^ERROR /);
  assert.equal(await ada.receive(), undefined);
  await Promise.all([ada.close(), bob.close()]);
});
