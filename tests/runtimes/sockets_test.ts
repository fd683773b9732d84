import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { test } from "node:test";
import { connect, lengthPrefixed, listen, type ListenOptions, serve, uint32 } from "../../mod.ts";
import { closeAll, failureOf, pair, textLines } from "../support/connections.ts";
import { noIPv6 } from "../support/ipv6.ts";
import { bounded, sleep } from "../support/limits.ts";
import { message, same } from "../support/messages.ts";
import { needing, Program } from "../support/programs.ts";
import { pattern, pythonProcess } from "../support/python.ts";
import { factsOf, unreadable } from "../support/socket_options.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { identity, trusting } from "../support/tls.ts";
import { unless } from "../support/unless.ts";

const frames = { framer: lengthPrefixed(uint32), maxFrameLength: Infinity };

const folder = temporaryFolder();

test("connect() and listen() exchange 8 MiB over a Unix socket", bounded, async () => {
  const path = `${folder}/meet`;
  const [client, server] = await pair(frames, {}, { path });
  const messages = Array.from({ length: 256 }, (_, number) => message(number, 65_536));
  await Promise.all([client, server].map(async (end) => {
    const sending = (async () => {
      for (const message of messages) await end.send(message);
    })();
    for (const message of messages) assert.ok(same(await end.receive(), message));
    await sending;
  }));
  await closeAll(client, server);
  assert.equal(await client.closed === "local" || await server.closed === "local", true);
});

test("Listener.address of a Unix socket can be passed to connect()", bounded, async () => {
  const path = `${folder}/address`;
  const listener = await listen({ path, ...textLines });
  assert.deepEqual({ ...listener.address }, { hostname: "", port: 0, path });
  assert.ok(existsSync(path));
  const client = await connect({ ...listener.address, ...textLines });
  const server = await listener.accept();
  assert.deepEqual({ ...client.remoteAddress }, { hostname: "", port: 0, path });
  assert.deepEqual({ ...server!.localAddress }, { hostname: "", port: 0, path });
  await closeAll(client, server!);
  listener.close();
});

test("Listener.close() removes its Unix socket", bounded, async () => {
  const path = `${folder}/again`;
  for (let round = 0; round < 3; round++) {
    const listener = await listen({ path, ...textLines });
    listener.close();
    while (existsSync(path)) await sleep(1);
    assert.equal((await failureOf(connect({ path, ...textLines }))).code, "notFound");
  }
});

test("Connection over a Unix socket can half-close, and closes without loss", bounded, async () => {
  const [client, server] = await pair(frames, {}, { path: `${folder}/half` });
  await client.send(Uint8Array.of(1));
  await client.closeWrite();
  assert.deepEqual(await server.receive(), Uint8Array.of(1));
  assert.equal(await server.receive(), undefined);
  const reply = pattern(4 << 20);
  void server.send(reply);
  const closing = server.close();
  assert.deepEqual(await client.receive(), reply);
  assert.equal(await client.receive(), undefined);
  await closing;
  assert.deepEqual([await client.closed, await server.closed], ["local", "remote"]);
});

test("Connection.abort() over a Unix socket ends the peer's stream", bounded, async () => {
  const [client, server] = await pair(textLines, {}, { path: `${folder}/abort` });
  await client.send("one");
  assert.equal(await server.receive(), "one");
  client.abort();
  // A Unix socket has no reset: only the end can be reported.
  assert.equal(await server.receive(), undefined);
  await server.close();
  assert.equal(await client.closed, "aborted");
});

test("connect() and listen() use TLS over a Unix socket", bounded, async () => {
  const path = `${folder}/tls`;
  const [client, server] = await pair(textLines, { tls: trusting }, { path, tls: identity });
  await client.send("one");
  assert.equal(await server.receive(), "one");
  assert.equal(client.tls !== undefined, true);
  await closeAll(client, server);
});

test("connect() reaches Python's server over a Unix socket", bounded, async () => {
  const path = `${folder}/python-server`;
  const peer = await pythonProcess(`
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("${path}")
    listener.listen(1)
    print(0, flush=True)
    conn, _ = listener.accept()
    conn.settimeout(scaled(20))
    data = to_end(conn)
    conn.sendall(data + data)
    conn.close()
    done(len(data))
  `);
  const connection = await connect({ path, ...frames });
  const payload = pattern(1 << 20);
  void connection.send(payload);
  await connection.closeWrite();
  for (let count = 0; count < 2; count++) assert.deepEqual(await connection.receive(), payload);
  assert.equal(await connection.receive(), undefined);
  assert.equal(await peer.result, payload.length + 4);
});

test("listen() accepts Python's client over a Unix socket", bounded, async () => {
  const path = `${folder}/python-client`;
  const listener = await listen({ path, ...textLines });
  const peer = await pythonProcess(`
    conn = socket.socket(socket.AF_UNIX)
    conn.settimeout(scaled(20))
    conn.connect("${path}")
    print(0, flush=True)
    pieces_of = [b"o", b"ne\\ntw", b"o\\n"]
    for piece in pieces_of:
        conn.sendall(piece)
    conn.shutdown(socket.SHUT_WR)
    done(to_end(conn).decode())
  `);
  const connection = await listener.accept();
  listener.close();
  const received: string[] = [];
  for await (const line of connection!) received.push(line);
  assert.deepEqual(received, ["one", "two"]);
  await connection!.send("bye");
  await connection!.close();
  assert.equal(await peer.result, "bye\n");
});

