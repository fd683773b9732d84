/**
 * Submits a mail to an SMTP server, encrypted by STARTTLS: `smtp_submission.ts FROM TO [HOST [PORT]]`. It logs in
 * if SMTP_USER and SMTP_PASSWORD are set. SMTP_CA is the file of a certificate authority to trust.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { asymmetric, connect } from "@framewright/framewright";
import { dotStuffed, replies } from "@framewright/framewright/protocols";

const [from, to, hostname = "127.0.0.1", port = "587"] = process.argv.slice(2);
const { SMTP_USER, SMTP_PASSWORD, SMTP_CA } = process.env;
const tls = SMTP_CA === undefined ? {} : { ca: readFileSync(SMTP_CA) };
const mail = `From: <${from}>
To: <${to}>
Date: ${new Date().toUTCString().replace("GMT", "+0000")}
Subject: Dots

A line that begins with a dot does not end the mail:
.
Bye!
`;

const connection = await connect({ hostname, port: Number(port), ...replies() });

/** Receives a reply to a command. */
async function reply(command: string, expected: number): Promise<readonly string[]> {
  const reply = await connection.receive({ signal: AbortSignal.timeout(300_000) });
  if (reply?.code === expected) return reply.lines;
  const reason = reply ? `${reply.code} ${reply.lines.join(" ")}` : "the connection was closed";
  throw new Error(`${command} failed: ${reason}`);
}

async function send(line: string, expected: number): Promise<readonly string[]> {
  await connection.send(line);
  return await reply(line.split(" ")[0]!, expected);
}

await reply("connecting", 220);
const features = await send("EHLO localhost", 250);
if (!features.some((feature) => feature.toUpperCase() === "STARTTLS")) {
  throw new Error("Cannot encrypt: the server does not offer STARTTLS");
}
await send("STARTTLS", 220);
await connection.startTls(tls);
await send("EHLO localhost", 250); // again: what was said before TLS does not count
if (SMTP_USER !== undefined) {
  await send(`AUTH PLAIN ${btoa(`\0${SMTP_USER}\0${SMTP_PASSWORD}`)}`, 235);
}
await send(`MAIL FROM:<${from}>`, 250);
await send(`RCPT TO:<${to}>`, 250);
await send("DATA", 354);
const sending = connection.switchTo(asymmetric({ read: replies(), write: dotStuffed() }));
await sending.send(new TextEncoder().encode(mail.replaceAll("\n", "\r\n")));
connection.switchTo(replies());
console.log("sent:", (await reply("DATA", 250)).join(" "));
await send("QUIT", 221);
await connection.close();
