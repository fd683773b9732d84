import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  Connection,
  type ConnectionError,
  type ConnectionOptions,
  fixed,
  type Framer,
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
import { batches, faces } from "../support/faces.ts";
import { bounded, scaled } from "../support/limits.ts";
import { same } from "../support/messages.ts";
import { dedent, pattern, pythonClient, type PythonPeer, pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { openStream } from "../support/streams.ts";
import { failureOf, identity, trusting } from "../support/tls.ts";

const frames = { framer: lengthPrefixed(uint32), codec: text() };

/** A literal of Python's. */
function literal(stream: string): string {
  const escape = (character: string) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  };
  return `b"${stream.replaceAll(/[^ -!#-[\]-~]/g, escape)}"`;
}

/** Checks that an error holds these bytes of an unfinished message, or, for `undefined`, no member for them. */
function holds(error: ConnectionError, partial: string | undefined): void {
  assert.equal(error.partial && latin1(error.partial), partial, error.stack);
  assert.equal(Object.hasOwn(error, "partial"), partial !== undefined);
}

/** A message, and what has arrived of the next one when the stream fails. */
const ends: Readonly<
  Record<string, readonly [framer: Framer, message: string, partial: string | undefined]>
> = {
  "inside a frame": [frames.framer, "\0\0\0\x041234", "\0\0\0\x05he"],
  "inside a header": [frames.framer, "\0\0\0\x041234", "\0\0"],
  "inside a line": [lines(), "1234\n", "thr"],
  "inside frames of one size": [fixed(4), "1234", "ab"],
  "between two messages": [frames.framer, "\0\0\0\x041234", undefined],
};
for (const [where, [framer, message, partial]] of Object.entries(ends)) {
  test(`ConnectionError of a reset ${where} holds what had arrived of it`, bounded, async () => {
    const peer = await pythonServer(`
      conn.sendall(${literal(message + (partial ?? ""))})
      exactly(conn, 4)
      reset(conn)
      done(True)
    `);
    const connection = await connect({ port: peer.port, framer, codec: text() });
    // What follows has arrived in the same segment.
    assert.equal(await connection.receive(), "1234");
    const failing = failureOf(connection.receive());
    await connection.send("gogo");
    const error = await failing;
    assert.equal(error.code, "reset", error.stack);
    holds(error, partial);
    await assert.rejects(connection.receive(), (again) => again === error);
    await peer.result;
  });

  test(`ConnectionError of a stream that fails ${where} holds the same`, bounded, async () => {
    const { readable, push, fail } = openStream();
    const pair = { readable, writable: new WritableStream<Uint8Array>() };
    const connection = new Connection(pair, { framer, codec: text() });
    push(message + (partial ?? ""));
    assert.equal(await connection.receive(), "1234");
    const failing = failureOf(connection.receive());
    fail(new Error("broken"));
    holds(await failing, partial);
  });
}

for (const face of [...faces, batches]) {
  test(`ConnectionError that ends ${face.name} holds the unfinished message`, bounded, async () => {
    const peer = await pythonServer(`
      conn.sendall(${literal("\0\0\0\x02hi\0\0\0\x05he")})
      exactly(conn, 6)
      reset(conn)
      done(True)
    `);
    const connection = await connect({ port: peer.port, ...frames });
    const reading = face.read(connection, async (message) => {
      await connection.send(message);
      return false;
    });
    const error = await failureOf(reading);
    assert.equal(error.code, "reset", error.stack);
    holds(error, "\0\0\0\x05he");
    await peer.result;
  });
}

test("ConnectionError that ends visit() holds the unfinished message", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(${literal("\0\0\0\x02hi\0\0\0\x05he")})
    exactly(conn, 6)
    reset(conn)
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...frames });
  const error = await failureOf(connection.visit(() => void connection.send("hi")));
  assert.equal(error.code, "reset", error.stack);
  holds(error, "\0\0\0\x05he");
  await peer.result;
});

test("ConnectionError holds a message that had arrived in many chunks", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(struct.pack(">I", 1 << 20))
    for at in range(0, 500000, 50000):
        conn.sendall(pattern(500000)[at:at + 50000])
        time.sleep(0.005)
    until_gone(conn)
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...frames, idleTimeout: scaled(1000) });
  const error = await failureOf(connection.receive());
  assert.equal(error.timeout, "idleTimeout", error.stack);
  assert.deepEqual([error.received, error.expected], [500_004, (1 << 20) + 4]);
  assert.deepEqual(error.partial?.subarray(0, 4), Uint8Array.of(0, 16, 0, 0));
  assert.ok(same(error.partial?.subarray(4), pattern(500_000)));
  await peer.result;
});

for (const timeout of ["idleTimeout", "frameTimeout"] as const) {
  const cases = [
    ["where the length is known", frames.framer, "\0\0\0\x02hi\0\0\0\x0ahel", 7, 14],
    ["where it is not", lines(), "hi\nhel", 3, undefined],
  ] as const;
  for (const [how, framer, sent, received, expected] of cases) {
    test(`ConnectionError of ${timeout} says what had arrived, ${how}`, bounded, async () => {
      const peer = await pythonServer(`
        conn.sendall(${literal(sent)})
        until_gone(conn)
        done(True)
      `);
      const options = { port: peer.port, framer, codec: text(), [timeout]: scaled(100) };
      const connection = await connect(options);
      assert.equal(await connection.receive(), "hi");
      const error = await failureOf(connection.receive());
      assert.deepEqual([error.code, error.timeout], ["timedOut", timeout]);
      assert.deepEqual([error.received, error.expected], [received, expected]);
      assert.equal(Object.hasOwn(error, "expected"), expected !== undefined);
      holds(error, sent.slice(-received));
      await peer.result;
    });
  }
}