test(
  ...needing(["socat"], "connect() and listen() communicate through socat over Unix sockets"),
  async () => {
    const [near, far] = [`${folder}/near`, `${folder}/far`];
    const server = await serve({ path: far, ...frames }, async (connection) => {
      for await (const message of connection) await connection.send(message);
    });
    const program = new Program("socat", "-d", "-d", `UNIX-LISTEN:${near},fork`, `UNIX:${far}`);
    await program.told(/listening on/);
    const connection = await connect({ path: near, ...frames });
    const sending = (async () => {
      for (let number = 0; number < 1000; number++) await connection.send(message(number));
      await connection.closeWrite();
    })();
    let count = 0;
    for await (const back of connection) assert.ok(same(back, message(count++)));
    assert.equal(count, 1000);
    await sending;
    await program.kill();
    await server.close();
  },
);

test("connect() and listen() report errors of a path by their codes", bounded, async () => {
  const codeOf = async (attempt: Promise<unknown>) => (await failureOf(attempt)).code;
  const stale = `${folder}/stale`;
  // The path is left over: no process listens there.
  const peer = await pythonProcess(`
    socket.socket(socket.AF_UNIX).bind("${stale}")
    print(0, flush=True)
    done(True)
  `);
  await peer.result;
  assert.equal(await codeOf(connect({ path: stale, ...textLines })), "refused");
  assert.equal(await codeOf(listen({ path: stale, ...textLines })), "addressInUse");
  assert.equal(await codeOf(connect({ path: `${folder}/none`, ...textLines })), "notFound");
  assert.equal(await codeOf(listen({ path: `${folder}/none/at/all`, ...textLines })), "notFound");
  const file = `${folder}/file`;
  writeFileSync(file, "precious");
  assert.equal(await codeOf(connect({ path: file, ...textLines })), "refused");
  assert.equal(await codeOf(listen({ path: file, ...textLines })), "addressInUse");
  assert.equal(readFileSync(file, "utf8"), "precious");
  const listener = await listen({ path: `${folder}/taken`, ...textLines });
  assert.equal(await codeOf(listen({ path: `${folder}/taken`, ...textLines })), "addressInUse");
  const error = await failureOf(connect({ path: `${folder}/none`, ...textLines }));
  assert.match(error.message, new RegExp(`^Cannot connect to ${folder}/none: .`));
  listener.close();
});

test("connect() and listen() reject a path that is too long for a socket", bounded, async () => {
  const path = `${folder}/${"x".repeat(120)}`;
  await assert.rejects(listen({ path, ...textLines }));
  await assert.rejects(connect({ path, ...textLines }));
  // No truncated path may exist either.
  assert.equal(existsSync(path.slice(0, 107)) || existsSync(path.slice(0, 108)), false);
});

test(
  ...unless(noIPv6, "connect() reaches listen() at ::1"),
  async () => {
    const listener = await listen({ hostname: "::1", ...textLines });
    assert.equal(listener.address.hostname, "::1");
    const client = await connect({ ...listener.address, ...textLines });
    const server = await listener.accept();
    assert.deepEqual({ ...client.remoteAddress }, { ...listener.address });
    assert.deepEqual({ ...server!.localAddress }, { ...listener.address });
    assert.deepEqual({ ...server!.remoteAddress }, { ...client.localAddress });
    assert.equal(client.localAddress?.hostname, "::1");
    await client.send("one");
    assert.equal(await server!.receive(), "one");
    await closeAll(client, server!);
    listener.close();
    const error = await failureOf(connect({ ...listener.address, ...textLines }));
    assert.match(error.message, /^Cannot connect to \[::1\]:\d+: ./);
  },
);

test(
  ...unless(noIPv6, "listen() on :: accepts both address families"),
  async () => {
    const listener = await listen({ hostname: "::", ...textLines });
    const { port } = listener.address;
    for (const hostname of ["127.0.0.1", "::1", "localhost"]) {
      const client = await connect({ hostname, port, ...textLines });
      const server = await listener.accept();
      await client.send(hostname);
      assert.equal(await server!.receive(), hostname);
      assert.ok(
        server!.remoteAddress!.hostname.endsWith(hostname === "127.0.0.1" ? hostname : "1"),
      );
      await closeAll(client, server!);
    }
    listener.close();
  },
);

