/** `replies` with vsftpd, whose files are read to the end of their connections. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Connection, untilClose } from "../../mod.ts";
import { type CodedReply, replies } from "../../protocols.ts";
import { numbered } from "../support/bytes.ts";
import { connected, folder, live, next } from "../support/live_server.ts";

const MAX_FILE = 2 ** 24;
const data = { framer: untilClose(), maxFrameLength: MAX_FILE };

class Client {
  readonly #control: Connection<CodedReply, string>;

  constructor(control: Connection<CodedReply, string>) {
    this.#control = control;
  }

  /** Sends a command, and returns the reply, which has to have this code. */
  async command(line: string, code: number): Promise<readonly string[]> {
    await this.#control.send(line);
    return await this.reply(code, line);
  }

  async reply(code: number, name: string): Promise<readonly string[]> {
    const reply = await next(this.#control);
    assert.equal(reply.code, code, `${name}: ${reply.lines}`);
    return reply.lines;
  }

  /** Opens a connection for data. */
  async passive(): Promise<Connection> {
    const [line] = await this.command("EPSV", 229);
    return await connected(data, { port: Number(/\(\|\|\|(\d+)\|\)/.exec(line!)![1]) });
  }

  async close(): Promise<void> {
    await this.command("QUIT", 221);
    assert.equal(await this.#control.receive(), undefined);
    await this.#control.close();
  }
}

async function opened(): Promise<Client> {
  const client = new Client(await connected(replies({ style: "ftp" })));
  // Each line of the banner has the code.
  assert.deepEqual(await client.reply(220, "greeting"), ["hello", "220 no", "", "welcome", ""]);
  await client.command("USER anonymous", 230);
  await client.command("TYPE I", 200);
  return client;
}

test("replies() reads replies of vsftpd, of one line and of many", live, async () => {
  const client = await opened();
  const features = await client.command("FEAT", 211);
  assert.deepEqual([features.at(0), features.at(-1)], ["Features:", "End"]);
  assert.ok(features.includes(" PASV") && features.includes(" SIZE"), features.join());
  const help = await client.command("HELP", 214);
  assert.match(help[1]!, /^ [A-Z ]+$/);
  const status = await client.command("STAT", 211);
  assert.ok(status.length > 5 && status.at(-1) === "End of status");
  assert.deepEqual(await client.command("PWD", 257), ['"/" is the current directory']);
  await client.command("NONSENSE", 500);
  await client.close();
});

test("replies() gets and puts files with vsftpd", live, async () => {
  const client = await opened();
  const download = await client.passive();
  await client.command("RETR large", 150);
  const file = await next(download);
  assert.deepEqual(file, new Uint8Array(readFileSync(`${folder}/files/large`)));
  await download.close();
  await client.reply(226, "RETR");
  const upload = await client.passive();
  await client.command("STOR upload/file", 150);
  await upload.send(numbered(2 ** 22));
  await upload.close();
  await client.reply(226, "STOR");
  const stored = new Uint8Array(readFileSync(`${folder}/files/upload/file`));
  assert.deepEqual(stored, numbered(2 ** 22));
  await client.close();
});