test("ConnectionError of idleTimeout between two messages has no partial", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"hi\\n")
    until_gone(conn)
    done(True)
  `);
  const protocol = { framer: lines(), codec: text(), idleTimeout: scaled(100) };
  const connection = await connect({ port: peer.port, ...protocol });
  assert.equal(await connection.receive(), "hi");
  const error = await failureOf(connection.receive());
  assert.equal(error.timeout, "idleTimeout");
  holds(error, undefined);
  await peer.result;
});

/** Connects by TLS with Python's, which runs `body`. */
type Meet = (
  tls: TlsOptions,
  body: string,
  protocol: Protocol<string> & ConnectionOptions,
) => Promise<[Connection<string>, PythonPeer]>;

const roles: Readonly<Record<string, Meet>> = {
  async "connect()"(tls, body, protocol) {
    const peer = await pythonServer(withTls(`conn = tls_server(conn)\n${dedent(body)}`));
    const options = { ...protocol, tls: { ...trusting, ...tls } };
    return [await connect({ port: peer.port, ...options }), peer];
  },
  async "listen()"(tls, body, protocol) {
    const listener = await listen({ ...protocol, tls: { ...identity, ...tls } });
    const secured = withTls(`conn = tls_client(conn)\n${dedent(body)}`);
    const accepting = listener.accept();
    const peer = await pythonClient(listener.address.port, secured);
    const connection = (await accepting)!;
    listener.close();
    return [connection, peer];
  },
  async "startTls()"(tls, body, protocol) {
    const peer = await pythonServer(withTls(`conn = tls_server(conn)\n${dedent(body)}`));
    const connection = await connect({ port: peer.port, ...protocol });
    await connection.startTls({ ...trusting, ...tls });
    return [connection, peer];
  },
};
const optional: TlsOptions = { closeNotify: "optional" };

/** Sends, and ends the stream without close_notify. */
function cut(stream: string): string {
  return `
    conn.sendall(${literal(stream)})
    conn.shutdown(socket.SHUT_WR)
    done(until_gone(conn))
  `;
}

for (const [role, meet] of Object.entries(roles)) {
  for (const tls of [{}, { closeNotify: "required" }] as const) {
    const named = "closeNotify" in tls ? "required" : "the default";
    test(
      `${role} whose closeNotify is ${named} fails at a cut, and holds the message`,
      bounded,
      async () => {
        for (const partial of ["\0\0\0\x05he", undefined]) {
          const [connection, peer] = await meet(tls, cut(`\0\0\0\x02hi${partial ?? ""}`), frames);
          assert.equal(await connection.receive(), "hi");
          const error = await failureOf(connection.receive());
          assert.equal(error.code, "truncated", error.stack);
          holds(error, partial);
          assert.equal(await connection.closed, "truncated");
          await peer.result;
        }
      },
    );
  }

  test(
    `${role} whose closeNotify is optional accepts a cut between two messages`,
    bounded,
    async () => {
      const [connection, peer] = await meet(optional, cut("\0\0\0\x02hi"), frames);
      assert.equal(await connection.receive(), "hi");
      assert.equal(await connection.receive(), undefined);
      await connection.close();
      assert.equal(await connection.closed, "remote");
      await peer.result;
    },
  );

  test(
    `${role} whose closeNotify is optional accepts a message that ends with a cut`,
    bounded,
    async () => {
      for (const framer of [untilClose(), lines()]) {
        const [connection, peer] = await meet(optional, cut("all of it"), {
          framer,
          codec: text(),
        });
        assert.equal(await connection.receive(), "all of it");
        assert.equal(await connection.receive(), undefined);
        await connection.close();
        await peer.result;
      }
    },
  );

  test(
    `${role} whose closeNotify is optional refuses a cut inside a message`,
    bounded,
    async () => {
      const [connection, peer] = await meet(optional, cut("\0\0\0\x02hi\0\0\0\x05he"), frames);
      assert.equal(await connection.receive(), "hi");
      const error = await connection.receive().then(() => undefined, (error) => error);
      assert.ok(error instanceof TruncatedFrameError, `${error}`);
      assert.deepEqual(error.partial, bytes("\0\0\0\x05he"));
      await assert.rejects(connection.receive(), (again) => again === error);
      await connection.close().catch(() => {});
      assert.equal(await connection.closed, "framing");
      await peer.result;
    },
  );

  test(`${role} whose closeNotify is optional does not accept a reset`, bounded, async () => {
    const [connection, peer] = await meet(
      optional,
      `
      conn.sendall(${literal("\0\0\0\x02hi")})
      exactly(conn, 6)
      reset(conn)
      done(True)
      `,
      frames,
    );
    assert.equal(await connection.receive(), "hi");
    const failing = failureOf(connection.receive());
    await connection.send("go");
    assert.equal((await failing).code, "reset");
    await peer.result;
  });
}
