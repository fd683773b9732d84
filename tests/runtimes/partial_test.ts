import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  Connection,
  type ConnectionError,
  fixed,
  type Framer,
  lengthPrefixed,
  lines,
  text,
  uint32,
} from "../../mod.ts";
import { latin1 } from "../support/bytes.ts";
import { failureOf } from "../support/connections.ts";
import { batches, faces } from "../support/faces.ts";
import { bounded, scaled } from "../support/limits.ts";
import { same } from "../support/messages.ts";
import { pattern, pythonServer } from "../support/python.ts";
import { openStream } from "../support/streams.ts";

const frames = { framer: lengthPrefixed(uint32), codec: text() };

/** Returns a Python literal of these bytes. */
function literal(stream: string): string {
  const escape = (character: string) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  };
  return `b"${stream.replaceAll(/[^ -!#-[\]-~]/g, escape)}"`;
}

/** Asserts that an error has these bytes as its `partial`, or no such member. */
function assertPartial(error: ConnectionError, partial: string | undefined): void {
  assert.equal(error.partial && latin1(error.partial), partial, error.stack);
  assert.equal(Object.hasOwn(error, "partial"), partial !== undefined);
}

/** A message, and the part of the next one that has arrived when the stream fails. */
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
  test(
    `ConnectionError.partial holds the unfinished message, if any, after a reset ${where}`,
    bounded,
    async () => {
      const peer = await pythonServer(`
      conn.sendall(${literal(message + (partial ?? ""))})
      exactly(conn, 4)
      reset(conn)
      done(True)
    `);
      const connection = await connect({ port: peer.port, framer, codec: text() });
      // The partial message has arrived in the same segment.
      assert.equal(await connection.receive(), "1234");
      const failing = failureOf(connection.receive());
      await connection.send("gogo");
      const error = await failing;
      assert.equal(error.code, "reset", error.stack);
      assertPartial(error, partial);
      await assert.rejects(connection.receive(), (again) => again === error);
      await peer.result;
    },
  );

  test(
    `ConnectionError.partial holds the unfinished message, if any, after a stream fails ${where}`,
    bounded,
    async () => {
      const { readable, push, fail } = openStream();
      const pair = { readable, writable: new WritableStream<Uint8Array>() };
      const connection = new Connection(pair, { framer, codec: text() });
      push(message + (partial ?? ""));
      assert.equal(await connection.receive(), "1234");
      const failing = failureOf(connection.receive());
      fail(new Error("broken"));
      assertPartial(await failing, partial);
    },
  );
}

for (const face of [...faces, batches]) {
  test(
    `ConnectionError.partial holds the unfinished message when ${face.name} rejects`,
    bounded,
    async () => {
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
      assertPartial(error, "\0\0\0\x05he");
      await peer.result;
    },
  );
}

test(
  "ConnectionError.partial holds the unfinished message when visit() rejects",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(${literal("\0\0\0\x02hi\0\0\0\x05he")})
    exactly(conn, 6)
    reset(conn)
    done(True)
  `);
    const connection = await connect({ port: peer.port, ...frames });
    const error = await failureOf(connection.visit(() => void connection.send("hi")));
    assert.equal(error.code, "reset", error.stack);
    assertPartial(error, "\0\0\0\x05he");
    await peer.result;
  },
);

test(
  "ConnectionError.partial holds an unfinished message that arrived in many chunks",
  bounded,
  async () => {
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
  },
);

for (const timeout of ["idleTimeout", "frameTimeout"] as const) {
  const cases = [
    ["if the length is known", frames.framer, "\0\0\0\x02hi\0\0\0\x0ahel", 7, 14],
    ["if the length is unknown", lines(), "hi\nhel", 3, undefined],
  ] as const;
  for (const [how, framer, sent, received, expected] of cases) {
    test(
      `ConnectionError of ${timeout} reports how much of the message has arrived ${how}`,
      bounded,
      async () => {
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
        assertPartial(error, sent.slice(-received));
        await peer.result;
      },
    );
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
  assertPartial(error, undefined);
  await peer.result;
});