test("connect() to localhost reaches a server on either address", bounded, async () => {
  for (const hostname of ["127.0.0.1", ...noIPv6 === undefined ? ["::1"] : [], "localhost"]) {
    const listener = await listen({ hostname, ...textLines });
    assert.ok(isIP(listener.address.hostname) > 0, listener.address.hostname);
    const { port } = listener.address;
    const named = await connect({ hostname: "localhost", port, ...textLines })
      .catch((error) => error);
    // Name resolution depends on the machine: localhost may have addresses of one family only.
    if (hostname === "::1" && named.code === "refused" && !hostsFileMaps("::1", "localhost")) {
      listener.close();
      continue;
    }
    const server = await listener.accept();
    await named.send("one");
    assert.equal(await server!.receive(), "one");
    await closeAll(named, server!);
    listener.close();
  }
});

test("listen() without a port gets a different one each time", bounded, async () => {
  const listeners = await Promise.all([1, 2, 3].map(() => listen({ port: 0, ...textLines })));
  const ports = new Set(listeners.map((listener) => listener.address.port));
  assert.equal(ports.size, 3);
  for (const port of ports) assert.ok(port > 0 && port < 65_536, `${port}`);
  for (const { address } of listeners) {
    const connection = await connect({ ...address, ...textLines });
    assert.equal(connection.remoteAddress?.port, address.port);
    connection.abort();
  }
  for (const listener of listeners) listener.close();
});

test("listen() uses the given port", bounded, async () => {
  const first = await listen(textLines);
  const { port } = first.address;
  first.close();
  const second = await listen({ port, ...textLines });
  assert.equal(second.address.port, port);
  second.close();
});

test(
  ...unless(unreadable, "connect() and listen() set noDelay by default"),
  async () => {
    for (const noDelay of [undefined, true, false]) {
      const options = noDelay === undefined ? {} : { noDelay };
      for (const tls of [false, true]) {
        const secure = tls ? { tls: identity } : {};
        const [client, server] = await pair(
          textLines,
          { ...options, tls: tls && trusting },
          { ...options, ...secure },
        );
        for (const { localAddress, remoteAddress } of [client, server]) {
          const facts = factsOf(localAddress!.port, remoteAddress!.port);
          assert.equal(facts.noDelay, noDelay ?? true, `noDelay: ${noDelay}, TLS: ${tls}`);
        }
        await closeAll(client, server);
      }
    }
  },
);

test(
  ...unless(unreadable, "connect() and listen() enable TCP keep-alive only if keepAlive is true"),
  async () => {
    for (const keepAlive of [undefined, false, true]) {
      const options = keepAlive === undefined ? {} : { keepAlive };
      const [client, server] = await pair(textLines, options, options);
      for (const { localAddress, remoteAddress } of [client, server]) {
        const facts = factsOf(localAddress!.port, remoteAddress!.port);
        assert.equal(facts.keepAlive, keepAlive ?? false, `keepAlive: ${keepAlive}`);
      }
      await closeAll(client, server);
    }
  },
);

test("listen() shares a port with listeners that also set reusePort", bounded, async () => {
  const options = { reusePort: true, ...textLines };
  const first = await listen(options).catch((error) => error);
  if (first instanceof Error) {
    // Node supports it as of version 22.12.
    assert.equal((await failureOf(Promise.reject(first))).code, "unsupported");
    return;
  }
  const { port } = first.address;
  const counts = [0, 0];
  const serveOn = (index: number, where: ListenOptions) =>
    serve({ ...where, ...options }, async (connection) => {
      counts[index]!++;
      for await (const line of connection) await connection.send(line);
    });
  const second = await serveOn(1, { port });
  first.close();
  const third = await serveOn(0, { port });
  assert.equal((await failureOf(listen({ port, ...textLines }))).code, "addressInUse");
  // The system chooses at random: the same one 40 times is practically impossible.
  for (let round = 0; round < 40; round++) {
    const connection = await connect({ port, ...textLines });
    await connection.send("one");
    assert.equal(await connection.receive(), "one");
    await connection.close();
  }
  assert.ok(counts[0]! > 0 && counts[1]! > 0, `${counts}`);
  assert.equal(counts[0]! + counts[1]!, 40);
  await Promise.all([second.close(), third.close()]);
});

test("listen() does not share its port by default", bounded, async () => {
  const first = await listen(textLines);
  const { port } = first.address;
  assert.equal((await failureOf(listen({ port, ...textLines }))).code, "addressInUse");
  const sharing = await failureOf(listen({ port, reusePort: true, ...textLines }));
  assert.ok(["addressInUse", "unsupported"].includes(sharing.code), sharing.stack);
  first.close();
});

test("listen() queues 300 connections before they are accepted", bounded, async () => {
  const listener = await listen(textLines);
  const clients = await Promise.all(Array.from({ length: 300 }, async (_, number) => {
    const client = await connect({ ...listener.address, ...textLines });
    await client.send(`${number}`);
    return client;
  }));
  const lines = new Set<string | undefined>();
  while (lines.size < clients.length) {
    const server = await listener.accept();
    lines.add(await server!.receive());
    server!.abort();
  }
  for (const client of clients) client.abort();
  listener.close();
});

function hostsFileMaps(address: string, name: string): boolean {
  const hosts = existsSync("/etc/hosts") ? readFileSync("/etc/hosts", "utf8") : "";
  return hosts.split("\n").some((line) => {
    const [first, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    return first === address && names.includes(name);
  });
}
