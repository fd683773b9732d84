import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, type Connection, listen, type TlsOptions } from "../../mod.ts";
import { derOf, good, nameOnly, otherHost } from "../support/certificates.ts";
import { runsOn } from "../support/child.ts";
import { failureOf, textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { pythonListener, pythonProcess } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { trusting } from "../support/tls.ts";

/** On Deno 2.9 a client resumes no session, and a server also those of an old certificate. */
const resumes = !runsOn("deno");

/** Starts a Python server of a number of connections, which reports for each whether it was resumed. */
function server(version: string, count: number, certificate = "good") {
  return pythonListener(withTls(`
    made = server_context("${certificate}", version="${version}")
    found = []
    for _ in range(${count}):
        try:
            conn = made.wrap_socket(accept(), server_side=True)
            conn.sendall(b"hello\\n")
            to_end(conn)
            found.append(conn.session_reused)
            conn.unwrap()
        except OSError:
            pass
    done(found)
  `));
}

/** Connects, waits for the greeting, which comes after the tickets, and returns the closed connection. */
async function visit(
  port: number,
  tls: TlsOptions,
  hostname = "127.0.0.1",
): Promise<Connection<string>> {
  const connection = await connect({ hostname, port, tls, ...textLines });
  assert.equal(await connection.receive(), "hello");
  await connection.close();
  return connection;
}

for (const version of ["1.2", "1.3"]) {
  test(`connect() with sessions resumes one of Python's TLS ${version}`, bounded, async () => {
    const peer = await server(version, 4);
    const tls = { ...trusting, sessions: new Map() };
    const found: boolean[] = [];
    for (let time = 0; time < 3; time++) {
      const { resumed, authorized, peerCertificate } = (await visit(peer.port, { ...tls })).tls!;
      found.push(resumed);
      assert.deepEqual([authorized, peerCertificate], [true, derOf(good)]);
    }
    assert.deepEqual(found, [false, resumes, resumes]);
    assert.equal((await visit(peer.port, trusting)).tls!.resumed, false);
    assert.deepEqual(await peer.result, [false, resumes, resumes, false]);
  });
}

test("connect() with sessions never resumes with other options", bounded, async () => {
  const peer = await server("1.3", 6);
  const sessions = new Map();
  const { port } = peer;
  for (
    const options of [
      trusting,
      { ...trusting, serverName: "localhost" },
      { ...trusting, rejectUnauthorized: false },
      { rejectUnauthorized: false },
      { ...trusting, alpn: "frame/1" },
    ]
  ) {
    assert.equal((await visit(port, { ...options, sessions })).tls!.resumed, false);
  }
  assert.equal((await visit(port, { ...trusting, sessions })).tls!.resumed, resumes);
  assert.deepEqual(await peer.result, [false, false, false, false, false, resumes]);
});

test(
  "connect() with sessions never takes an unverified session for a verified one",
  bounded,
  async () => {
    const peer = await server("1.3", 4, "otherHost");
    const sessions = new Map();
    const { port } = peer;
    const lax = { ...trusting, rejectUnauthorized: false, sessions };
    for (const resumed of [false, resumes]) {
      const { tls } = await visit(port, lax);
      assert.deepEqual([tls!.resumed, tls!.authorized], [resumed, false]);
      assert.deepEqual(tls!.peerCertificate, derOf(otherHost));
    }
    const error = await failureOf(connect({ port, tls: { ...trusting, sessions }, ...textLines }));
    assert.equal(error.code, "certificate");
    await visit(port, lax);
    await peer.result.catch(() => {});
  },
);

test(
  "connect() with sessions falls back to a whole handshake with another server",
  bounded,
  async () => {
    const sessions = new Map();
    const listener = await listen({ ...textLines, tls: good });
    const { port } = listener.address;
    const greet = async () => {
      const connection = await listener.accept();
      await connection!.send("hello");
      await connection!.close();
      return connection!.tls!.resumed;
    };
    const tls = { ...trusting, sessions };
    const first = await Promise.all([visit(port, tls), greet()]);
    const second = await Promise.all([visit(port, tls), greet()]);
    assert.equal(first[1], false);
    assert.equal(second[1], resumes);
    listener.setCertificate({ key: good.key, cert: good.cert + otherHost.cert });
    const [third] = await Promise.all([visit(port, tls), greet()]);
    assert.equal(third.tls!.resumed, false);
    listener.close();
  },
);

for (const version of ["1.2", "1.3"]) {
  test(`listen() resumes a session of Python's TLS ${version}`, bounded, async () => {
    const listener = await listen({ ...textLines, tls: good });
    const { port } = listener.address;
    const peer = await pythonProcess(withTls(`
      made = client_context(version="${version}")
      print(${port}, flush=True)
      session, found = None, []
      for _ in range(3):
          with socket.create_connection(("127.0.0.1", ${port}), scaled(20)) as conn:
              conn = made.wrap_socket(conn, server_hostname="localhost", session=session)
              exactly(conn, 6)
              session = conn.session
              found.append(conn.session_reused)
              conn.unwrap()
      done(found)
    `));
    const found: boolean[] = [];
    for (let time = 0; time < 3; time++) {
      const connection = await listener.accept();
      found.push(connection!.tls!.resumed);
      if (time === 1) listener.setCertificate({ key: nameOnly.key, cert: nameOnly.cert });
      await connection!.send("hello");
      assert.equal(await connection!.receive(), undefined);
      await connection!.close();
    }
    listener.close();
    assert.deepEqual(await peer.result, [false, true, !resumes]);
    assert.deepEqual(found, [false, true, !resumes]);
  });
}
