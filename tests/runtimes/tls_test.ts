import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { connect, type Connection, fixed, lengthPrefixed, listen, uint32 } from "../../mod.ts";
import {
  authority,
  client,
  derOf,
  expired,
  good,
  otherHost,
  selfSigned,
  untrusted,
} from "../support/certificates.ts";
import { closeAll, failureOf, textLines } from "../support/connections.ts";
import { noIPv6 } from "../support/ipv6.ts";
import { bounded, scaled, sleep } from "../support/limits.ts";
import { message, same } from "../support/messages.ts";
import { needing, Program } from "../support/programs.ts";
import { proxy } from "../support/proxy.ts";
import { pattern, pythonClient, pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { identity, pair, Refusals, trusting } from "../support/tls.ts";
import { unless } from "../support/unless.ts";

const blocks = { framer: fixed(65_536) };
const payload = pattern(8 << 20);
const checksum = createHash("sha1").update(payload).digest("hex");

/** Python code that receives until the connection ends in any way, and reports the number of bytes. */
const UNTIL_GONE = "done(until_gone(conn))";

/** Sends the payload and receives the same bytes from the peer, concurrently. */
async function exchange(connection: Connection): Promise<void> {
  const sending = (async () => {
    for (let at = 0; at < payload.length; at += 65_536) {
      await connection.send(payload.subarray(at, at + 65_536));
    }
  })();
  const hash = createHash("sha1");
  for (let at = 0; at < payload.length; at += 65_536) hash.update((await connection.receive())!);
  await sending;
  assert.equal(hash.digest("hex"), checksum);
}

test(
  "connect() and listen() over TLS exchange 8 MiB in both directions at once",
  bounded,
  async () => {
    const messages = Array.from({ length: 256 }, (_, number) => message(number, 65_536));
    const send = async (connection: Connection) => {
      for (const message of messages) await connection.send(message);
    };
    const receive = async (connection: Connection) => {
      for (const message of messages) assert.ok(same(await connection.receive(), message));
    };
    const [client, server] = await pair({ framer: lengthPrefixed(uint32) });
    assert.deepEqual([client.tls !== undefined, server.tls !== undefined], [true, true]);
    await Promise.all([send(client), receive(client), send(server), receive(server)]);
    await closeAll(client, server);
  },
);

test("Connection.tls is undefined without TLS", bounded, async () => {
  const listener = await listen(textLines);
  const client = await connect({ ...listener.address, ...textLines });
  assert.equal(client.tls, undefined);
  listener.close();
  client.abort();
});

for (const version of ["1.2", "1.3"]) {
  const exchanges = (role: "server" | "client") =>
    withTls(`
      conn = tls_${role}(conn, version="${version}")
      data = pattern(8 << 20)[:8 << 20]
      received = exchange(conn, data, len(data))
      ended = conn.recv(1) == b""
      version = conn.version()
      conn.unwrap()
      done([version, hashlib.sha1(received).hexdigest(), ended])
    `);

  test(`connect() exchanges 8 MiB with Python's TLS ${version}`, bounded, async () => {
    const peer = await pythonServer(exchanges("server"));
    const connection = await connect({ port: peer.port, tls: trusting, ...blocks });
    await exchange(connection);
    await connection.close();
    assert.deepEqual(await peer.result, [`TLSv${version}`, checksum, true]);
    assert.equal(await connection.closed, "local");
  });

  test(`listen() exchanges 8 MiB with Python's TLS ${version}`, bounded, async () => {
    const listener = await listen({ tls: identity, ...blocks });
    const peer = await pythonClient(listener.address.port, exchanges("client"));
    const connection = await listener.accept();
    listener.close();
    await exchange(connection!);
    await connection!.close();
    assert.deepEqual(await peer.result, [`TLSv${version}`, checksum, true]);
  });
}

test("connect() exchanges 8 MiB with openssl s_server", bounded, async () => {
  // With -quiet it does not print its port, so the port is chosen here.
  const listener = await listen(textLines);
  const { port } = listener.address;
  listener.close();
  const program = new Program(
    ..."openssl s_server -quiet -naccept 1 -accept".split(" "),
    ...[`127.0.0.1:${port}`, "-cert", good.certFile, "-key", good.keyFile],
  );
  const options = { port, tls: trusting, ...blocks };
  const open = (): Promise<Connection> =>
    connect(options).catch((error) => {
      if (error.code !== "refused") throw error;
      return sleep(5).then(open);
    });
  const connection = await open();
  program.write(payload);
  const [received] = await Promise.all([program.read(payload.length), exchange(connection)]);
  assert.equal(createHash("sha1").update(received).digest("hex"), checksum);
  connection.abort();
  await program.kill();
});

test("listen() exchanges 8 MiB with openssl s_client", bounded, async () => {
  const listener = await listen({ tls: identity, ...blocks });
  const program = new Program(
    ..."openssl s_client -quiet -verify_return_error -verify_hostname localhost".split(" "),
    ...["-CAfile", authority.certFile, "-connect", `127.0.0.1:${listener.address.port}`],
  );
  program.write(payload);
  const connection = await listener.accept();
  listener.close();
  const [received] = await Promise.all([program.read(payload.length), exchange(connection!)]);
  assert.equal(createHash("sha1").update(received).digest("hex"), checksum);
  await connection!.close();
  assert.equal(await program.ended, 0);
});

test("listen() accepts key updates of TLS 1.3", bounded, async () => {
  const listener = await listen({ tls: identity, ...textLines });
  const { port } = listener.address;
  const program = new Program(
    ..."openssl s_client -tls1_3 -connect".split(" "),
    `127.0.0.1:${port}`,
  );
  const connection = await listener.accept();
  listener.close();
  for (const word of ["one", "two"]) {
    program.write(`${word}\n`);
    assert.equal(await connection!.receive(), word);
    // The client updates its keys, and requests the same of the server.
    program.write("K\n");
    await program.told(word === "one" ? /KEYUPDATE/ : /KEYUPDATE[^]*KEYUPDATE/);
    await connection!.send(`${word} again`);
    while (await program.line() !== `${word} again`);
  }
  program.write("Q\n");
  assert.equal(await connection!.receive(), undefined);
  await connection!.close();
  assert.equal(await program.ended, 0);
});

test(
  ...needing(["socat"], "listen() serves socat over TLS, including its half-close"),
  async () => {
    const listener = await listen({ tls: identity, ...textLines });
    const { port } = listener.address;
    const at = `OPENSSL:localhost:${port},cafile=${authority.certFile},pf=ip4`;
    const program = new Program("socat", "-t20", "-", at);
    program.write("one\ntwo\n");
    program.end();
    const connection = await listener.accept();
    listener.close();
    const received: string[] = [];
    for await (const line of connection!) received.push(line);
    await connection!.send(received.join(" and "));
    await connection!.close();
    assert.equal(new TextDecoder().decode(await program.rest()), "one and two\n");
    assert.equal(await program.ended, 0);
  },
);

test("connect() over TLS completes a handshake that arrives byte by byte", bounded, async () => {
  const listener = await listen({ tls: identity, ...textLines });
  const relay = await proxy(listener.address.port, "drip");
  const connecting = connect({ port: relay.port, tls: trusting, ...textLines });
  const [client, server] = await Promise.all([connecting, listener.accept()]);
  await client.send("one");
  assert.equal(await server!.receive(), "one");
  await server!.send("two");
  assert.equal(await client.receive(), "two");
  await closeAll(client, server!);
  listener.close();
  relay.kill();
});

const bad = {
  "that has expired": expired,
  "of another host": otherHost,
  "of an unknown authority": untrusted,
  "that is self-signed": selfSigned,
};

for (const [what, { key, cert }] of Object.entries(bad)) {
  test(`connect() rejects a certificate ${what}`, bounded, async () => {
    const refusals = new Refusals();
    const listener = await listen({ ...refusals, tls: { key, cert }, ...textLines });
    const options = { ...listener.address, hostname: "localhost", ...textLines };
    const accepting = listener.accept();
    const error = await failureOf(connect({ ...options, tls: trusting }));
    assert.equal(error.code, "certificate", error.stack);
    assert.match(error.message, /^Cannot connect to localhost:\d+: ./);
    assert.ok(error.cause instanceof Error);
    // With TLS 1.3 the server may have finished the handshake already: then it must not report a clean end.
    const accepted = accepting.then((server) => server && failureOf(server.receive()));
    await Promise.race([refusals.next(), accepted]);
    listener.close();
    await accepted;
  });

  test(
    `connect() accepts a certificate ${what} with rejectUnauthorized: false`,
    bounded,
    async () => {
      const [client, server] = await pair(
        textLines,
        { ...trusting, rejectUnauthorized: false },
        { key, cert },
      );
      await client.send("one");
      assert.equal(await server.receive(), "one");
      assert.equal(client.tls !== undefined, true);
      assert.deepEqual(client.tls?.peerCertificate, derOf({ ...good, cert }));
      await closeAll(client, server);
    },
  );
}

test("connect() over TLS trusts only configured authorities", bounded, async () => {
  const listener = await listen({ tls: identity, ...textLines });
  void listener.accept();
  const error = await failureOf(connect({ ...listener.address, tls: true, ...textLines }));
  assert.equal(error.code, "certificate", error.stack);
  listener.close();
});

const serverNames = [
  ["verifies serverName, and sends it to the server", "other.example", "otherHost"],
  ["sends no server name when it connects to an address", undefined, "good"],
] as const;
for (const [does, serverName, certificate] of serverNames) {
  test(`connect() over TLS ${does}`, bounded, async () => {
    const peer = await pythonServer(withTls(`
      names = []
      secured = server_context(certificate="${certificate}")
      secured.sni_callback = lambda conn, name, context: names.append(name)
      conn = secured.wrap_socket(conn, server_side=True)
      to_end(conn)
      conn.unwrap()
      done(names)
    `));
    const tls = serverName === undefined ? trusting : { ...trusting, serverName };
    const connection = await connect({ port: peer.port, tls, ...textLines });
    await connection.close();
    assert.deepEqual(await peer.result, [serverName ?? null]);
  });
}

test("connect() over TLS verifies the hostname by default", bounded, async () => {
  const listener = await listen({ tls: { ...identity, ...otherHost }, ...textLines });
  const { port } = listener.address;
  void listener.accept();
  for (const serverName of ["localhost", "127.0.0.1", "example", "sub.other.example"]) {
    const attempt = connect({ port, tls: { ...trusting, serverName }, ...textLines });
    assert.equal((await failureOf(attempt)).code, "certificate", serverName);
  }
  const attempt = connect({ hostname: "localhost", port, tls: trusting, ...textLines });
  assert.equal((await failureOf(attempt)).code, "certificate");
  listener.close();
});

for (const hostname of ["127.0.0.1", "::1"]) {
  test(
    ...unless(
      hostname === "::1" ? noIPv6 : undefined,
      `connect() over TLS verifies the address ${hostname}`,
    ),
    async () => {
      const listener = await listen({ hostname, tls: identity, ...textLines });
      const connecting = connect({ ...listener.address, tls: trusting, ...textLines });
      const [client, server] = await Promise.all([connecting, listener.accept()]);
      await server!.send("hello");
      assert.equal(await client.receive(), "hello");
      await closeAll(client, server!);
      listener.close();
    },
  );
}

test("connect() over TLS accepts PEM as bytes, and several authorities", bounded, async () => {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const [client, server] = await pair(
    textLines,
    { ca: [untrusted.cert, utf8(authority.cert)] },
    { key: utf8(good.key), cert: utf8(good.cert) },
  );
  await server.send("hello");
  assert.equal(await client.receive(), "hello");
  await closeAll(client, server);
});

const requiringCert = { ...identity, ca: authority.cert, requestCert: true };

test("TlsSession.peerCertificate is the peer's certificate as DER", bounded, async () => {
  const { key, cert } = client;
  const [one, other] = await pair(textLines, { ...trusting, key, cert }, requiringCert);
  assert.deepEqual(one.tls?.peerCertificate, derOf(good));
  assert.deepEqual(other.tls?.peerCertificate, derOf(client));
  assert.equal(Object.getPrototypeOf(other.tls?.peerCertificate), Uint8Array.prototype);
  await closeAll(one, other);
});

test(
  "listen() with requestCert rejects a client without a certificate, and continues",
  bounded,
  async () => {
    const refusals = new Refusals();
    const listener = await listen({ ...refusals, tls: requiringCert, ...textLines });
    const accepting = listener.accept();
    const attempt = connect({ ...listener.address, tls: trusting, ...textLines });
    // With TLS 1.3 the client finishes before the server has verified its certificate.
    const error = await failureOf(attempt.then((connection) => connection.receive()));
    assert.ok(["certificate", "tls", "reset", "truncated"].includes(error.code), error.stack);
    assert.equal((await refusals.next()).code, "certificate");
    const { key, cert } = client;
    const better = connect({ ...listener.address, tls: { ...trusting, key, cert }, ...textLines });
    const [one, other] = await Promise.all([better, accepting]);
    await one.send("hello");
    assert.equal(await other!.receive(), "hello");
    await closeAll(one, other!);
    listener.close();
  },
);

for (const [what, { key, cert }] of Object.entries(bad)) {
  if (cert === otherHost.cert) continue;
  test(`listen() with requestCert rejects a certificate ${what}`, bounded, async () => {
    const refusals = new Refusals();
    const listener = await listen({ ...refusals, tls: requiringCert, ...textLines });
    const tls = { ...trusting, key, cert };
    void listener.accept();
    const attempt = connect({ ...listener.address, tls, ...textLines });
    await failureOf(attempt.then((connection) => connection.receive()));
    const error = await refusals.next();
    assert.equal(error.code, "certificate", error.stack);
    listener.close();
  });
}

test(
  "listen() with rejectUnauthorized: false accepts an invalid certificate",
  bounded,
  async () => {
    const { key, cert } = selfSigned;
    const requestingCert = { ...requiringCert, rejectUnauthorized: false };
    const [one, other] = await pair(textLines, { ...trusting, key, cert }, requestingCert);
    assert.deepEqual(other.tls?.peerCertificate, derOf(selfSigned));
    const [anonymous, itsServer] = await pair(textLines, trusting, requestingCert);
    await anonymous.send("hello");
    assert.equal(await itsServer.receive(), "hello");
    assert.equal(itsServer.tls?.peerCertificate, undefined);
    await closeAll(one, other, anonymous, itsServer);
  },
);

test("connect() presents its certificate to Python's server", bounded, async () => {
  const peer = await pythonServer(withTls(`
    conn = tls_server(conn, demand=True)
    shown = hashlib.sha1(conn.getpeercert(True)).hexdigest()
    to_end(conn)
    conn.unwrap()
    done(shown)
  `));
  const { key, cert } = client;
  const tls = { ...trusting, key, cert };
  const connection = await connect({ port: peer.port, tls, ...textLines });
  await connection.close();
  assert.equal(await peer.result, createHash("sha1").update(derOf(client)).digest("hex"));
});

test("connect() reports that the server requires a certificate", bounded, async () => {
  for (const version of ["1.2", "1.3"]) {
    const peer = await pythonServer(withTls(`
      secured = server_context(demand=True, version="${version}")
      conn = secured.wrap_socket(conn, server_side=True, do_handshake_on_connect=False)
      try:
          conn.do_handshake()
          done(None)
      except ssl.SSLError as error:
          # The alert must not be lost in a reset.
          raw = socket.socket(fileno=conn.detach())
          raw.settimeout(scaled(20))
          until_gone(raw)
          done(error.reason)
    `));
    const attempt = connect({ port: peer.port, tls: trusting, ...textLines });
    const error = await failureOf(attempt.then((connection) => connection.receive()));
    assert.ok(["certificate", "tls"].includes(error.code), `${version} ${error.stack}`);
    assert.equal(await peer.result, "PEER_DID_NOT_RETURN_A_CERTIFICATE");
  }
});

test("TlsSession.alpn is the server's first choice of the common protocols", bounded, async () => {
  const [client, server] = await pair(
    textLines,
    { ...trusting, alpn: ["frame/1", "frame/2"] },
    { ...identity, alpn: ["frame/3", "frame/2", "frame/1"] },
  );
  assert.deepEqual([client.tls?.alpn, server.tls?.alpn], ["frame/2", "frame/2"]);
  const [one, other] = await pair(
    textLines,
    { ...trusting, alpn: "frame/1" },
    { ...identity, alpn: "frame/1" },
  );
  assert.deepEqual([one.tls?.alpn, other.tls?.alpn], ["frame/1", "frame/1"]);
  await closeAll(client, server, one, other);
});

test("TlsSession.alpn is undefined if only one end offers protocols", bounded, async () => {
  const [client, server] = await pair(textLines, { ...trusting, alpn: "frame/1" });
  const [one, other] = await pair(textLines, trusting, { ...identity, alpn: "frame/1" });
  for (const end of [client, server, one, other]) assert.equal(end.tls?.alpn, undefined);
  await closeAll(client, server, one, other);
});

test("connect() and listen() fail without a common protocol", bounded, async () => {
  const refusals = new Refusals();
  const tls = { ...identity, alpn: "frame/1" };
  const listener = await listen({ ...refusals, tls, ...textLines });
  void listener.accept();
  const attempt = connect({
    ...listener.address,
    tls: { ...trusting, alpn: ["frame/2", "frame/3"] },
    ...textLines,
  });
  const error = await failureOf(attempt.then((connection) => connection.receive()));
  assert.equal(error.code, "tls", error.stack);
  assert.equal((await refusals.next()).code, "tls");
  listener.close();
});

test("connect() agrees on a protocol with Python's server", bounded, async () => {
  const peer = await pythonServer(withTls(`
    conn = tls_server(conn, alpn=["frame/2", "frame/1"])
    to_end(conn)
    chosen = conn.selected_alpn_protocol()
    conn.unwrap()
    done(chosen)
  `));
  const tls = { ...trusting, alpn: ["frame/1", "frame/2"] };
  const connection = await connect({ port: peer.port, tls, ...textLines });
  assert.equal(connection.tls?.alpn, "frame/2");
  await connection.close();
  assert.equal(await peer.result, "frame/2");
});

test('connect() over TLS rejects with "tls" if the server sends plain text', bounded, async () => {
  for (
    const banner of ["220 mail.example ESMTP\\r\\n", "\\x00\\x00\\x00\\x05hello", "HTTP/1.1 4"]
  ) {
    const peer = await pythonServer(`
      conn.sendall(b"${banner}")
      ${UNTIL_GONE}
    `);
    const error = await failureOf(connect({ port: peer.port, tls: trusting, ...textLines }));
    assert.equal(error.code, "tls", `${banner}: ${error.stack}`);
    await peer.result;
  }
});

test('listen() over TLS rejects plain text with "tls", and continues', bounded, async () => {
  const refusals = new Refusals();
  const listener = await listen({ ...refusals, tls: identity, ...textLines });
  const accepting = listener.accept();
  for (const words of ["GET / HTTP/1.1\\r\\n\\r\\n", "\\x00\\x00\\x00\\x05hello", "hello\\n"]) {
    const peer = await pythonClient(
      listener.address.port,
      `
      conn.sendall(b"${words}")
      ${UNTIL_GONE}
    `,
    );
    const error = await refusals.next();
    assert.equal(error.code, "tls", `${words}: ${error.stack}`);
    await peer.result;
  }
  const connecting = connect({ ...listener.address, tls: trusting, ...textLines });
  const [client, server] = await Promise.all([connecting, accepting]);
  await client.send("hello");
  assert.equal(await server!.receive(), "hello");
  await closeAll(client, server!);
  listener.close();
});

test("listen() over TLS completes handshakes before accept() is called", bounded, async () => {
  const listener = await listen({ tls: identity, ...textLines });
  const options = {
    ...listener.address,
    tls: trusting,
    connectTimeout: scaled(10_000),
    ...textLines,
  };
  const client = await connect(options);
  await client.send("hello");
  const server = await listener.accept();
  assert.equal(await server!.receive(), "hello");
  await closeAll(client, server!);
  listener.close();
});

test(
  "listen() over TLS serves clients while another one is silent, which times out",
  bounded,
  async () => {
    const refusals = new Refusals();
    const options = { ...refusals, tls: identity, handshakeTimeout: scaled(300) };
    const listener = await listen({ ...options, ...textLines });
    const silent = await pythonClient(listener.address.port, UNTIL_GONE);
    const connecting = connect({ ...listener.address, tls: trusting, ...textLines });
    const [client, server] = await Promise.all([connecting, listener.accept()]);
    await client.send("hello");
    assert.equal(await server!.receive(), "hello");
    const error = await refusals.next();
    assert.deepEqual([error.code, error.timeout], ["timedOut", "handshakeTimeout"]);
    assert.equal(await silent.result, 0);
    await closeAll(client, server!);
    listener.close();
  },
);

test("Listener.close() over TLS ends handshakes in progress", bounded, async () => {
  const listener = await listen({ tls: identity, ...textLines });
  const accepting = listener.accept();
  const silent = await pythonClient(listener.address.port, UNTIL_GONE);
  // Connections are accepted in order: once this one is, so is the silent one.
  const client = await connect({ ...listener.address, tls: trusting, ...textLines });
  const server = await accepting;
  const waiting = listener.accept();
  listener.close();
  assert.equal(await waiting, undefined);
  assert.equal(await silent.result, 0);
  await closeAll(client, server!);
});

test("connect() over TLS abandons a handshake that is never answered", bounded, async () => {
  const body = `
    first = conn.recv(1)
    say(first[0])
    ${UNTIL_GONE}
  `;
  const late = await pythonServer(body);
  const options = { port: late.port, tls: trusting, ...textLines };
  const error = await failureOf(connect({ ...options, connectTimeout: scaled(300) }));
  assert.deepEqual([error.code, error.timeout], ["timedOut", "connectTimeout"]);
  assert.ok(error.message.includes(`connectTimeout of ${scaled(300)} ms`), error.message);
  assert.ok(await late.result as number > 0);

  const peer = await pythonServer(body);
  const controller = new AbortController();
  const { signal } = controller;
  const attempt = failureOf(connect({ ...options, port: peer.port, signal }));
  // A handshake record has arrived: TLS has begun.
  assert.equal(await peer.said(), 22);
  const reason = new Error("enough");
  controller.abort(reason);
  const aborted = await attempt;
  assert.deepEqual([aborted.code, aborted.cause], ["aborted", reason]);
  assert.ok(await peer.result as number > 0);
});

test("connect() over TLS reports a peer that closes during the handshake", bounded, async () => {
  for (const way of ["conn.close()", "reset(conn)"]) {
    const peer = await pythonServer(`
      conn.recv(65536)
      ${way}
      done(True)
    `);
    const error = await failureOf(connect({ port: peer.port, tls: trusting, ...textLines }));
    assert.ok(["reset", "tls", "truncated"].includes(error.code), `${way} ${error.stack}`);
  }
});

test("listen() over TLS requires a key and a certificate", bounded, async () => {
  await assert.rejects(listen({ tls: {}, ...textLines }), TypeError);
  await assert.rejects(listen({ tls: { key: good.key }, ...textLines }), TypeError);
});

test(
  "connect() and listen() over TLS reject invalid PEM and invalid protocol names",
  bounded,
  async () => {
    const { key, cert } = good;
    const listener = await listen({ tls: identity, ...textLines });
    for (const tls of [{ key: "key", cert }, { key, cert: "cert" }, { key, cert, ca: "ca" }]) {
      await assert.rejects(listen({ tls, ...textLines }), TypeError);
      await assert.rejects(connect({ ...listener.address, tls, ...textLines }), TypeError);
    }
    for (const alpn of ["", "x".repeat(256), ["frame/1", ""]]) {
      const invalid = (error: unknown) => error instanceof TypeError || error instanceof RangeError;
      await assert.rejects(listen({ tls: { key, cert, alpn }, ...textLines }), invalid);
      await assert.rejects(connect({ ...listener.address, tls: { alpn }, ...textLines }), invalid);
    }
    listener.close();
  },
);

test("listen() over TLS accepts many clients concurrently", bounded, async () => {
  const listener = await listen({ tls: identity, ...textLines });
  const serving = (async () => {
    for await (const connection of listener) {
      const line = await connection.receive();
      void connection.send(`hello ${line}`);
      void connection.close();
    }
  })();
  await Promise.all(Array.from({ length: 30 }, async (_, number) => {
    const client = await connect({ ...listener.address, tls: trusting, ...textLines });
    await client.send(`${number}`);
    assert.equal(await client.receive(), `hello ${number}`);
    assert.equal(await client.receive(), undefined);
    await client.close();
  }));
  listener.close();
  await serving;
});
