import assert from "node:assert/strict";
import { test } from "node:test";
import { asymmetric, connect, fixed, listen } from "../../mod.ts";
import { postgres, postgresAnswer } from "../../protocols.ts";
import { concat } from "../../src/bytes/concat.ts";
import { bytes, hex } from "../support/bytes.ts";
import { closeAll } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { identity, trusting } from "../support/tls.ts";

const client = postgres();
const server = postgres({ side: "server" });
const asking = asymmetric({ read: postgresAnswer(), write: client });
const answering = asymmetric({ read: server, write: postgresAnswer() });
const SSL_REQUEST = hex("00 00 00 08 04 d2 16 2f");
const QUERY = bytes("Q\0\0\0\x0dselect 1\0");

test("postgres() upgrades a connection to TLS on both sides", bounded, async () => {
  const listener = await listen(server);
  const serving = (async () => {
    const accepted = (await listener.accept())!;
    listener.close();
    assert.deepEqual(await accepted.receive(), { type: "sslRequest" });
    const answers = accepted.switchTo(answering);
    void answers.send("S");
    await answers.startTls(identity);
    const session = answers.switchTo(server);
    assert.equal((await session.receive())!.type, "startup");
    await session.send({ type: "Z", body: bytes("I") });
    return session;
  })();
  const connection = await connect({ ...listener.address, ...asking });
  await connection.send({ type: "sslRequest" });
  assert.equal(await connection.receive(), "S");
  await connection.startTls(trusting);
  const session = connection.switchTo(client);
  await session.send({ type: "startup", version: [3, 0], parameters: { user: "ada" } });
  assert.deepEqual(await session.receive(), { type: "Z", body: bytes("I") });
  await closeAll(session, await serving);
});

test("postgres() accepts nothing that follows SSLRequest in plain text", bounded, async () => {
  const listener = await listen(server);
  const injected = concat([SSL_REQUEST, QUERY]);
  const attacker = await connect({ ...listener.address, framer: fixed(injected.length) });
  const accepted = (await listener.accept())!;
  listener.close();
  void attacker.send(injected);
  assert.deepEqual(await accepted.receive(), { type: "sslRequest" });
  const answers = accepted.switchTo(answering);
  await assert.rejects(answers.startTls(identity), /more plain text/i);
  await closeAll(attacker, answers);
});

test("postgres() accepts nothing that follows the answer in plain text", bounded, async () => {
  const listener = await listen({ framer: fixed(SSL_REQUEST.length) });
  const connection = await connect({ ...listener.address, ...asking });
  const attacker = (await listener.accept())!;
  listener.close();
  await connection.send({ type: "sslRequest" });
  assert.deepEqual(await attacker.receive(), SSL_REQUEST);
  const raw = attacker.switchTo({ framer: fixed(7) });
  void raw.send(bytes("SZ\0\0\0\x05I"));
  assert.equal(await connection.receive(), "S");
  await assert.rejects(connection.startTls(trusting), /more plain text/i);
  await closeAll(raw, connection);
});
