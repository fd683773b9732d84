import assert from "node:assert/strict";
import { test } from "node:test";
import { type StreamPair, streamTransport } from "../../mod.ts";
import { openStream, textOf, utf8 } from "../support/streams.ts";
import { pipe, turn } from "../support/transports.ts";

/** A pair whose sink keeps what it is given, and does with it what it is told. */
function recording(
  write: (chunk: Uint8Array) => void | Promise<void> = () => {},
): StreamPair & ReturnType<typeof openStream> & { readonly chunks: Uint8Array[] } {
  const chunks: Uint8Array[] = [];
  const writable = new WritableStream<Uint8Array>({
    write(chunk) {
      chunks.push(chunk);
      return write(chunk);
    },
  });
  return { ...openStream(), writable, chunks };
}

/** What comes of a promise in this turn of the event loop, or the next. */
async function soon(promise: Promise<unknown>): Promise<unknown> {
  const told = promise.then((value) => value, (error) => error);
  return await Promise.race([told, turn().then(turn).then(() => "pending")]);
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}

const never = new Promise<never>(() => {});

test("streamTransport() reads what comes, and the end", async () => {
  const pair = recording();
  const transport = streamTransport(pair);
  pair.push("one");
  assert.equal(textOf(await transport.read()), "one");
  const next = transport.read();
  pair.push("two");
  assert.equal(textOf(await next), "two");
  pair.end();
  assert.equal(await transport.read(), undefined);
});

test("streamTransport() locks its streams, and refuses those that are locked", () => {
  const pair = recording();
  streamTransport(pair);
  assert.throws(() => streamTransport(pair), TypeError);
});

test("streamTransport() writes in slices of 64 KiB at most, in order", async () => {
  const pair = recording();
  const chunk = Uint8Array.from({ length: 150_000 }, (_, index) => index % 251);
  await streamTransport(pair).write([chunk]);
  assert.deepEqual(pair.chunks.map(({ length }) => length), [65_536, 65_536, 18_928]);
  for (const [index, slice] of pair.chunks.entries()) {
    assert.deepEqual(slice, chunk.subarray(index * 65_536, index * 65_536 + slice.length));
  }
});

test("streamTransport() writes no more after a write that has failed", async () => {
  const lost = new Error("lost");
  const pair = recording(() => {
    if (pair.chunks.length === 2) throw lost;
  });
  const transport = streamTransport(pair);
  await assert.rejects(async () => await transport.write([new Uint8Array(300_000)]), lost);
  await assert.rejects(async () => await transport.write([utf8("more")]), lost);
  await assert.rejects(transport.closeWrite(), lost);
  assert.equal(pair.chunks.length, 2);
});

test("streamTransport() reads on from a pair that cannot be written", async () => {
  const pair = recording(() => {
    throw new Error("lost");
  });
  const transport = streamTransport(pair);
  await assert.rejects(async () => await transport.write([utf8("hello")]));
  pair.push("last words");
  pair.end();
  assert.equal(textOf(await transport.read()), "last words");
  assert.equal(await transport.read(), undefined);
});

for (const how of ["close", "abort"] as const) {
  test(`streamTransport() settles on ${how}() what would stay pending`, async () => {
    const pair = recording(() => never);
    const transport = streamTransport(pair);
    const read = transport.read();
    const written = Promise.resolve(transport.write([utf8("hello")]));
    const finished = transport.closeWrite();
    assert.equal(await soon(written), "pending");
    transport[how]!();
    transport[how]!();
    assert.equal(await soon(read), undefined);
    assert.equal(codeOf(await soon(written)), "ECONNABORTED");
    assert.equal(codeOf(await soon(finished)), "ECONNABORTED");
    assert.equal(pair.cancelled.length, 1);
    assert.equal(await soon(transport.read()), undefined);
    assert.equal(
      codeOf(await soon(Promise.resolve(transport.write([utf8("more")])))),
      "ECONNABORTED",
    );
  });
}

test("streamTransport() tells the other end of a pipe that it was closed", async () => {
  const [here, there] = pipe();
  const other = streamTransport(there);
  streamTransport(here).close();
  assert.equal(codeOf(await soon(other.read())), "ECONNABORTED");
});

test("streamTransport() neither reads nor writes before the socket is connected", async () => {
  const opened = settled<{ remoteAddress: string }>();
  const pair = { ...recording(), opened: opened.promise };
  const transport = streamTransport(pair);
  pair.push("hello");
  const read = transport.read();
  const written = Promise.resolve(transport.write([utf8("hello")]));
  assert.equal(await soon(Promise.race([read, written])), "pending");
  assert.equal(transport.remoteAddress, undefined);
  opened.resolve({ remoteAddress: "[::1]:7000" });
  assert.equal(textOf(await read), "hello");
  await written;
  assert.equal(pair.chunks.length, 1);
  assert.deepEqual(transport.remoteAddress, { hostname: "::1", port: 7000 });
  assert.equal(transport.localAddress, undefined);
});

