/** `ssh` with OpenSSH, up to the first encrypted packet. */

import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { test } from "node:test";
import { ssh, type SshLine, type SshPacket } from "../../protocols.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { connected, live, next } from "../support/live_server.ts";

const [KEXINIT, NEWKEYS, ECDH_INIT, ECDH_REPLY] = [20, 21, 30, 31];

/** Returns a text after its length. */
function string(text: string): string {
  return `\0\0${String.fromCharCode(text.length >> 8, text.length & 0xff)}${text}`;
}

test("ssh() exchanges keys with OpenSSH", live, async () => {
  const connection = await connected(ssh());
  await connection.send({ type: "line", text: "SSH-2.0-framewright" });
  const identification = await next(connection) as SshLine;
  assert.equal(identification.type, "line");
  assert.match(identification.text, /^SSH-2\.0-OpenSSH/);
  const offered = await next(connection) as SshPacket;
  assert.deepEqual([offered.type, offered.payload[0]], ["packet", KEXINIT]);
  assert.match(latin1(offered.payload), /curve25519-sha256/);
  const cookie = latin1(randomBytes(16));
  const algorithms = [
    "curve25519-sha256",
    "ssh-ed25519",
    ...Array(2).fill("aes128-ctr"),
    ...Array(2).fill("hmac-sha2-256"),
    ...Array(2).fill("none"),
    ...Array(2).fill(""),
  ].map(string).join("");
  const init = `${String.fromCharCode(KEXINIT)}${cookie}${algorithms}\0\0\0\0\0`;
  await connection.send({ type: "packet", payload: bytes(init) });
  const { publicKey } = generateKeyPairSync("x25519");
  const key = latin1(publicKey.export({ type: "spki", format: "der" }).subarray(-32));
  const exchange = bytes(`${String.fromCharCode(ECDH_INIT)}${string(key)}`);
  await connection.send({ type: "packet", payload: exchange });
  const reply = await next(connection) as SshPacket;
  assert.equal(reply.payload[0], ECDH_REPLY);
  assert.match(latin1(reply.payload), /ssh-ed25519/);
  assert.deepEqual(await next(connection), {
    type: "packet",
    payload: Uint8Array.of(NEWKEYS),
  });
  await connection.close();
});

test("ssh() reads why OpenSSH refuses a peer", live, async () => {
  const connection = await connected(ssh());
  await connection.send({ type: "line", text: "HTTP/1.1" });
  assert.match((await next(connection) as SshLine).text, /^SSH-2\.0-/);
  assert.match((await next(connection) as SshLine).text, /^Invalid SSH identification string/);
  assert.equal(await connection.receive(), undefined);
  await connection.close();
});
