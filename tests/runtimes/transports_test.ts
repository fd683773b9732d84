import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ConnectionError, type TlsOptions, type Transport } from "../../mod.ts";
import { child } from "../support/child.ts";
import { bounded, sleep } from "../support/limits.ts";
import { codeOf, soon } from "../support/pairs.ts";
import { dedent, pythonListener, type PythonPeer, pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { open, openPair } from "../support/sockets.ts";
import { textOf, utf8 } from "../support/streams.ts";
import { identity, trusting } from "../support/tls.ts";

const SIZE = 64 << 20;

/** Waits, then counts the bytes that arrive before the connection is gone. */
const GONE = `
wait()
count = 0
try:
    while part := conn.recv(65536):
        count += len(part)
except OSError:
    pass
done(count)
`;

const ways: Record<string, TlsOptions | undefined> = { plain: undefined, TLS: trusting };

/** Connects a transport to Python, which runs `body`. */
async function meet(
  tls: TlsOptions | undefined,
  body: string,
): Promise<[Transport, PythonPeer]> {
  const secured = withTls(`conn = tls_server(conn)\n${dedent(body)}`);
  const peer = await pythonServer(tls === undefined ? body : secured);
  return [await open(peer.port, tls), peer];
}

for (const [way, tls] of Object.entries(ways)) {
  test(`Transport.written grows while a write is in progress: ${way}`, bounded, async () => {
    const [transport, peer] = await meet(
      tls,
      `
      wait()
      data = hashlib.sha1()
      total = 0
      while total < ${SIZE}:
          part = conn.recv(1 << 20)
          data.update(part)
          total += len(part)
          if total % (1 << 22) < len(part):
              time.sleep(0.005)
      done(data.hexdigest())
      `,
    );
    const payload = new Uint8Array(SIZE).map((_, index) => index % 251);
    assert.equal(transport.written, 0);
    const writing = transport.write([payload.subarray(0, 5), payload.subarray(5)]);
    assert.ok(writing !== undefined);
    // The system accepts what fits into its buffers while the peer is not reading.
    await sleep(300);
    const before = transport.written;
    assert.ok(before < SIZE, `${before} of ${SIZE} bytes were accepted`);
    peer.go();
    const seen = new Set<number>([before]);
    let settled = false;
    const written = writing.then(() => settled = true);
    while (!settled) {
      seen.add(transport.written);
      await sleep(1);
    }
    await written;
    assert.equal(transport.written, SIZE);
    assert.ok(seen.size >= 5, `it grew in ${seen.size} steps`);
    assert.equal(await peer.result, createHash("sha1").update(payload).digest("hex"));
    transport.close();
  });

  test(
    `Transport.write() no longer needs its chunks once it has resolved: ${way}`,
    bounded,
    async () => {
      const rounds = 40;
      const [transport, peer] = await meet(
        tls,
        `
      good = 0
      for number in range(${rounds}):
          if exactly(conn, 1 << 19) == bytes([number]) * (1 << 19):
              good += 1
          time.sleep(0.002)
      done(good)
      `,
      );
      const memory = new Uint8Array(1 << 19);
      for (let number = 0; number < rounds; number++) {
        memory.fill(number);
        await transport.write([memory.subarray(0, 1000), memory.subarray(1000)]);
        memory.fill(255);
      }
      assert.equal(await peer.result, rounds);
      transport.close();
    },
  );

  test(`Transport reports its first error on every call: ${way}`, bounded, async () => {
    const [transport, peer] = await meet(
      tls,
      `
      exactly(conn, 2)
      reset(conn)
      done(True)
      `,
    );
    // Node 22 may report the reset before it reports that the write was accepted.
    await soon(transport.write([utf8("go")]));
    await peer.result;
    for (let count = 0; count < 2; count++) {
      const error = await transport.read().catch((error) => error);
      assert.ok(error instanceof ConnectionError, `${error}`);
      assert.equal(error.code, "reset");
      assert.match(error.message, /^Cannot receive: ./);
    }
    const error = await soon(transport.write([utf8("more")]));
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.equal(error.code, "reset");
    assert.match(error.message, /^Cannot send: ./);
    transport.abort();
  });

  test(
    `Transport.write() fails after closeWrite() and after close(): ${way}`,
    bounded,
    async () => {
      const [transport, peer] = await meet(
        tls,
        `
      data = to_end(conn)
      conn.sendall(data)
      if hasattr(conn, "unwrap"):
          conn.unwrap()
      done(len(data))
      `,
      );
      await transport.write([]);
      await transport.write([new Uint8Array(0), utf8("hello")]);
      await transport.closeWrite();
      await transport.closeWrite();
      assert.equal(codeOf(await soon(transport.write([utf8("more")]))), "closed");
      assert.equal(textOf(await transport.read()), "hello");
      assert.equal(await peer.result, 5);
      transport.close();
      transport.close();
      transport.abort();
      assert.equal(codeOf(await soon(transport.write([utf8("more")]))), "closed");
      assert.equal(await transport.read(), undefined);
    },
  );

  test(`Transport.close() settles pending calls: ${way}`, bounded, async () => {
    for (const how of ["close", "abort"] as const) {
      const [transport, peer] = await meet(tls, GONE);
      const reading = transport.read();
      const writing = Promise.resolve(transport.write([new Uint8Array(SIZE)])).then(
        () => undefined,
        (error) => error,
      );
      await sleep(50);
      transport[how]();
      assert.equal(await reading, undefined);
      assert.equal(codeOf(await writing), "closed");
      peer.go();
      assert.ok(await peer.result as number < SIZE);
    }
  });
}

test("Transport.read() rejects while another read is pending", bounded, async () => {
  const [transport, peer] = await meet(undefined, 'wait()\nconn.sendall(b"one")\ndone(True)');
  const reading = transport.read();
  await assert.rejects(transport.read(), TypeError);
  peer.go();
  assert.equal(textOf(await reading), "one");
  transport.close();
});

test(
  "Transport.startTls() rejects while a read is pending, and consumes nothing",
  bounded,
  async () => {
    const [transport, peer] = await meet(undefined, 'wait()\nconn.sendall(b"one")\ndone(True)');
    const reading = transport.read();
    await assert.rejects(transport.startTls!(trusting), TypeError);
    peer.go();
    assert.equal(textOf(await reading), "one");
    transport.close();
  },
);

test(
  "Transport.startTls() returns a transport that closes with the original one",
  bounded,
  async () => {
    for (const how of ["close", "abort"] as const) {
      const [client, server] = await openPair();
      const [encrypted, other] = await Promise.all([
        client.startTls!({ ...trusting, serverName: "localhost" }),
        server.startTls!(identity),
      ]);
      const reading = encrypted.read();
      client[how]();
      const outcome = await reading.catch((error) => error);
      assert.ok(outcome === undefined || outcome instanceof ConnectionError, `${outcome}`);
      const end = await other.read().catch((error) => error);
      assert.ok(["reset", "truncated"].includes(codeOf(end) as string), `${end}`);
      other.abort();
    }
  },
);

test("Transport.startTls() treats an empty serverName as absent", bounded, async () => {
  const peer = await pythonListener(withTls(`
    for _ in range(4):
        try:
            conn = tls_server(accept(), certificate="nameOnly")
            until_gone(conn)
        except OSError:
            pass
    done(True)
  `));
  for (const serverName of ["", undefined]) {
    const tls = serverName === undefined ? trusting : { ...trusting, serverName };
    const error = await open(peer.port, tls).catch((error) => error);
    assert.equal(codeOf(error), "certificate");
    const transport = await open(peer.port, tls, "localhost");
    assert.equal(transport.tls?.authorized, true);
    transport.close();
  }
  await peer.result;
});

test("Transport.abort() releases the socket while closeWrite() is pending", bounded, async () => {
  const peer = await pythonListener(`
    for _ in range(12):
        until_gone(accept())
    done(True)
  `);
  // A socket that was not released keeps the process running.
  const process = child("socket_roles abortEnding", { port: peer.port, count: 12 });
  await process.ended;
  assert.equal(await peer.result, true);
});
