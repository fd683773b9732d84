/** `imap` and `dotStuffed` with Dovecot. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, delimited, text } from "../../mod.ts";
import { dotStuffed, imap, type ImapMessage } from "../../protocols.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { connected, live, next, port } from "../support/live_server.ts";

/** Sends a command, and returns the responses up to its completion, which has to be OK. */
async function command(
  connection: Connection<ImapMessage>,
  tag: string,
  ...parts: [string, ...(string | Uint8Array)[]]
): Promise<ImapMessage[]> {
  const [first, ...rest] = parts;
  await connection.send([`${tag} ${first}`, ...rest]);
  const responses: ImapMessage[] = [];
  for (;;) {
    const response = await next(connection);
    responses.push(response);
    const [text] = response as [string];
    if (!text.startsWith(`${tag} `)) continue;
    assert.match(text, /^\S+ OK/);
    return responses;
  }
}

/** Logs in. */
async function opened(user: string): Promise<Connection<ImapMessage>> {
  const connection = await connected(imap());
  const [greeting] = await next(connection) as [string];
  assert.match(greeting, /^\* OK .*LITERAL\+/);
  const [name, password] = [bytes(user), bytes("secret")];
  await command(
    connection,
    "a0",
    `LOGIN {${name.length}+}`,
    name,
    ` {${password.length}+}`,
    password,
    "",
  );
  return connection;
}

test("imap() appends and fetches mails with Dovecot", live, async () => {
  const connection = await opened("ada");
  const mails = [
    "Subject: one\r\n\r\na1 OK {3}\r\n)\r\n",
    `Subject: large\r\n\r\n${"0123456789\r\n".repeat(400_000)}`,
    ...Array.from({ length: 100 }, (_, index) => `Subject: mail ${index}\r\n\r\n${index}\r\n`),
  ];
  for (const [index, mail] of mails.entries()) {
    await command(connection, `b${index}`, `APPEND INBOX {${mail.length}+}`, bytes(mail), "");
  }
  await command(connection, "c", "SELECT INBOX");
  const responses = await command(connection, "d", "FETCH 1:* (BODY[HEADER] BODY[TEXT])");
  const fetched = responses.filter(([text]) => / FETCH /.test(text as string));
  assert.equal(fetched.length, mails.length);
  for (const [index, response] of fetched.entries()) {
    const literals = response.filter((part) => typeof part === "object") as Uint8Array[];
    assert.ok(literals.map(latin1).join("") === mails[index], `mail ${index}`);
  }
  await connection.send(["e LOGOUT"]);
  assert.match((await next(connection))[0] as string, /^\* BYE/);
  assert.match((await next(connection))[0] as string, /^e OK/);
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});

test("imap() reads new mails that Dovecot announces while it is idle", live, async () => {
  const [idle, other] = [await opened("bob"), await opened("bob")];
  await command(idle, "a", "SELECT INBOX");
  await idle.send(["b IDLE"]);
  assert.match((await next(idle))[0] as string, /^\+ /);
  const mail = bytes("Subject: new\r\n\r\n");
  await command(other, "c", `APPEND INBOX {${mail.length}+}`, mail, "");
  let text = "";
  while (!/EXISTS/.test(text)) text = (await next(idle))[0] as string;
  assert.equal(text, "* 1 EXISTS");
  await idle.send(["DONE"]);
  while (!text.startsWith("b OK")) text = (await next(idle))[0] as string;
  await Promise.all([idle.close(), other.close()]);
});

test("dotStuffed() reads mails from Dovecot's POP3 server", live, async () => {
  const appending = await opened("pop");
  const mails = [
    "Subject: dots\r\n\r\n.\r\n..\r\n.a\r\n",
    "\r\n",
    "a: b\r\n\r\n" + "..\r\n".repeat(50_000),
  ];
  for (const mail of mails) {
    await command(appending, "a1", `APPEND INBOX {${mail.length}+}`, bytes(mail), "");
  }
  await appending.close();
  const responses = { framer: delimited("\r\n"), codec: text() };
  const connection = await connected(responses, { port: port + 1 });
  assert.match(await next(connection), /^\+OK/);
  const ask = async (line: string) => {
    await connection.send(line);
    assert.match(await next(connection), /^\+OK/, line);
  };
  await ask("USER pop");
  await ask("PASS secret");
  let current = connection;
  for (const [index, mail] of mails.entries()) {
    await current.send(`RETR ${index + 1}`);
    assert.match(await next(current), /^\+OK/);
    const reading = current.switchTo(dotStuffed());
    assert.equal(latin1(await next(reading)), mail);
    current = reading.switchTo(responses);
  }
  await current.close();
});
