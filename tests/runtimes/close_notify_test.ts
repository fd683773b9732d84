import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  type Connection,
  lengthPrefixed,
  lines,
  listen,
  type Protocol,
  text,
  type TlsOptions,
  TruncatedFrameError,
  uint32,
  untilClose,
} from "../../mod.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { dedent, pythonClient, type PythonPeer, pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { failureOf, identity, trusting } from "../support/tls.ts";

const frames = { framer: lengthPrefixed(uint32), codec: text() };
const optional = { closeNotify: "optional" } as const;

/** Connects to Python in one of the roles; the peer runs `body` once TLS is established. */
type Meet = (
  tls: TlsOptions,
  protocol: Protocol<string>,
  body: string,
  version?: string,
) => Promise<[Connection<string>, PythonPeer]>;

const roles: Record<string, Meet> = {
  async "connect()"(tls, protocol, body, version = "1.3") {
    const secured = withTls(`conn = tls_server(conn, version="${version}")\n${dedent(body)}`);
    const peer = await pythonServer(secured);
    return [await connect({ port: peer.port, tls: { ...trusting, ...tls }, ...protocol }), peer];
  },
  async "listen()"(tls, protocol, body, version = "1.3") {
    const listener = await listen({ tls: { ...identity, ...tls }, ...protocol });
    const accepting = listener.accept();
    const secured = withTls(`conn = tls_client(conn, version="${version}")\n${dedent(body)}`);
    const peer = await pythonClient(listener.address.port, secured);
    const connection = await accepting;
    listener.close();
    return [connection!, peer];
  },
  async "startTls()"(tls, protocol, body, version = "1.3") {
    const secured = withTls(`conn = tls_server(conn, version="${version}")\n${dedent(body)}`);
    const peer = await pythonServer(secured);
    const connection = await connect({ port: peer.port, ...protocol });
    await connection.startTls({ ...trusting, ...tls, serverName: "localhost" });
    return [connection, peer];
  },
};

/** Returns Python code that sends a stream, and ends it without close_notify. */
function truncate(stream: string): string {
  const hex = Array.from(bytes(stream), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `
    conn.sendall(bytes.fromhex("${hex}"))
    conn.shutdown(socket.SHUT_WR)
    done(until_gone(conn))
  `;
}

for (const [role, meet] of Object.entries(roles)) {
  for (const tls of [{}, { closeNotify: "required" }] as const) {
    const how = "closeNotify" in tls ? 'with closeNotify "required"' : "by default";
    test(
      `${role} ${how} reports truncation, and keeps the partial message`,
      bounded,
      async () => {
        for (const partial of ["\0\0\0\x05he", undefined]) {
          const stream = `\0\0\0\x02hi${partial ?? ""}`;
          const [connection, peer] = await meet(tls, frames, truncate(stream));
          assert.equal(await connection.receive(), "hi");
          const error = await failureOf(connection.receive());
          assert.equal(error.code, "truncated", error.stack);
          assert.equal(error.partial && latin1(error.partial), partial, error.stack);
          assert.equal(Object.hasOwn(error, "partial"), partial !== undefined);
          assert.equal(await connection.closed, "truncated");
          await peer.result;
        }
      },
    );
  }

  const streams = [
    ["two lines over TLS 1.2", textLines, "one\ntwo\n", ["one", "two"], "1.2"],
    ["two lines over TLS 1.3", textLines, "one\ntwo\n", ["one", "two"], "1.3"],
    ["a frame", frames, "\0\0\0\x02hi", ["hi"]],
    ["a line without its end", { framer: lines(), codec: text() }, "all of it", ["all of it"]],
    ["a message of untilClose()", { framer: untilClose(), codec: text() }, "all", ["all"]],
  ] as const;
  for (const [name, protocol, stream, messages, version] of streams) {
    test(
      `${role} with closeNotify "optional" accepts truncation after ${name}`,
      bounded,
      async () => {
        const [connection, peer] = await meet(optional, protocol, truncate(stream), version);
        for (const message of messages) assert.equal(await connection.receive(), message);
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
      const body = `
        conn.sendall(b"one\\n")
        notify(conn)
        done(to_end(conn).decode())
      `;
      const [connection, peer] = await meet(optional, textLines, body);
      assert.equal(await connection.receive(), "one");
      assert.equal(await connection.receive(), undefined);
      await connection.send("two");
      await connection.close();
      assert.equal(await peer.result, "two\n");
    },
  );

  for (const [name, before] of [["first", []], ["second", ["hi"]]] as const) {
    test(
      `${role} with closeNotify "optional" rejects truncation inside the ${name} message`,
      bounded,
      async () => {
        const stream = before.map((message) => `\0\0\0\x02${message}`).join("");
        const body = truncate(`${stream}\0\0\0\x05he`);
        const [connection, peer] = await meet(optional, frames, body);
        for (const message of before) assert.equal(await connection.receive(), message);
        const error = await connection.receive().then(() => undefined, (error) => error);
        assert.ok(error instanceof TruncatedFrameError, `${error}`);
        assert.deepEqual(error.partial, bytes("\0\0\0\x05he"));
        await assert.rejects(connection.receive(), (again) => again === error);
        await connection.close();
        assert.equal(await connection.closed, "framing");
        await peer.result;
      },
    );
  }

  for (const pending of [false, true]) {
    test(
      `${role} with closeNotify "optional" reports a reset ${
        pending ? "while a receive is pending" : "before a receive"
      }`,
      bounded,
      async () => {
        const body = `
          conn.sendall(b"one\\n")
          exactly(conn, 3)
          reset(conn)
          done(True)
        `;
        const [connection, peer] = await meet(optional, textLines, body);
        assert.equal(await connection.receive(), "one");
        const receiving = pending && failureOf(connection.receive());
        await connection.send("go");
        const error = await (receiving || failureOf(connection.receive()));
        assert.equal(error.code, "reset", error.stack);
        assert.equal(await connection.closed, "reset");
        await peer.result;
      },
    );
  }
}
