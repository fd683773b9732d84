import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, ConnectionError, fixed, type Transport } from "../../mod.ts";
import { textLines } from "../support/connections.ts";
import { type Recorder, recorder, turn } from "../support/transports.ts";

/** Returns a transport whose writes wait, and the one with TLS that `finish` upgrades it to. */
function upgradable(): {
  plain: Recorder;
  tls: Recorder;
  finish: () => void;
  started: () => boolean;
} {
  const plain: Recorder = recorder(true);
  const tls = recorder();
  let finish = () => {};
  let started = false;
  plain.startTls = () => {
    started = true;
    return new Promise<Transport>((resolve) => finish = () => resolve(tls));
  };
  return { plain, tls, finish: () => finish(), started: () => started };
}

test("Connection.startTls() begins the handshake after all plain text has been written", async () => {
  const { plain, tls, finish, started } = upgradable();
  const connection = new Connection(plain, textLines);
  void connection.send("one");
  await turn();
  void connection.send("two");
  const upgrading = connection.startTls();
  void connection.send("three");
  await turn();
  assert.deepEqual([plain.sent, started()], [["one\n"], false]);
  plain.release();
  await turn();
  assert.deepEqual([plain.sent, started()], [["one\n", "two\n"], false]);
  plain.release();
  await turn();
  assert.equal(started(), true);
  assert.deepEqual(tls.sent, []);
  finish();
  await upgrading;
  await connection.flush();
  assert.deepEqual([plain.sent.join(""), tls.sent.join("")], ["one\ntwo\n", "three\n"]);
  connection.abort();
});

test("Connection.startTls() counts each message once, with and without plain text before it", async () => {
  for (const before of [0, 1]) {
    const { plain, tls, finish } = upgradable();
    const offsets: number[] = [];
    const frame = ({ offset }: { readonly offset: number }) => void offsets.push(offset);
    const connection = new Connection(plain, { ...textLines, tap: { frame } });
    if (before > 0) void connection.send("one");
    const upgrading = connection.startTls();
    plain.release();
    await turn();
    finish();
    await upgrading;
    for (const message of ["two", "three", "four"]) {
      await connection.send(message);
      await connection.flush();
    }
    assert.deepEqual(tls.sent, ["two\n", "three\n", "four\n"]);
    assert.deepEqual(offsets.slice(before), [0, 4, 10].map((offset) => offset + 4 * before));
    connection.abort();
  }
});

test("Connection.startTls() never mixes plain text with messages that are sent meanwhile", async () => {
  const { plain, tls, finish } = upgradable();
  /** Bytes in plain text, read only when their write completes. */
  const plainBytes: number[] = [];
  let release = () => {};
  plain.write = (chunks) =>
    new Promise((resolve) =>
      release = () => {
        for (const chunk of chunks) for (const byte of chunk) plainBytes.push(byte);
        resolve();
      }
    );
  const tlsBytes: number[] = [];
  tls.write = (chunks) => {
    for (const chunk of chunks) for (const byte of chunk) tlsBytes.push(byte);
    return undefined;
  };
  const connection = new Connection(plain, { framer: fixed(1000) });
  const send = (number: number) => void connection.send(new Uint8Array(1000).fill(number));
  // A write is in progress, and more than one block of memory is pending after it.
  for (let number = 0; number < 50; number++) send(number);
  await turn();
  release();
  await turn();
  for (let number = 50; number < 150; number++) send(number);
  await turn();
  const upgrading = connection.startTls();
  for (let number = 150; number < 200; number++) send(number);
  for (let count = 0; count < 5; count++) {
    release();
    release = () => {};
    await turn();
    for (let more = 0; more < 100; more++) send(200 + count);
  }
  finish();
  await upgrading;
  await connection.flush();
  const everyThousandth = (bytes: readonly number[]) => bytes.filter((_, at) => at % 1000 === 999);
  assert.deepEqual(everyThousandth(plainBytes), Array.from({ length: 150 }, (_, number) => number));
  assert.deepEqual(everyThousandth(tlsBytes), [
    ...Array.from({ length: 50 }, (_, number) => 150 + number),
    ...Array.from({ length: 500 }, (_, at) => 200 + Math.floor(at / 100)),
  ]);
  connection.abort();
});

test("Connection.flush() during startTls() waits until messages have been sent by TLS", async () => {
  const { plain, tls, finish } = upgradable();
  const connection = new Connection(plain, textLines);
  const upgrading = connection.startTls();
  void connection.send("secret");
  let flushed = false;
  const flushing = connection.flush().then(() => flushed = true);
  await turn();
  assert.equal(flushed, false);
  finish();
  await upgrading;
  await flushing;
  assert.deepEqual([plain.sent, tls.sent], [[], ["secret\n"]]);
  connection.abort();
});

test("Connection.startTls() that fails aborts the connection and discards pending messages", async () => {
  const { plain } = upgradable();
  plain.startTls = () => Promise.reject(new ConnectionError("no TLS", { code: "tls" }));
  const connection = new Connection(plain, textLines);
  const upgrading = connection.startTls();
  void connection.send("secret");
  await assert.rejects(upgrading, { code: "tls" });
  await assert.rejects(connection.receive(), { code: "tls" });
  await assert.rejects(connection.close(), { code: "tls" });
  assert.deepEqual([plain.sent, plain.calls], [[], ["abort"]]);
});

test("Connection refuses detach() and a second startTls() during startTls()", async () => {
  const { plain, finish } = upgradable();
  const connection = new Connection(plain, textLines);
  const upgrading = connection.startTls();
  assert.throws(() => connection.detach(), TypeError);
  await assert.rejects(connection.startTls(), TypeError);
  await turn();
  finish();
  await upgrading;
  await assert.rejects(connection.startTls(), { code: "unsupported" });
  connection.abort();
  assert.throws(() => connection.detach(), { code: "closed" });
});

test("Connection.abort() during startTls() aborts both transports", async () => {
  const { plain, tls, finish } = upgradable();
  const connection = new Connection(plain, textLines);
  const upgrading = connection.startTls();
  await turn();
  connection.abort("why");
  finish();
  await assert.rejects(upgrading, { code: "aborted", cause: "why" });
  assert.deepEqual([plain.calls, tls.calls], [["abort"], ["abort"]]);
});
