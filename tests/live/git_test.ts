/** `pktLine` with git's daemon. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { type Connection, text } from "../../mod.ts";
import { pktLine, type PktLineMark } from "../../protocols.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { connected, live, next } from "../support/live_server.ts";

type Client = Connection<Uint8Array | PktLineMark>;

async function opened(service: string, version: number): Promise<Client> {
  const connection: Client = await connected(pktLine());
  const extra = version === 2 ? "\0version=2\0" : "";
  const request = `${service} /repository.git\0host=localhost\0${extra}`;
  await connection.send(text().encode(request));
  return connection;
}

/** Returns the packets up to a flush. */
async function list(connection: Client): Promise<string[]> {
  const packets: string[] = [];
  for (;;) {
    const packet = await next(connection);
    if (packet === "flush") return packets;
    assert.ok(typeof packet === "object");
    packets.push(latin1(packet));
  }
}

test("pktLine() fetches 5 MiB from git by version 2 of its protocol", live, async () => {
  const connection = await opened("git-upload-pack", 2);
  const capabilities = await list(connection);
  assert.equal(capabilities[0], "version 2\n");
  assert.ok(capabilities.some((line) => line.startsWith("fetch=")));
  await connection.send(bytes("command=ls-refs\n"));
  await connection.send("delimiter");
  await connection.send(bytes("peel\n"));
  await connection.send("flush");
  const references = await list(connection);
  const [, id] = /^([0-9a-f]{40}) refs\/heads\/main\n$/.exec(references.at(-1)!)!;
  await connection.send(bytes("command=fetch\n"));
  await connection.send("delimiter");
  for (const line of [`want ${id}\n`, "done\n"]) await connection.send(bytes(line));
  await connection.send("flush");
  assert.equal(latin1(await next(connection) as Uint8Array), "packfile\n");
  const banded = connection.switchTo(pktLine({ sideBand: true }));
  const pack: Uint8Array[] = [];
  let progress = "";
  for (;;) {
    const packet = await next(banded);
    if (packet === "flush") break;
    assert.ok(typeof packet === "object");
    if (packet.band === "progress") progress += latin1(packet.data);
    else {
      assert.equal(packet.band, "data");
      pack.push(packet.data.slice());
    }
  }
  assert.match(progress, /Total 3/);
  const all = Buffer.concat(pack);
  assert.ok(all.length > 5 * 2 ** 20);
  assert.equal(latin1(all.subarray(0, 4)), "PACK");
  // The pack ends with its checksum.
  const checksum = createHash("sha1").update(all.subarray(0, -20)).digest("hex");
  assert.equal(checksum, all.subarray(-20).toString("hex"));
  await banded.send("flush");
  await banded.close();
});

test("pktLine() lists references for a push to git", live, async () => {
  const connection = await opened("git-receive-pack", 0);
  const [first] = await list(connection);
  assert.match(first!, /^[0-9a-f]{40} refs\/heads\/main\0.*side-band-64k/);
  await connection.send("flush");
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});

test("pktLine() reads an error of git", live, async () => {
  const connection: Client = await connected(pktLine());
  await connection.send(bytes("git-upload-pack /missing.git\0host=localhost\0"));
  assert.match(latin1(await next(connection) as Uint8Array), /^ERR /);
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});