test("streamTransport() fails as the connect has failed, and never ends cleanly", async () => {
  const refused = new Error("proxy request failed, cannot connect to the specified address");
  const pair = { ...recording(), opened: Promise.reject(refused), closed: Promise.reject(refused) };
  const transport = streamTransport(pair);
  pair.end();
  await turn();
  await assert.rejects(transport.read(), refused);
  await assert.rejects(async () => await transport.write([utf8("hello")]), refused);
  await assert.rejects(transport.closeWrite(), refused);
  assert.equal(pair.chunks.length, 0);
});

test("streamTransport() can be closed though the connect never ends", async () => {
  let closed = 0;
  const pair = {
    ...recording(),
    opened: never,
    close: () => {
      closed++;
      return never;
    },
  };
  const transport = streamTransport(pair);
  const [read, written] = [transport.read(), Promise.resolve(transport.write([utf8("hello")]))];
  transport.close();
  assert.equal(await soon(read), undefined);
  assert.equal(codeOf(await soon(written)), "ECONNABORTED");
  assert.equal(closed, 1);
});

test("streamTransport() takes no end for one that comes after the socket was over", async () => {
  const closed = settled<void>();
  const pair = { ...recording(), opened: Promise.resolve({}), closed: closed.promise };
  const transport = streamTransport(pair);
  pair.push("hello");
  assert.equal(textOf(await transport.read()), "hello");
  const next = transport.read();
  closed.resolve();
  await turn();
  pair.end();
  assert.equal(codeOf(await soon(next)), "ECONNRESET");
});

test("streamTransport() takes no end for one behind a write that has failed", async () => {
  const lost = new Error("lost");
  const pair = {
    ...recording(() => {
      throw lost;
    }),
    opened: Promise.resolve({}),
  };
  const transport = streamTransport(pair);
  await assert.rejects(async () => await transport.write([utf8("hello")]), lost);
  pair.end();
  await assert.rejects(transport.read(), lost);
});

test("streamTransport() tells TLS that was cut, or has not come about, from the end", async () => {
  for (const [before, code] of [["hello", "ERR_TLS_TRUNCATED"], ["", "ERR_TLS_HANDSHAKE"]]) {
    const closed = settled<void>();
    const opened = Promise.resolve({});
    const pair = { ...recording(), opened, closed: closed.promise, secureTransport: "on" };
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
});

test("streamTransport() starts TLS where the pair can, and gives it the streams", async () => {
  const asked: unknown[] = [];
  const secured = { ...recording(), secureTransport: "on" };
  const pair: StreamPair = {
    ...recording(),
    secureTransport: "starttls",
    startTls(how) {
      asked.push(how, pair.readable.locked, pair.writable.locked);
      return secured;
    },
  };
  const transport = streamTransport(pair);
  const next = await transport.startTls!({ serverName: "example.com" });
  assert.deepEqual(asked, [{ expectedServerHostname: "example.com" }, false, false]);
  assert.equal(transport.tls, undefined);
  assert.equal(next.tls?.authorized, true);
  await next.write([utf8("hello")]);
  assert.equal(secured.chunks.length, 1);
  transport.close();
  assert.equal(secured.cancelled.length, 1);
  assert.equal(streamTransport({ ...recording(), secureTransport: "off" }).startTls, undefined);
  assert.equal(streamTransport(recording()).startTls, undefined);
});

test("streamTransport() refuses what Workers' TLS would pass over in silence", async () => {
  let started = 0;
  const pair = {
    ...recording(),
    startTls() {
      started++;
      return recording();
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
    ]
  ) {
    const error = await soon(startTls!(options));
    assert.ok(error instanceof TypeError, `${error}`);
    assert.match(error.message, /^Cannot start TLS: Workers cannot /);
    assert.equal(codeOf(error), "ERR_UNSUPPORTED");
  }
  assert.equal(started, 0);
});

test("streamTransport() gives up starting TLS when its signal says so", async () => {
  const secured = { ...recording(), opened: never };
  const pair: StreamPair = { ...recording(), startTls: () => secured };
  const controller = new AbortController();
  const starting = streamTransport(pair).startTls!({}, controller.signal);
  await turn();
  const reason = new Error("enough");
  controller.abort(reason);
  assert.equal(await soon(starting), reason);
  assert.equal(secured.cancelled.length, 1);
});

/** A promise that is settled by hand: Node 20 has no `Promise.withResolvers`. */
function settled<Value>(): {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
} {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((one, other) => {
    resolve = one;
    reject = other;
  });
  return { promise, resolve, reject };
}
