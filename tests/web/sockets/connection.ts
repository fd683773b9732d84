/**
 * Tests of connections over Workers sockets, in workerd, to the server of `server.py`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "cloudflare:sockets";
import { env } from "cloudflare:workers";
import {
  Connection,
  ConnectionError,
  lengthPrefixed,
  lines,
  type StreamPair,
  streamTransport,
  text,
  TruncatedFrameError,
  uint32,
} from "../../../mod.ts";

interface Ports {
  readonly port: number;
  readonly refused: number;
  readonly port6?: number;
}

const { port, refused, port6 } = env.PORTS as Ports;
const textLines = { framer: lines({ strict: true }), codec: text() };
const binary = { framer: lengthPrefixed(uint32), maxFrameLength: 2 ** 24 };

/** Connects and sends a command to the server. */
function ask(command: string, options: Record<string, unknown> = {}): Connection<string> {
  const connection = new Connection(open(port, options), textLines);
  void connection.send(command);
  return connection;
}

function open(at: number | string, options: Record<string, unknown> = {}): StreamPair {
  const address = typeof at === "string" ? at : `127.0.0.1:${at}`;
  return connect(address, { allowHalfOpen: true, ...options });
}

/** Returns a result that the server has recorded. */
async function resultOf(name: string): Promise<unknown> {
  const connection = ask(`result of ${name}`);
  const result = await connection.receive();
  await connection.close();
  return JSON.parse(result!);
}

/** Rejects if a promise does not settle in time. */
function inTime<Result>(promise: Promise<Result>, milliseconds = 20_000): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`still pending after ${milliseconds} ms`)),
      milliseconds,
    );
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

test("Connection over a Workers socket sends and receives", async () => {
  const connection = ask("echo");
  for (let index = 0; index < 200; index++) {
    void connection.send(`ping ${index}`);
    assert.equal(await inTime(connection.receive()), `ping ${index}`);
  }
  assert.deepEqual({ ...connection.remoteAddress }, { hostname: "127.0.0.1", port });
  await inTime(connection.close());
  assert.equal(await connection.receive(), undefined);
  assert.equal(await inTime(connection.closed), "local");
});

test("Connection over a Workers socket uses IPv6", async (context) => {
  if (port6 === undefined) return context.skip("there is no IPv6 here");
  const connection = new Connection(open(`[::1]:${port6}`), textLines);
  void connection.send("echo");
  void connection.send("ping");
  assert.equal(await inTime(connection.receive()), "ping");
  assert.deepEqual({ ...connection.remoteAddress }, { hostname: "::1", port: port6 });
  await inTime(connection.close());
});

test("Connection over a Workers socket receives small messages that are cut at every place", async () => {
  const connection = ask("cut");
  for (let size = 1; size < 40; size++) {
    for (let index = 0; index < 100; index++) {
      assert.equal(await inTime(connection.receive()), `message ${index} für dich`);
    }
  }
  assert.equal(await inTime(connection.receive()), undefined);
  await inTime(connection.close());
});

for (const size of [8 * 2 ** 20, 100_000, 20_000]) {
  test(`Connection over a Workers socket exchanges 8 MiB in both directions, in frames of ${size} bytes`, async () => {
    const connection = ask("echo").switchTo(binary);
    const count = Math.ceil(8 * 2 ** 20 / size);
    const frames = Array.from({ length: count }, (_, index) => patternOf(size, index));
    const sent = (async () => {
      for (const frame of frames) await connection.send(frame);
      await connection.closeWrite();
    })();
    for (const frame of frames) assertSame((await inTime(connection.receive()))!, frame);
    assert.equal(await inTime(connection.receive()), undefined);
    await inTime(sent);
    assert.equal(await inTime(connection.closed), "local");
  });
}

test("Connection over a Workers socket receives after closeWrite()", async () => {
  const connection = ask("count");
  await connection.send("x".repeat(199_999));
  await inTime(connection.closeWrite());
  assert.equal(await inTime(connection.receive()), "200000");
  assert.equal(await inTime(connection.receive()), undefined);
  assert.equal(await inTime(connection.closed), "local");
});

test("Connection over a Workers socket reports the peer's end between two messages as the end", async () => {
  const connection = ask("end between");
  assert.equal(await inTime(connection.receive()), "one");
  assert.equal(await inTime(connection.receive()), "two");
  assert.equal(await inTime(connection.receive()), undefined);
  await inTime(connection.close());
  assert.equal(await inTime(connection.closed), "remote");
});

test("Connection over a Workers socket reports the peer's end inside a message as an error", async () => {
  const connection = ask("end inside");
  assert.equal(await inTime(connection.receive()), "one");
  await assert.rejects(inTime(connection.receive()), TruncatedFrameError);
  await inTime(connection.close());
});

test("Connection over a Workers socket without allowHalfOpen reports the peer's end as the end", async () => {
  const connection = ask("end between", { allowHalfOpen: false });
  assert.equal(await inTime(connection.receive()), "one");
  assert.equal(await inTime(connection.receive()), "two");
  assert.equal(await inTime(connection.receive()), undefined);
  await inTime(connection.close());
});

