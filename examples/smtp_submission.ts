/**
 * Submits a mail to an SMTP server, encrypted by STARTTLS: `smtp_submission.ts FROM TO [HOST [PORT]]`. It logs in
 * if SMTP_USER and SMTP_PASSWORD are set. SMTP_CA is the file of a certificate authority to trust.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { asymmetric, connect, type Connection } from "@framewright/framewright";
import { type CodedReply, dotStuffed, replies } from "@framewright/framewright/protocols";

const [from, to, hostname = "127.0.0.1", port = "587"] = process.argv.slice(2);
const { SMTP_USER, SMTP_PASSWORD, SMTP_CA } = process.env;
const mail = `From: <${from}>
To: <${to}>
Date: ${new Date().toUTCString()}
Subject: Dots

A line that begins with a dot does not end the mail:
.
Bye!
`;

const connection: Connection<CodedReply, string> = await connect({
  hostname,
  port: Number(port),
  ...replies(),
});

/** Receives a reply. */
async function reply(to: string, expected: number): Promise<readonly string[]> {
  const reply = await connection.receive({ signal: AbortSignal.timeout(300_000) });
  if (reply?.code === expected) return reply.lines;
  throw new Error(`${to} failed: ${reply ? `${reply.code} ${reply.lines.join(" ")}` : "closed"}`);
}

/** Sends a command and receives its reply. */
async function command(line: string, expected: number): Promise<readonly string[]> {
  await connection.send(line);
  return await reply(line.split(" ")[0]!, expected);
}

await reply("connecting", 220);
const features = await command("EHLO localhost", 250);
if (!features.includes("STARTTLS")) {
  throw new Error("Cannot encrypt: the server does not offer STARTTLS");
}
await command("STARTTLS", 220);
await connection.startTls(SMTP_CA === undefined ? {} : { ca: readFileSync(SMTP_CA) });
await command("EHLO localhost", 250); // what was said before TLS does not count
if (SMTP_USER !== undefined) {
  await command(`AUTH PLAIN ${btoa(`\0${SMTP_USER}\0${SMTP_PASSWORD}`)}`, 235);
}
await command(`MAIL FROM:<${from}>`, 250);
await command(`RCPT TO:<${to}>`, 250);
await command("DATA", 354);
const sending = connection.switchTo(asymmetric({ read: replies(), write: dotStuffed() }));
await sending.send(new TextEncoder().encode(mail.replaceAll("\n", "\r\n")));
connection.switchTo(replies());
console.log("sent:", (await reply("DATA", 250)).join(" "));
await command("QUIT", 221);
await connection.close();
