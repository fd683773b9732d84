import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionError, type StreamPair, streamTransport } from "../../../mod.ts";
import {
  codeOf,
  never,
  type RecordingPair,
  recordingPair,
  settled,
  soon,
} from "../../support/pairs.ts";
import { textOf, utf8 } from "../../support/streams.ts";
import { turn } from "../../support/transports.ts";

/** A pair with the members of a Workers socket. */
function socket(
  secureTransport: "on" | "off" | "starttls" = "off",
  pair: RecordingPair = recordingPair(),
): RecordingPair & StreamPair {
  return {
    ...pair,
    secureTransport,
    opened: Promise.resolve({}),
    closed: never,
    startTls: () => socket("on"),
    close: () => Promise.resolve(),
  } as RecordingPair & StreamPair;
}

test("streamTransport() of a Workers socket writes at most 64 KiB at a time", async () => {
  const pair = socket();
  const chunk = Uint8Array.from({ length: 150_000 }, (_, index) => index % 251);
  const transport = streamTransport(pair);
  await transport.write([chunk]);
  assert.deepEqual(pair.chunks.map(({ length }) => length), [65_536, 65_536, 18_928]);
  assert.equal(transport.written, 150_000);
});

test("streamTransport() of a Workers socket reports an end after closed has resolved as a reset", async () => {
  const closed = settled<void>();
  const pair = { ...socket(), closed: closed.promise };
  const transport = streamTransport(pair);
  pair.push("hello");
  assert.equal(textOf(await transport.read()), "hello");
  const next = transport.read();
  closed.resolve();
  await turn();
  pair.end();
  assert.equal(codeOf(await soon(next)), "reset");
});

test("streamTransport() of a Workers socket reports an end after a failed write as a reset", async () => {
  const cause = new Error("Network connection lost.");
  const pair = socket(
    "off",
    recordingPair(() => {
      throw cause;
    }),
  );
  const transport = streamTransport(pair);
  const expected = { name: "ConnectionError", code: "reset", cause };
  await assert.rejects(async () => await transport.write([utf8("hello")]), expected);
  pair.end();
  await assert.rejects(transport.read(), expected);
});

test("streamTransport() of a Workers socket distinguishes truncated TLS, a failed handshake and an end", async () => {
  for (const [before, code] of [["hello", "truncated"], ["", "tls"]]) {
    const closed = settled<void>();
    const pair = { ...socket("on"), closed: closed.promise };
    const transport = streamTransport(pair);
    assert.equal(transport.tls?.authorized, true);
    if (before !== "") {
      pair.push(before!);
      await transport.read();
    }
    closed.resolve();
    await turn();
    pair.end();
    assert.equal(codeOf(await soon(transport.read())), code);
  }
  const pair = socket("on");
  const transport = streamTransport(pair);
  pair.end();
  assert.equal(await soon(transport.read()), undefined);
});

test("streamTransport() closes a Workers socket by its close(), whatever that returns or throws", async () => {
  const calls: Record<string, () => unknown> = {
    throws: () => {
      throw new Error("foreign");
    },
    rejects: () => Promise.reject(new Error("foreign")),
    nothing: () => undefined,
    never: () => never,
  };
  for (const how of ["close", "abort"] as const) {
    for (const [name, call] of Object.entries(calls)) {
      let closed = 0;
      const pair = {
        ...socket(),
        close: () => {
          closed++;
          return call();
        },
      };
      const transport = streamTransport(pair);
      const read = transport.read();
      transport[how]();
      assert.equal(await soon(read), undefined, name);
      assert.equal(closed, 1, name);
      // Aborting the writable as well would keep the connection open (workerd 20260730).
      assert.equal(pair.aborted.length, 0, name);
    }
  }
});

test("streamTransport() unlocks the streams of a Workers socket before it starts TLS", async () => {
  const asked: unknown[] = [];
  const secured = socket("on");
  const pair = socket("starttls");
  const starting = {
    ...pair,
    startTls(how?: object) {
      asked.push(how, pair.readable.locked, pair.writable.locked);
      return secured;
    },
  };
  const transport = streamTransport(starting);
  const next = await transport.startTls!({ serverName: "example.com" });
  assert.deepEqual(asked, [{ expectedServerHostname: "example.com" }, false, false]);
  assert.equal(transport.tls, undefined);
  assert.equal(next.tls?.authorized, true);
  await next.write([utf8("hello")]);
  assert.equal(secured.chunks.length, 1);
  transport.close();
  assert.equal(secured.cancelled.length, 1);
  assert.equal(streamTransport(socket("off")).startTls, undefined);
});

test("streamTransport() of a Workers socket refuses TLS options that Workers would ignore", async () => {
  let started = 0;
  const pair = {
    ...socket("starttls"),
    startTls() {
      started++;
      return socket("on");
    },
  };
  const { startTls } = streamTransport(pair);
  const pem = "-----BEGIN CERTIFICATE-----";
  for (
    const options of [
      { ca: pem },
      { key: pem, cert: pem },
      { alpn: "frame/1" },
      { requestCert: true },
      { rejectUnauthorized: false },
      { minVersion: "TLSv1.3" },
      { sni: {} },
      { closeNotify: "optional" },
    ] as const
  ) {
    const error = await soon(startTls!(options));
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.match(error.message, /^Cannot start TLS: Workers cannot /);
    assert.equal(error.code, "unsupported");
  }
  assert.equal(started, 0);
});

test("streamTransport() of a Workers socket stops starting TLS when its signal is aborted", async () => {
  const secured = { ...socket("on"), opened: never };
  const pair = { ...socket("starttls"), startTls: () => secured };
  const controller = new AbortController();
  const starting = streamTransport(pair).startTls!({}, controller.signal);
  await turn();
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await soon(starting), reason);
  assert.equal(secured.cancelled.length, 1);
});
