import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, type Connection, listen, serve, type TlsOptions } from "../../mod.ts";
import {
  authority,
  type Certificate,
  client,
  derOf,
  good,
  nameOnly,
  otherHost,
  untrusted,
  wildcard,
} from "../support/certificates.ts";
import { closeAll, failureOf, textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { Program } from "../support/programs.ts";
import { pythonClient, pythonProcess } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { Refusals, trusting } from "../support/tls.ts";

const sni = {
  "Other.Example": otherHost,
  "*.EXAMPLE.com": wildcard,
  "exact.example.com.": nameOnly,
  "bücher.example": client,
};
const tls = { ...good, sni } satisfies TlsOptions;

/** Names that clients request, and the certificates that they get. */
const requests: readonly (readonly [name: string | undefined, Certificate])[] = [
  ["other.example", otherHost],
  ["OTHER.example", otherHost],
  ["one.example.com", wildcard],
  ["TWO.Example.COM", wildcard],
  ["exact.example.com", nameOnly],
  ["xn--bcher-kva.example", client],
  ["example.com", good],
  ["one.two.example.com", good],
  ["wrongexample.com", good],
  ["constructor", good],
  ["localhost", good],
  [undefined, good],
];

const base64 = (certificate: Certificate) => certificate.cert.replace(/-----[^-]+-----|\s/g, "");

test(
  "listen() with sni presents the certificate of the name that Python requests",
  bounded,
  async () => {
    for (const version of ["1.2", "1.3"]) {
      const server = await serve({ ...textLines, tls }, async (connection) => {
        for await (const _ of connection);
      });
      const { port } = server.address;
      const names = JSON.stringify(requests.map(([name]) => name ?? null)).replace("null", "None");
      const peer = await pythonProcess(withTls(`
      import base64
      made = client_context(version="${version}")
      made.check_hostname = False
      made.verify_mode = ssl.CERT_NONE
      print(${port}, flush=True)
      found = []
      for name in ${names}:
          with socket.create_connection(("127.0.0.1", ${port}), scaled(20)) as conn:
              conn = made.wrap_socket(conn, server_hostname=name)
              found.append(base64.b64encode(conn.getpeercert(True)).decode())
              conn.unwrap()
      done(found)
    `));
      assert.deepEqual(await peer.result, requests.map(([, certificate]) => base64(certificate)));
      await server.close();
    }
  },
);

test(
  "listen() with sni presents the certificate of the name that openssl s_client requests",
  bounded,
  async () => {
    const server = await serve({ ...textLines, tls }, () => {});
    for (const name of ["other.example", "one.example.com"]) {
      const program = new Program(
        ..."openssl s_client -quiet -verify_return_error -servername".split(" "),
        ...[name, "-verify_hostname", name, "-CAfile", authority.certFile],
        ...["-connect", `127.0.0.1:${server.address.port}`],
      );
      assert.equal(await program.ended, 0, name);
    }
    await server.close();
  },
);

test("connect() with serverName gets the certificate of that name", bounded, async () => {
  const listener = await listen({ ...textLines, tls });
  for (const [serverName, certificate] of requests.slice(0, 4)) {
    const ends = await Promise.all([
      connect({ ...listener.address, ...textLines, tls: { ...trusting, serverName: serverName! } }),
      listener.accept() as Promise<Connection<string>>,
    ]);
    assert.deepEqual(ends[0].tls!.peerCertificate, derOf(certificate));
    await ends[0].send("hello");
    assert.equal(await ends[1].receive(), "hello");
    await closeAll(...ends);
  }
  const foreign = { ...trusting, serverName: "example.com" };
  const error = await failureOf(connect({ ...listener.address, ...textLines, tls: foreign }));
  assert.equal(error.code, "certificate");
  listener.close();
});

test(
  "Connection.startTls() with sni presents the certificate of the requested name",
  bounded,
  async () => {
    const listener = await listen(textLines);
    const ends = await Promise.all([
      connect({ ...listener.address, ...textLines }),
      listener.accept() as Promise<Connection<string>>,
    ]);
    listener.close();
    const serverName = "one.example.com";
    await Promise.all([ends[0].startTls({ ...trusting, serverName }), ends[1].startTls(tls)]);
    assert.deepEqual(ends[0].tls!.peerCertificate, derOf(wildcard));
    await closeAll(...ends);
  },
);

test("listen() with sni applies its other options to every name", bounded, async () => {
  const refusals = new Refusals();
  const strict = { ...tls, ca: authority.cert, requestCert: true, minVersion: "TLSv1.3" } as const;
  const options = { ...refusals, ...textLines, tls: { ...strict, alpn: "frame/1" } };
  const listener = await listen(options);
  const { port } = listener.address;
  for (const name of ["localhost", "one.example.com"]) {
    const body = (how: string) =>
      withTls(`
      made = client_context(${how})
      made.set_alpn_protocols(["frame/1"])
      try:
          conn = made.wrap_socket(conn, server_hostname="${name}")
          conn.recv(1)
          done(conn.selected_alpn_protocol())
      except ssl.SSLError:
          done("refused")
      except OSError:
          done("reset")
      `);
    for (const how of [`"client", version="1.2"`, `None`, `"untrusted"`]) {
      const peer = await pythonClient(port, body(how));
      const { code } = await refusals.next();
      assert.match(code, how.includes("1.2") ? /^tls$/ : /^(certificate|tls)$/, how);
      await peer.result;
    }
    const peer = await pythonClient(port, body(`"client"`));
    const connection = await listener.accept();
    assert.equal(connection!.tls!.authorized, true);
    assert.deepEqual(connection!.tls!.peerCertificate, derOf(client));
    await connection!.close();
    assert.equal(await peer.result, "frame/1");
  }
  listener.close();
});

test(
  "Listener.setCertificate() is used by new handshakes, and old connections stay",
  bounded,
  async () => {
    const listener = await listen({ ...textLines, tls: good });
    const open = async (serverName: string) => {
      const options = { ...listener.address, ...textLines };
      const ends = await Promise.all([
        connect({ ...options, tls: { ...trusting, serverName, rejectUnauthorized: false } }),
        listener.accept() as Promise<Connection<string>>,
      ]);
      return [ends, ends[0].tls!.peerCertificate] as const;
    };
    const [old, first] = await open("localhost");
    assert.deepEqual(first, derOf(good));
    const { key, cert } = nameOnly;
    listener.setCertificate({ key, cert });
    const [second, replaced] = await open("localhost");
    assert.deepEqual(replaced, derOf(nameOnly));
    listener.setCertificate({ sni: { "other.example": otherHost } });
    const [third, named] = await open("other.example");
    assert.deepEqual(named, derOf(otherHost));
    const [fourth, unnamed] = await open("localhost");
    assert.deepEqual(unnamed, derOf(nameOnly));
    // The name is renewed.
    listener.setCertificate({ sni: { "other.example": wildcard } });
    const [fifth, renewed] = await open("other.example");
    assert.deepEqual(renewed, derOf(wildcard));
    listener.setCertificate({ key: good.key, cert: good.cert, sni: {} });
    const [sixth, last] = await open("other.example");
    assert.deepEqual(last, derOf(good));
    for (const ends of [old, second, third, fourth, fifth, sixth]) {
      await ends[0].send("still open");
      assert.equal(await ends[1].receive(), "still open");
      await closeAll(...ends);
    }
    listener.close();
  },
);

test(
  "Listener.setCertificate() refuses invalid certificates, and changes nothing",
  bounded,
  async () => {
    const listener = await listen({ ...textLines, tls: good });
    const { key, cert } = untrusted;
    const plain = await listen(textLines);
    assert.throws(
      () => plain.setCertificate({ key, cert }),
      /Cannot set certificate: .*not use TLS/,
    );
    for (
      const certificate of [
        { key },
        { cert },
        { key: "key", cert },
        { sni: { "other.example": { key: good.key, cert } } },
        { key, cert, sni: { "*": otherHost } },
        { key, cert, ca: cert },
        { privateKey: key, cert },
        undefined,
      ]
    ) {
      assert.throws(() => listener.setCertificate(certificate as never), TypeError);
    }
    const client = await connect({ ...listener.address, ...textLines, tls: trusting });
    assert.deepEqual(client.tls!.peerCertificate, derOf(good));
    client.abort();
    listener.close();
    plain.close();
  },
);

test("Server.setCertificate() is used by new handshakes", bounded, async () => {
  const server = await serve({ ...textLines, tls: good }, async (connection) => {
    for await (const line of connection) await connection.send(line);
  });
  server.setCertificate({ key: wildcard.key, cert: wildcard.cert });
  const options = { ...trusting, serverName: "one.example.com" };
  const client = await connect({ ...server.address, ...textLines, tls: options });
  assert.deepEqual(client.tls!.peerCertificate, derOf(wildcard));
  await closeAll(client, server);
});

test("listen() refuses an invalid table of certificates", bounded, async () => {
  const { key } = good;
  const tables = [
    ["x", /^Invalid sni "x": expected an object$/],
    [null, /^Invalid sni/],
    [{ "*": good }, /^Invalid name in sni "\*": expected a host name/],
    [{ "a.*.example": good }, /^Invalid name in sni/],
    [{ "": good }, /^Invalid name in sni/],
    [{ "one.example": undefined }, /as one\.example: invalid TLS option key: /],
    [{ "one.example": { key } }, /as one\.example: invalid TLS option cert: /],
    [{ "one.example": { key, cert: otherHost.cert } }, /as one\.example: .* does not match/],
  ] as const;
  for (const [table, message] of tables) {
    const attempt = listen({ ...textLines, tls: { ...good, sni: table as never } });
    await assert.rejects(attempt, { name: "TypeError", message });
  }
});
