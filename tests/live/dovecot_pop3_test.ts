/** `replies` and `dotStuffed` with Dovecot: mails are delivered by LMTP, and read by POP3. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { asymmetric, type Connection, delimited, text } from "../../mod.ts";
import { dotStuffed, replies } from "../../protocols.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { connected, live, next, port } from "../support/live_server.ts";

const commands = { framer: delimited("\r\n"), codec: text() };
/** Lines are sent, and read until a dot. */
const listing = asymmetric({ read: dotStuffed(), write: commands });

/** Sends a command of POP3, and returns the line that answers it. */
async function ask(client: Connection<string>, line: string): Promise<string> {
  await client.send(line);
  const answer = await next(client);
  assert.match(answer, /^\+OK/, line);
  return answer;
}

/** Sends a command of POP3 whose answer has many lines. */
async function read(client: Connection<string>, line: string): Promise<string> {
  await ask(client, line);
  const lines = latin1(await next(client.switchTo(listing)));
  client.switchTo(commands);
  return lines;
}

/** Delivers mails to recipients, each of which the server answers. */
async function deliver(mails: readonly string[], recipients: readonly string[]): Promise<void> {
  const client = await connected(replies(), { port: port + 2 });
  const command = async (line: string, code: number) => {
    await client.send(line);
    assert.equal((await next(client)).code, code, line);
  };
  assert.equal((await next(client)).code, 220);
  await command("LHLO client.test", 250);
  for (const mail of mails) {
    await command("MAIL FROM:<a@example.com>", 250);
    for (const recipient of recipients) await command(`RCPT TO:<${recipient}>`, 250);
    await command("DATA", 354);
    const sending = client.switchTo(asymmetric({ read: replies(), write: dotStuffed() }));
    await sending.send(bytes(mail));
    sending.switchTo(replies());
    for (const recipient of recipients) {
      const { code, lines } = await next(client);
      assert.deepEqual([code, lines[0]!.includes(recipient)], [250, true], lines.join());
    }
  }
  await command("QUIT", 221);
  await client.close();
}

test("replies() and dotStuffed() deliver and read mails with Dovecot", live, async () => {
  const mails = [
    "Subject: dots\r\n\r\n.\r\n..\r\n.a\r\n\r\n.\r\n",
    `Subject: large\r\n\r\n${".0123456789\r\n".repeat(200_000)}`,
    ...Array.from({ length: 50 }, (_, index) => `Subject: mail ${index}\r\n\r\nend ${index}\r\n`),
  ];
  const recipients = ["carol", "dave"];
  await deliver(mails, recipients);
  for (const recipient of recipients) {
    const client: Connection<string> = await connected(commands, { port: port + 1 });
    assert.match(await next(client), /^\+OK/);
    assert.match(await read(client, "CAPA"), /UIDL\r\n/);
    await ask(client, `USER ${recipient}`);
    await ask(client, "PASS secret");
    assert.equal((await read(client, "LIST")).split("\r\n").length, mails.length + 1);
    for (const [index, mail] of mails.entries()) {
      // The server adds lines before those of the mail.
      assert.ok((await read(client, `RETR ${index + 1}`)).endsWith(`\r\n${mail}`), `${index}`);
    }
    await client.send("RETR 1000");
    assert.match(await next(client), /^-ERR/);
    await ask(client, "QUIT");
    assert.equal(await client.receive(), undefined);
    await client.close();
  }
});
