/** `replies` and `dotStuffed` with Postfix's test server. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { asymmetric, type Connection } from "../../mod.ts";
import { type CodedReply, dotStuffed, replies } from "../../protocols.ts";
import { bytes } from "../support/bytes.ts";
import { connected, folder, live, next } from "../support/live_server.ts";

type Client = Connection<CodedReply, string>;

async function command(client: Client, line: string, code: number): Promise<readonly string[]> {
  await client.send(line);
  const reply = await next(client);
  assert.equal(reply.code, code, `${line}: ${reply.lines}`);
  return reply.lines;
}

/** Sends a mail after DATA, and returns the connection for commands. */
async function mail(client: Client, message: string): Promise<void> {
  await command(client, "MAIL FROM:<a@example.com>", 250);
  await command(client, "RCPT TO:<b@example.com>", 250);
  await command(client, "DATA", 354);
  const sending = client.switchTo(asymmetric({ read: replies(), write: dotStuffed() }));
  await sending.send(bytes(message));
  sending.switchTo(replies());
  assert.equal((await next(client)).code, 250);
}

function received(): string[] {
  return readdirSync(`${folder}/mails`).map((name) =>
    readFileSync(`${folder}/mails/${name}`, "latin1")
  );
}

test("replies() and dotStuffed() send mails to Postfix's smtp-sink", live, async () => {
  const client: Client = await connected(replies());
  assert.equal((await next(client)).code, 220);
  const lines = await command(client, "EHLO client.test", 250);
  assert.ok(lines.includes("PIPELINING"), lines.join());
  const mails = [
    "Subject: one\r\n\r\n.\r\n..\r\n.a\r\n",
    "Subject: two\r\n\r\n" + ".x\r\ny\r\n".repeat(100_000),
    ...Array.from({ length: 20 }, (_, index) => `Subject: mail ${index}\r\n\r\nend\r\n`),
  ];
  for (const text of mails) await mail(client, text);
  await command(client, "QUIT", 221);
  await client.close();
  const files = received();
  for (const text of mails) {
    const body = text.replaceAll("\r\n", "\n");
    assert.equal(
      files.filter((file) =>
        file.includes(`
${body}`)
      ).length,
      1,
    );
  }
});
