/** `ninep` with diod, a server of 9P2000.L. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Requester } from "../../mod.ts";
import { ninep, type NinepMessage } from "../../protocols.ts";
import { latin1, numbered } from "../support/bytes.ts";
import { connected, folder, live } from "../support/live_server.ts";

const [ERROR, CREATE, VERSION, ATTACH, WALK, READ, WRITE, CLUNK] = [
  6,
  14,
  100,
  104,
  110,
  116,
  118,
  120,
];
const NO_TAG = 0xffff;
const MAX_SIZE = 65_536;
const CHUNK = 32_768;

/** Returns fields: pairs of a value and its size, strings after their lengths, and bytes. */
function fields(...values: ([number, number] | string | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => {
    if (value instanceof Uint8Array) return [...value];
    if (typeof value === "string") {
      const bytes = new TextEncoder().encode(value);
      return [bytes.length, 0, ...bytes];
    }
    const [number, size] = value;
    return Array.from({ length: size }, (_, index) => Math.floor(number / 256 ** index) % 256);
  }));
}

test("ninep() writes and reads a file of 1 MiB with diod", live, async () => {
  const connection = await connected(ninep());
  const requester = new Requester(connection, { match: ({ tag }: NinepMessage) => tag });
  const call = async (type: number, tag: number, ...values: Parameters<typeof fields>) => {
    const reply = await requester.request({ type, tag, body: fields(...values) });
    assert.deepEqual([reply.type, reply.tag], [type + 1, tag], latin1(reply.body));
    return reply.body;
  };
  const version = await call(VERSION!, NO_TAG, [MAX_SIZE, 4], "9P2000.L");
  assert.deepEqual([...version.subarray(0, 4)], [0, 0, 1, 0]);
  assert.match(latin1(version), /9P2000\.L$/);
  // The root is 1; 2 becomes the file.
  await call(ATTACH!, 1, [1, 4], [2 ** 32 - 1, 4], "root", `${folder}/files`, [0, 4]);
  await call(WALK!, 1, [1, 4], [2, 4], [0, 2]);
  const [readWrite, mode, group] = [[2, 4], [0o644, 4], [0, 4]] as [number, number][];
  await call(CREATE!, 1, [2, 4], "file", readWrite!, mode!, group!);
  const content = numbered(2 ** 20);
  const offsets = Array.from({ length: 2 ** 20 / CHUNK }, (_, index) => index * CHUNK);
  await Promise.all(offsets.map((offset, tag) => {
    const chunk = content.subarray(offset, offset + CHUNK);
    return call(WRITE!, tag, [2, 4], [offset, 8], [CHUNK, 4], chunk);
  }));
  assert.ok(readFileSync(`${folder}/files/file`).every((byte, at) => byte === content[at]));
  const chunks = await Promise.all(
    offsets.map((offset, tag) => call(READ!, tag, [2, 4], [offset, 8], [CHUNK, 4])),
  );
  for (const [index, chunk] of chunks.entries()) {
    assert.equal(chunk.length, 4 + CHUNK);
    assert.ok(chunk.subarray(4).every((byte, at) => byte === content[index * CHUNK + at]));
  }
  await call(CLUNK!, 1, [2, 4]);
  const body = fields([1, 4], [3, 4], [1, 2], "missing");
  const failure = await requester.request({ type: WALK!, tag: 5, body });
  assert.deepEqual(failure, { type: ERROR! + 1, tag: 5, body: Uint8Array.of(2, 0, 0, 0) });
  await connection.close();
});
