import assert from "node:assert/strict";
import { test } from "node:test";
import { Connection, lines, listen, text } from "../../mod.ts";
import { closeAll, failureOf, pair, textLines } from "../support/connections.ts";
import { faces } from "../support/faces.ts";
import { bounded } from "../support/limits.ts";
import { pythonClient } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { identity } from "../support/tls.ts";

/** The header of a proxy (PROXY protocol, version 1), and its framing. */
const HEADER = "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443";
const header = { framer: lines(), codec: text(), maxFrameLength: 107 };

/** Options of `startTls` for TLS directly behind the header. */
const behind = { ...identity, buffered: "tls" } as const;

/** Starts a client that sends the header and its ClientHello in one segment, `cut` bytes of it late. */
function client(port: number, cut = 0) {
  return pythonClient(
    port,
    withTls(`
      conn = tls_client(behind(conn, b"${HEADER}\\r\\n", ${cut}))
      conn.sendall(b"hello\\n")
      notify(conn)
      done(to_end(conn).decode())
    `),
  );
}

/** Exchanges messages with the client, which ends first. */
async function exchange(connection: Connection<string>): Promise<void> {
  assert.equal(await connection.receive(), "hello");
  assert.equal(await connection.receive(), undefined);
  await connection.send("goodbye");
  await connection.close();
}

for (const face of faces) {
  test(
    `Connection.startTls() takes over a ClientHello behind a header read by ${face.name}`,
    bounded,
    async () => {
      const listener = await listen(header);
      const peer = await client(listener.address.port);
      const connection = await listener.accept();
      listener.close();
      await face.read(connection!, (line) => {
        assert.equal(line, HEADER);
        return true;
      });
      await connection!.startTls(behind);
      await exchange(connection!.switchTo(textLines));
      assert.equal(await peer.result, "goodbye\n");
    },
  );
}

// The ClientHello of Python has more than 200 bytes.
for (const cut of [1, 150, 100_000]) {
  test(
    `Connection.startTls() takes over a ClientHello of which ${cut} bytes at most come late`,
    bounded,
    async () => {
      const listener = await listen(header);
      const peer = await client(listener.address.port, cut);
      const connection = await listener.accept();
      listener.close();
      assert.equal(await connection!.receive(), HEADER);
      await connection!.startTls(behind);
      await exchange(connection!);
      assert.equal(await peer.result, "goodbye\n");
    },
  );
}

test("Connection.startTls() takes over a ClientHello after detach()", bounded, async () => {
  const listener = await listen(header);
  const peer = await client(listener.address.port);
  const connection = await listener.accept();
  listener.close();
  assert.equal(await connection!.receive(), HEADER);
  const next = new Connection(connection!.detach(), textLines);
  await next.startTls(behind);
  await exchange(next);
  assert.equal(await peer.result, "goodbye\n");
});

test("Connection.startTls() fails if the bytes behind a header are not TLS", bounded, async () => {
  const listener = await listen(header);
  const peer = await pythonClient(
    listener.address.port,
    `
    conn.sendall(b"${HEADER}\\r\\nGET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
    until_gone(conn)
    done(True)
    `,
  );
  const connection = await listener.accept();
  listener.close();
  assert.equal(await connection!.receive(), HEADER);
  const error = await failureOf(connection!.startTls(behind));
  assert.equal(error.code, "tls", error.stack);
  assert.equal(await peer.result, true);
});

test(
  "Connection.startTls() refuses a ClientHello behind a header by default",
  bounded,
  async () => {
    for (const buffered of [undefined, "refuse"] as const) {
      const listener = await listen(header);
      const peer = await client(listener.address.port);
      const connection = await listener.accept();
      listener.close();
      assert.equal(await connection!.receive(), HEADER);
      const options = { ...identity, ...buffered && { buffered } };
      await assert.rejects(connection!.startTls(options), /already sent more plain text/);
      // The connection is unchanged.
      await connection!.startTls(behind);
      await exchange(connection!);
      assert.equal(await peer.result, "goodbye\n");
    }
  },
);

test("Connection.startTls() refuses other values of buffered", bounded, async () => {
  const [one, other] = await pair(textLines);
  await assert.rejects(one.startTls({ buffered: true } as never), {
    name: "TypeError",
    message: 'Invalid buffered true: expected "refuse" or "tls"',
  });
  await one.send("unchanged");
  assert.equal(await other.receive(), "unchanged");
  await closeAll(one, other);
});
