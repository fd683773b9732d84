/** The server's side of `replies`, and `dotStuffed`, with the client `nodemailer`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { asymmetric, type Connection } from "../../mod.ts";
import { type CodedReply, dotStuffed, replies } from "../../protocols.ts";
import { latin1 } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";

const client = npmPeer("nodemailer", "nodemailer@10.6.1");
const commands = replies({ side: "server" });
/** After DATA, the server reads a mail, and goes on writing replies. */
const mail = asymmetric({ read: dotStuffed(), write: commands });

const answers: Readonly<Record<string, CodedReply>> = {
  EHLO: { code: 250, lines: ["example.test", "AUTH PLAIN", "SIZE 10000000", "8BITMIME"] },
  AUTH: { code: 235, lines: ["welcome"] },
  MAIL: { code: 250, lines: ["sender"] },
  RCPT: { code: 250, lines: ["recipient"] },
  DATA: { code: 354, lines: ["go on"] },
  RSET: { code: 250, lines: ["reset"] },
  QUIT: { code: 221, lines: ["bye"] },
};

/** Accepts mails for one of the recipients. */
async function handle(connection: Connection<string, CodedReply>, mails: string[]): Promise<void> {
  await connection.send({ code: 220, lines: ["example.test", "ready"] });
  for (let command; (command = await connection.receive()) !== undefined;) {
    const [verb] = command.split(" ") as [string];
    const refused = verb === "RCPT" && !command.includes("<b@example.com>");
    const answer = refused ? { code: 550, lines: ["no such user"] } : answers[verb];
    await connection.send(answer ?? { code: 500, lines: [`unknown command ${verb}`] });
    if (verb !== "DATA") continue;
    const message = await connection.switchTo(mail).receive();
    assert.ok(message !== undefined);
    mails.push(latin1(message));
    connection.switchTo(commands);
    await connection.send({ code: 250, lines: [`mail ${mails.length}`] });
  }
}

test(...client.needed("replies() and dotStuffed() serve nodemailer"), async () => {
  /** Texts, and how often each is repeated. */
  const parts: [text: string, times: number][] = [
    ["Subject: dots\r\n\r\n.\r\n..\r\n.a\r\n\r\n.\r\n", 1],
    [".0123456789: many\r\n", 100_000],
    ...Array.from({ length: 20 }, (_, index): [string, number] => [`Subject: ${index}\r\n`, 1]),
  ];
  const mails = parts.map(([text, times]) => text.repeat(times));
  const received: string[] = [];
  const lines = await client.served(
    "mail",
    commands,
    (connection) => handle(connection, received),
    { parts },
  );
  assert.deepEqual(lines, mails.map((_, index) => [1, 1, `250 mail ${index + 1}`]));
  assert.deepEqual(received, mails);
});