for (const where of ["between", "inside"]) {
  test(`Connection over a Workers socket reports a reset ${where} messages on every call`, async () => {
    const connection = ask(`reset ${where}`);
    assert.equal(await inTime(connection.receive()), "one");
    const next = connection.receive();
    void connection.send("now");
    await assert.rejects(inTime(next), { code: "reset" });
    await assert.rejects(inTime(connection.receive()), { code: "reset" });
    await assert.rejects(inTime(connection.send("more")), { code: "reset" });
    assert.equal(await inTime(connection.closed), "reset");
  });
}

test("Connection.send() over a Workers socket rejects after a reset, though nothing is received", async () => {
  const connection = ask("reset");
  await assert.rejects(
    inTime((async () => {
      for (let index = 0; index < 1000; index++) {
        await connection.send("x".repeat(100_000));
        await connection.flush();
      }
    })()),
    ConnectionError,
  );
  await inTime(connection.close().catch(() => {}));
});

test("Connection over a Workers socket rejects every call if the connect is refused", async () => {
  for (let index = 0; index < 3; index++) {
    const connection = new Connection(open(refused), textLines);
    if (index !== 1) void connection.send("hello");
    const flushed = index === 1
      ? Promise.reject(new ConnectionError("", { code: "unknown" }))
      : connection.flush();
    flushed.catch(() => {});
    if (index !== 2) await assert.rejects(inTime(connection.receive()), ConnectionError);
    await assert.rejects(inTime(flushed), ConnectionError);
    await assert.rejects(inTime(connection.send("more")), ConnectionError);
    await assert.rejects(inTime(connection.receive()), ConnectionError);
  }
});

test("Connection.close() over a Workers socket loses nothing while the peer is still sending", async () => {
  const connection = ask("chatter of talk");
  for (let index = 0; index < 80; index++) void connection.send("x".repeat(99_999));
  await inTime(connection.close());
  assert.equal(await resultOf("talk"), 8_000_000);
  assert.equal(await resultOf("talk sending"), null);
});

test("Connection.abort() over a Workers socket rejects pending calls and ends the peer's stream", async () => {
  const connection = ask("until gone of aborted");
  await connection.flush();
  const receiving = connection.receive();
  connection.abort();
  await assert.rejects(inTime(receiving), { code: "aborted" });
  assert.match(String(await resultOf("aborted")), /^(end|reset)$/);
});

test("streamTransport() of a Workers socket rejects a pending write when it is closed", async () => {
  const transport = streamTransport(open(port));
  await transport.write([new TextEncoder().encode("silence\n")]);
  const read = transport.read();
  const written = (async () => {
    for (;;) await transport.write([new Uint8Array(2 ** 20)]);
  })();
  written.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 200));
  transport.close();
  assert.equal(await inTime(read, 2_000), undefined);
  await assert.rejects(inTime(written, 2_000), { code: "closed" });
});

test("Connection.startTls() upgrades a Workers socket to TLS", async () => {
  const connection = ask("secure", { secureTransport: "starttls" });
  assert.equal(await inTime(connection.receive()), "go ahead");
  assert.equal(connection.tls !== undefined, false);
  await inTime(connection.startTls());
  assert.equal(connection.tls !== undefined, true);
  void connection.send("x".repeat(300_000));
  void connection.send("secret");
  assert.equal((await inTime(connection.receive()))!.length, 300_000);
  assert.equal(await inTime(connection.receive()), "secret");
  await inTime(connection.close());
});

test("Connection over a Workers socket reports the end of TLS without close_notify as truncated", async () => {
  const connection = ask("secure cut", { secureTransport: "starttls" });
  assert.equal(await inTime(connection.receive()), "go ahead");
  await inTime(connection.startTls());
  void connection.send("secret");
  assert.equal(await inTime(connection.receive()), "secret");
  await assert.rejects(inTime(connection.receive()), { code: "truncated" });
  assert.equal(await inTime(connection.closed), "truncated");
});

for (
  const [problem, command, options] of [
    ["a peer without TLS", "echo", {}],
    ["the certificate of another host", "secure", { serverName: "other.example" }],
  ] as const
) {
  for (const first of ["receives", "sends"]) {
    test(`Connection over a Workers socket that ${first} first reports ${problem}`, async () => {
      const connection = ask(command, { secureTransport: "starttls" });
      if (command === "secure") await inTime(connection.receive());
      else await connection.flush();
      await inTime(connection.startTls(options));
      if (first === "sends") void connection.send("secret");
      await assert.rejects(inTime(connection.receive()), { code: "tls" });
      await assert.rejects(inTime(connection.send("more")), { code: "tls" });
    });
  }
}

test("Connection.startTls() rejects unless the Workers socket was opened for STARTTLS", async () => {
  const connection = ask("secure");
  assert.equal(await inTime(connection.receive()), "go ahead");
  await assert.rejects(connection.startTls(), { code: "unsupported" });
  await inTime(connection.close().catch(() => {}));
});

function patternOf(size: number, index: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8) + index) & 255);
}

function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  assert.equal(actual.length, expected.length);
  for (let at = 0; at < actual.length; at++) {
    if (actual[at] !== expected[at]) {
      assert.fail(`byte ${at} is ${actual[at]}, not ${expected[at]}`);
    }
  }
}
