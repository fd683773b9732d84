import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  type Connection,
  lengthPrefixed,
  listen,
  type Protocol,
  TruncatedFrameError,
  uint32,
} from "../../mod.ts";
import { textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { dedent, pythonClient, type PythonPeer, pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { failureOf, identity, trusting } from "../support/tls.ts";

const frames = { framer: lengthPrefixed(uint32) };
const closeNotify = "optional";

/** Connects to Python in one of the roles; the peer runs `body` once TLS is established. */
type Meet = <Message>(
  body: string,
  protocol: Protocol<Message>,
  version?: string,
) => Promise<[Connection<Message>, PythonPeer]>;

const roles: Record<string, Meet> = {
  async "connect()"(body, protocol, version = "1.3") {
    const secured = withTls(`conn = tls_server(conn, version="${version}")\n${dedent(body)}`);
    const peer = await pythonServer(secured);
    const tls = { ...trusting, closeNotify } as const;
    return [await connect({ port: peer.port, tls, ...protocol }), peer];
  },
  async "listen()"(body, protocol, version = "1.3") {
    const listener = await listen({ tls: { ...identity, closeNotify }, ...protocol });
    const accepting = listener.accept();
    const secured = withTls(`conn = tls_client(conn, version="${version}")\n${dedent(body)}`);
    const peer = await pythonClient(listener.address.port, secured);
    const connection = await accepting;
    listener.close();
    return [connection!, peer];
  },
  async "startTls()"(body, protocol, version = "1.3") {
    const secured = withTls(`conn = tls_server(conn, version="${version}")\n${dedent(body)}`);
    const peer = await pythonServer(secured);
    const connection = await connect({ port: peer.port, ...protocol });
    await connection.startTls({ ...trusting, closeNotify, serverName: "localhost" });
    return [connection, peer];
  },
};

for (const [role, meet] of Object.entries(roles)) {
  for (const version of ["1.2", "1.3"]) {
    test(
      `${role} with closeNotify "optional" accepts an end without close_notify over TLS ${version}`,
      bounded,
      async () => {
        const [connection, peer] = await meet(
          `
          conn.sendall(b"one\\ntwo\\n")
          conn.shutdown(socket.SHUT_WR)
          until_gone(conn)
          done(True)
          `,
          textLines,
          version,
        );
        assert.equal(await connection.receive(), "one");
        assert.equal(await connection.receive(), "two");
        assert.equal(await connection.receive(), undefined);
        await connection.close();
        assert.equal(await connection.closed, "remote");
        await peer.result;
      },
    );
  }

  test(
    `${role} with closeNotify "optional" also accepts an end with close_notify`,
    bounded,
    async () => {
      const [connection, peer] = await meet(
        `
        conn.sendall(b"one\\n")
        notify(conn)
        done(to_end(conn).decode())
        `,
        textLines,
      );
      assert.equal(await connection.receive(), "one");
      assert.equal(await connection.receive(), undefined);
      await connection.send("two");
      await connection.close();
      assert.equal(await peer.result, "two\n");
    },
  );

  test(
    `${role} with closeNotify "optional" rejects an end without close_notify inside a message`,
    bounded,
    async () => {
      const [connection, peer] = await meet(
        `
        conn.sendall(b"\\x00\\x00\\x00\\x04on")
        conn.shutdown(socket.SHUT_WR)
        until_gone(conn)
        done(True)
        `,
        frames,
      );
      const error = await connection.receive().catch((error) => error);
      assert.ok(error instanceof TruncatedFrameError, `${error}`);
      await connection.close();
      assert.equal(await connection.closed, "framing");
      await peer.result;
    },
  );

  test(`${role} with closeNotify "optional" reports a reset`, bounded, async () => {
    const [connection, peer] = await meet(
      `
      conn.sendall(b"one\\n")
      exactly(conn, 3)
      reset(conn)
      done(True)
      `,
      textLines,
    );
    assert.equal(await connection.receive(), "one");
    await connection.send("go");
    const error = await failureOf(connection.receive());
    assert.equal(error.code, "reset", error.stack);
    assert.equal(await connection.closed, "reset");
    await peer.result;
  });
}
