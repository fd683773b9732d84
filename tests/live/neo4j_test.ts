/** `boltHandshake` and `bolt` with the driver of Neo4j: no package has the server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "../../mod.ts";
import { bolt, boltHandshake } from "../../protocols.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { npmPeer } from "../support/npm_peer.ts";

const driver = npmPeer("neo4j", "neo4j-driver@6.3.0");
/** Requests by the tags of their structures. */
const [HELLO, GOODBYE, RESET, RUN, PULL] = [0x01, 0x02, 0x0f, 0x10, 0x3f];
const [SUCCESS, RECORD, IGNORED, FAILURE] = [0x70, 0x71, 0x7e, 0x7f] as const;
const ROWS = 2500;
const LARGE = 5 * 2 ** 20;

/** Encodes an integer in big-endian order, one character a byte. */
function int(value: number, size: number): string {
  return size === 0
    ? ""
    : int(Math.floor(value / 256), size - 1) + String.fromCharCode(value % 256);
}

/** Encodes values of PackStream. */
function string(text: string): string {
  return `\xd0${int(text.length, 1)}${text}`;
}

function map(fields: Readonly<Record<string, string>>): string {
  const entries = Object.entries(fields);
  return `${int(0xa0 + entries.length, 1)}${
    entries.map(([name, value]) => string(name) + value).join("")
  }`;
}

function list(...items: string[]): string {
  return `${int(0x90 + items.length, 1)}${items.join("")}`;
}

function binary(text: string): string {
  return `\xce${int(text.length, 4)}${text}`;
}

function message(tag: number, ...fields: string[]): Uint8Array {
  return bytes(int(0xb0 + fields.length, 1) + int(tag, 1) + fields.join(""));
}

const server = { server: string("Neo4j/5.0.0"), connection_id: string("bolt-1") };
const [YES, NO] = ["\xc3", "\xc2"];

async function handle(connection: Connection): Promise<void> {
  let rows: string[] = [];
  let failed = false;
  for await (const request of connection) {
    const tag = request[1];
    if (tag === GOODBYE) return;
    if (tag === RESET) failed = false;
    // An empty message keeps the connection alive.
    await connection.send(new Uint8Array());
    if (failed) {
      await connection.send(message(IGNORED));
    } else if (tag === PULL) {
      for (const row of rows.splice(0, 1000)) await connection.send(message(RECORD, list(row)));
      await connection.send(message(SUCCESS, map({ has_more: rows.length > 0 ? YES! : NO! })));
    } else if (tag !== RUN) {
      await connection.send(message(SUCCESS, map(tag === HELLO ? server : {})));
    } else {
      const text = latin1(request);
      const at = text.indexOf(`\xce${int(LARGE, 4)}`);
      failed = text.includes("NONSENSE");
      rows = at > 0
        ? [binary(text.slice(at + 5, at + 5 + LARGE))]
        : Array.from({ length: ROWS }, (_, index) => string(`\xe2\x82\xac ${index}`));
      const code = string("Neo.ClientError.Statement.SyntaxError");
      const answer = failed
        ? message(FAILURE, map({ code, message: string("no") }))
        : message(SUCCESS, map({ fields: list(string("n")) }));
      await connection.send(answer);
    }
  }
}

test(...driver.needed("bolt() serves the driver of Neo4j after boltHandshake()"), async () => {
  const handshake = boltHandshake({ side: "server" });
  const messages = { ...bolt(), maxFrameLength: 2 * LARGE };
  const lines = await driver.served("work", handshake, async (connection) => {
    const offered = await connection.receive();
    const five = offered!.find(({ major }) => major === 5)!;
    assert.equal(five.minor - five.range, 0);
    await connection.send({ major: 5, minor: 0 });
    await handle(connection.switchTo(messages));
  });
  assert.deepEqual(lines, [ROWS, LARGE]);
});
