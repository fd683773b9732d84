import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, listen } from "../../mod.ts";
import { otherHost, selfSigned } from "../support/certificates.ts";
import { closeAll, failureOf, pair, textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { proxy } from "../support/proxy.ts";
import { pythonClient, pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { identity, Refusals, trusting } from "../support/tls.ts";

/** Ciphers of each version, by OpenSSL's name and by the standard one. */
const ciphers = [
  ["1.2", "ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
  ["1.2", "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
  [
    "1.2",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  ],
] as const;

/** Python code that completes a handshake, and reports its version and cipher at the end of the stream. */
const body = (role: "server" | "client", version: string, cipher?: string) =>
  withTls(`
    made = ${role}_context(version="${version}")
    ${cipher === undefined ? "" : `made.set_ciphers("${cipher}")`}
    try:
        ${
    role === "server"
      ? "conn = made.wrap_socket(conn, server_side=True)"
      : 'conn = made.wrap_socket(conn, server_hostname="localhost")'
  }
        conn.recv(1)
        done([conn.version(), conn.cipher()[0]])
    except ssl.SSLError as error:
        done(error.reason)
`);

for (const [version, openssl, cipher] of ciphers) {
  test(`TlsSession of a client reports ${cipher}`, bounded, async () => {
    const peer = await pythonServer(body("server", version, openssl));
    const client = await connect({ port: peer.port, tls: trusting, ...textLines });
    assert.deepEqual([client.tls!.version, client.tls!.cipher], ["TLSv1.2", cipher]);
    client.abort();
    await peer.result.catch(() => {});
  });

  test(`TlsSession of a server reports ${cipher}`, bounded, async () => {
    const listener = await listen({ tls: identity, ...textLines });
    const peer = await pythonClient(listener.address.port, body("client", version, openssl));
    const server = await listener.accept();
    listener.close();
    assert.deepEqual([server!.tls!.version, server!.tls!.cipher], ["TLSv1.2", cipher]);
    await server!.close();
    assert.deepEqual(await peer.result, ["TLSv1.2", openssl]);
  });
}

test("TlsSession reports the version and the cipher of TLS 1.3", bounded, async () => {
  const [client, server] = await pair(textLines, { tls: trusting }, { tls: identity });
  for (const { tls } of [client, server]) {
    assert.equal(tls!.version, "TLSv1.3");
    assert.match(tls!.cipher!, /^TLS_(AES_\d+_GCM|CHACHA20_POLY1305)_SHA\d+$/);
  }
  await closeAll(client, server);
});

test("connect() with minVersion refuses a server of TLS 1.2", bounded, async () => {
  const tls = { ...trusting, minVersion: "TLSv1.3" } as const;
  for (const habit of [undefined, "drip"] as const) {
    const peer = await pythonServer(body("server", "1.2"));
    const relay = habit && await proxy(peer.port, habit);
    const { port } = relay ?? peer;
    const error = await failureOf(connect({ port, tls, ...textLines }));
    assert.equal(error.code, "tls", error.stack);
    assert.equal(await peer.result, "UNSUPPORTED_PROTOCOL");
    relay?.kill();
  }
  const peer = await pythonServer(body("server", "1.3"));
  const client = await connect({ port: peer.port, tls, ...textLines });
  assert.equal(client.tls!.version, "TLSv1.3");
  await client.close();
  assert.equal((await peer.result as string[])[0], "TLSv1.3");
});

test("listen() with minVersion refuses a client of TLS 1.2", bounded, async () => {
  const refusals = new Refusals();
  const tls = { ...identity, minVersion: "TLSv1.3" } as const;
  const listener = await listen({ ...refusals, tls, ...textLines });
  const { port } = listener.address;
  const relay = await proxy(port, "drip");
  for (const at of [port, relay.port]) {
    const old = await pythonClient(at, body("client", "1.2"));
    const error = await refusals.next();
    assert.equal(error.code, "tls", error.stack);
    assert.match(await old.result as string, /ALERT/);
  }
  const peer = await pythonClient(port, body("client", "1.3"));
  const server = await listener.accept();
  await server!.close();
  assert.equal((await peer.result as string[])[0], "TLSv1.3");
  listener.close();
  relay.kill();
});

test("startTls() with minVersion refuses a peer of TLS 1.2", bounded, async () => {
  const listener = await listen(textLines);
  const old = await pythonClient(listener.address.port, body("client", "1.2"));
  const server = await listener.accept();
  listener.close();
  const error = await failureOf(server!.startTls({ ...identity, minVersion: "TLSv1.3" }));
  assert.equal(error.code, "tls", error.stack);
  assert.match(await old.result as string, /ALERT/);
});

test("minVersion of another kind is refused before anything is sent", bounded, async () => {
  for (const minVersion of ["TLSv1.1", "1.3", 3, null]) {
    const message = /^Invalid minVersion .*: expected "TLSv1.2" or "TLSv1.3"$/;
    const invalid = { name: "TypeError", message };
    const tls = { ...identity, minVersion } as never;
    await assert.rejects(listen({ tls, ...textLines }), invalid);
    await assert.rejects(connect({ port: 1, tls, ...textLines }), invalid);
    const [client, server] = await pair(textLines);
    await assert.rejects(client.startTls(tls), invalid);
    await closeAll(client, server);
  }
});

test("rejectUnauthorized: false accepts a bad certificate of another host", bounded, async () => {
  for (const { key, cert } of [otherHost, selfSigned]) {
    const [client, server] = await pair(
      textLines,
      { tls: { serverName: "third.example", rejectUnauthorized: false } },
      { tls: { key, cert } },
    );
    assert.equal(client.tls!.authorized, false);
    await closeAll(client, server);
  }
});
