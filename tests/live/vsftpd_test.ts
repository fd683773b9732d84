/** `replies` with vsftpd, an FTP server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, untilClose } from "../../mod.ts";
import { replies } from "../../protocols.ts";
import { latin1 } from "../support/bytes.ts";
import { connected, live, next } from "../support/live_server.ts";

test("replies() logs in to vsftpd, reads its features and a file", live, async () => {
  const connection = await connected(replies({ style: "ftp" }));
  const command = async (line: string) => {
    await connection.send(line);
    return await next(connection);
  };
  const greeting = await next(connection);
  assert.equal(greeting.code, 220);
  assert.ok(greeting.lines.length > 1);
  assert.equal((await command("USER anonymous")).code, 331);
  assert.equal((await command("PASS a@example.com")).code, 230);
  const features = await command("FEAT");
  assert.equal(features.code, 211);
  assert.equal(features.lines[0], "Features:");
  assert.ok(features.lines.includes(" PASV"), `${features.lines}`);
  assert.equal(features.lines.at(-1), "End");
  const help = await command("HELP");
  assert.deepEqual([help.code, help.lines.at(-1)], [214, "Help OK."]);
  const [passive] = (await command("PASV")).lines;
  const [high, low] = /(\d+),(\d+)\)/.exec(passive!)!.slice(1).map(Number);
  const data = await connect({ port: high! * 256 + low!, framer: untilClose() });
  assert.equal((await command("RETR hello.txt")).code, 150);
  assert.equal(latin1((await data.receive())!), "hello\n");
  await data.close();
  assert.equal((await next(connection)).code, 226);
  assert.equal((await command("SIZE missing")).code, 550);
  assert.equal((await command("QUIT")).code, 221);
  await connection.close();
});
