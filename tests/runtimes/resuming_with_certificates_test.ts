import assert from "node:assert/strict";
import { test } from "node:test";
import { listen, type TlsOptions } from "../../mod.ts";
import { authority, client, derOf, good, selfSigned } from "../support/certificates.ts";
import { textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { pythonProcess } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";

const requiring = { ...good, ca: authority.cert, requestCert: true };

/**
 * Connects from Python to listeners in turn, each time with the session of the time before. Returns what the
 * listeners and the client have seen of the last time.
 */
async function visitAll(
  version: string,
  certificate: string | undefined,
  ...servers: readonly TlsOptions[]
): Promise<[server: unknown, client: unknown]> {
  const seen = servers.map(() => Promise.withResolvers<unknown>());
  const listeners = await Promise.all(servers.map((tls, index) =>
    listen({
      ...textLines,
      tls,
      onHandshakeError: (error) => seen[index]!.resolve((error as { code?: string }).code),
    })
  ));
  const peer = await pythonProcess(withTls(`
    made = client_context(${certificate ? `"${certificate}"` : "None"}, version="${version}")
    print(1, flush=True)
    session, found = None, None
    for port in ${JSON.stringify(listeners.map(({ address }) => address.port))}:
        with socket.create_connection(("127.0.0.1", port), scaled(20)) as conn:
            try:
                conn = made.wrap_socket(conn, server_hostname="localhost", session=session)
                found = conn.recv(6).decode()
                session = conn.session
                conn.unwrap()
            except OSError as error:
                found = "refused"
    done(found)
  `));
  const accepting = listeners.map(async (listener, index) => {
    const connection = await listener.accept();
    if (connection === undefined) return;
    const { authorized, peerCertificate } = connection.tls!;
    seen[index]!.resolve([authorized, peerCertificate]);
    await connection.send("hello").catch(() => {});
    await connection.close().catch(() => {});
  });
  const result = await peer.result;
  const last = await seen.at(-1)!.promise;
  for (const listener of listeners) listener.close();
  await Promise.all(accepting);
  return [last, result];
}

for (const version of ["1.2", "1.3"]) {
  test(
    `listen() with requestCert refuses a session without a certificate of TLS ${version}`,
    bounded,
    async () => {
      const [seen, result] = await visitAll(version, undefined, good, requiring);
      assert.ok(seen === "certificate" || seen === "tls", `${seen}`);
      assert.notEqual(result, "hello\n");
    },
  );

  test(
    `listen() with requestCert refuses a session of another authority with TLS ${version}`,
    bounded,
    async () => {
      const other = { ...requiring, ca: selfSigned.cert };
      const [seen, result] = await visitAll(version, "client", requiring, other);
      assert.ok(seen === "certificate" || seen === "tls", `${seen}`);
      assert.notEqual(result, "hello\n");
    },
  );

  test(
    `listen() with requestCert accepts a session of its own with TLS ${version}`,
    bounded,
    async () => {
      const [seen, result] = await visitAll(version, "client", requiring, requiring);
      assert.deepEqual(seen, [true, derOf(client)]);
      assert.equal(result, "hello\n");
    },
  );
}
