import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ChildProcess } from "node:child_process";
import { connect as connectSocket, Socket } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import { test } from "node:test";
import {
  Connection,
  type ConnectionOptions,
  FrameDecoderStream,
  FrameReader,
  lines,
  type Protocol,
  readFrames,
  type StreamPair,
  streamTransport,
  text,
  type Transport,
} from "../../mod.ts";
import { bytes } from "../support/bytes.ts";
import { runsOn } from "../support/child.ts";
import { bounded } from "../support/limits.ts";
import { pythonListener, pythonServer } from "../support/python.ts";
import { standardStreams } from "../support/standard_streams.ts";
import { openStream } from "../support/streams.ts";
import { failureOf } from "../support/tls.ts";
import { pipe, turn } from "../support/transports.ts";
import { unless } from "../support/unless.ts";

const textLines: Protocol<string> & ConnectionOptions = { framer: lines(), codec: text() };

/** Returns all messages up to the end. */
async function messagesOf(messages: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

/** Returns a stream of any chunks, one for each read. */
function streamOfAny(...chunks: readonly unknown[]): ReadableStream<Uint8Array> {
  const rest = chunks.slice();
  return new ReadableStream({
    pull(controller) {
      if (rest.length === 0) controller.close();
      else controller.enqueue(rest.shift() as Uint8Array);
    },
  }, { highWaterMark: 0 });
}

/** Returns a pair that delivers these chunks and accepts all writes. */
function pairOf(...chunks: readonly unknown[]): StreamPair {
  return { readable: streamOfAny(...chunks), writable: new WritableStream<Uint8Array>() };
}

const never = new Promise<never>(() => {});

/** Ways in which a foreign function misbehaves. */
const faults: Readonly<Record<string, (() => unknown) | undefined>> = {
  "is absent": undefined,
  "throws"() {
    throw new Error("foreign");
  },
  "rejects": () => Promise.reject(new Error("foreign")),
  "never settles": () => never,
  "returns nothing": () => undefined,
};
const functions = ["pair.close", "reader.cancel", "writer.abort", "writer.close"] as const;

/** Returns a pair of objects that only have the methods of streams, one of which misbehaves. */
function faulty(name: typeof functions[number], fault: (() => unknown) | undefined) {
  let end = (_: { done: true; value?: undefined }) => {};
  const ended = new Promise<{ done: true; value?: undefined }>((resolve) => end = resolve);
  const succeed = () => Promise.resolve();
  const reader: Record<string, unknown> = {
    closed: never,
    read: () => ended,
    cancel: succeed,
    releaseLock() {},
  };
  const writer: Record<string, unknown> = {
    closed: never,
    ready: Promise.resolve(),
    desiredSize: 1,
    write: succeed,
    close: succeed,
    abort: succeed,
    releaseLock() {},
  };
  const pair: Record<string, unknown> = {
    readable: { locked: false, getReader: () => reader },
    writable: { locked: false, getWriter: () => writer },
    // If a pair has its own `close`, its streams may not need to be closed.
    ...name === "pair.close" && { close: succeed },
  };
  const [owner, member] = name.split(".") as [string, string];
  const target = { pair, reader, writer }[owner]!;
  if (fault === undefined) delete target[member];
  else target[member] = fault;
  return { pair: pair as unknown as StreamPair, end: () => end({ done: true }) };
}

for (const name of functions) {
  test(`Connection.abort() ends a pair whose ${name} misbehaves`, bounded, async () => {
    for (const [how, fault] of Object.entries(faults)) {
      const connection = new Connection(faulty(name, fault).pair, textLines);
      const receiving = failureOf(connection.receive());
      await connection.send("one");
      connection.abort();
      connection.abort();
      assert.equal((await receiving).code, "aborted", how);
      assert.equal((await failureOf(connection.send("two"))).code, "aborted", how);
      assert.equal(await connection.closed, "aborted", how);
    }
    // An unhandled rejection would have failed the test by now.
    await turn();
  });

  test(`Connection.close() ends a pair whose ${name} misbehaves`, bounded, async () => {
    for (const [how, fault] of Object.entries(faults)) {
      const { pair, end } = faulty(name, fault);
      const connection = new Connection(pair, { ...textLines, closeTimeout: 50 });
      const receiving = connection.receive();
      await connection.send("one");
      await connection.flush();
      const closing = connection.close();
      assert.equal(await receiving, undefined, how);
      end();
      const succeeds = name !== "writer.close" || how === "returns nothing";
      if (succeeds) await closing;
      else await closing.catch(() => {});
      const reason = await connection.closed;
      if (succeeds) assert.equal(reason, "local", how);
    }
    await turn();
  });

  test(
    `Connection that times out ends a pair whose ${name} misbehaves`,
    bounded,
    async () => {
      for (const [how, fault] of Object.entries(faults)) {
        const { pair } = faulty(name, fault);
        const connection = new Connection(pair, { ...textLines, idleTimeout: 10 });
        assert.equal((await failureOf(connection.receive())).code, "timedOut", how);
        assert.equal(await connection.closed, "timedOut", how);
      }
      await turn();
    },
  );
}

test("Connection.abort() ends Web Streams whose sinks and sources throw", bounded, async () => {
  for (
    const fail of [
      () => {
        throw new Error("foreign");
      },
      () => Promise.reject(new Error("foreign")),
      () => never,
    ]
  ) {
    const readable = new ReadableStream<Uint8Array>({ cancel: fail });
    const writable = new WritableStream<Uint8Array>({ abort: fail });
    const connection = new Connection({ readable, writable }, textLines);
    const receiving = failureOf(connection.receive());
    connection.abort();
    assert.equal((await receiving).code, "aborted");
    assert.equal(await connection.closed, "aborted");
  }
  await turn();
});

test("Connection ends a transport whose close() and abort() throw", bounded, async () => {
  const fail = () => {
    throw new Error("foreign");
  };
  const foreign = (): Transport => ({
    read: () => never,
    write: () => undefined,
    written: 0,
    closeWrite: () => Promise.resolve(),
    close: fail,
    abort: fail,
  });
  const aborted = new Connection(foreign(), textLines);
  const receiving = failureOf(aborted.receive());
  aborted.abort();
  assert.equal((await receiving).code, "aborted");
  assert.equal(await aborted.closed, "aborted");
  const expired = new Connection(foreign(), { ...textLines, idleTimeout: 10 });
  assert.equal((await failureOf(expired.receive())).code, "timedOut");
  assert.equal(await expired.closed, "timedOut");
  const closed = new Connection(foreign(), { ...textLines, closeTimeout: 10 });
  await closed.close();
  assert.equal(await closed.closed, "local");
  await turn();
});

const two = bytes("two\n");
const sources: Readonly<Record<string, unknown>> = {
  "an ArrayBuffer": two.buffer,
  "a DataView": new DataView(bytes("xxtwo\nx").buffer, 2, 4),
  "a Buffer": Buffer.from("xtwo\nx").subarray(1, 5),
  "a Uint16Array": new Uint16Array(two.slice().buffer),
  "an Int8Array": new Int8Array(two.slice().buffer),
  "a part of a Uint8Array": bytes("xtwo\nx").subarray(1, 5),
};
for (const [name, chunk] of Object.entries(sources)) {
  const chunks = [bytes("one\n"), chunk, new ArrayBuffer(0), bytes("three\n")];

  test(`Connection receives bytes that arrive as ${name}`, bounded, async () => {
    const received = await messagesOf(new Connection(pairOf(...chunks), textLines));
    assert.deepEqual(received, ["one", "two", "three"]);
  });

  test(
    `readFrames(), FrameReader and FrameDecoderStream lose no bytes that arrive as ${name}`,
    bounded,
    async () => {
      const faces = {
        readFrames: () => messagesOf(readFrames(streamOfAny(...chunks), textLines)),
        FrameReader: async () => {
          const reader = new FrameReader(streamOfAny(...chunks));
          const messages: (string | undefined)[] = [];
          do messages.push(await reader.read(textLines)); while (messages.at(-1) !== undefined);
          return messages.slice(0, -1);
        },
        FrameDecoderStream: () => {
          const decoder = new FrameDecoderStream(textLines);
          return messagesOf(streamOfAny(...chunks).pipeThrough(decoder) as never);
        },
      };
      for (const [face, read] of Object.entries(faces)) {
        // An unsupported chunk must be rejected.
        const messages = await read().catch((error) => error);
        if (messages instanceof TypeError) continue;
        assert.deepEqual(messages, ["one", "two", "three"], face);
      }
    },
  );
}

for (const chunk of ["two\n", 5, null, undefined, {}, [116, 119, 111, 10]]) {
  const name = typeof chunk === "string" ? "a string" : JSON.stringify(chunk) ?? "undefined";
  test(
    `Connection fails at a chunk that is ${name}, and never reports an end`,
    bounded,
    async () => {
      const connection = new Connection(pairOf(bytes("one\n"), chunk), textLines);
      assert.equal(await connection.receive(), "one");
      await assert.rejects(connection.receive(), (error) => error instanceof Error);
      await assert.rejects(connection.receive(), (error) => error instanceof Error);
      await turn();
    },
  );
}

test(
  "Connection does not mistake the end of a pair for a reset if closed has resolved earlier",
  bounded,
  async () => {
    for (const value of [undefined, { closeCode: 1000, reason: "" }]) {
      const { readable, push, end } = openStream();
      push("one\ntwo\n");
      let close = (_: unknown) => {};
      const closed = new Promise<unknown>((resolve) => close = resolve);
      const pair = { readable, writable: new WritableStream<Uint8Array>(), closed };
      const connection = new Connection(pair, textLines);
      assert.equal(await connection.receive(), "one");
      close(value);
      await turn();
      push("three\n");
      end();
      assert.deepEqual(await messagesOf(connection), ["two", "three"]);
      await connection.close();
      assert.equal(await connection.closed, "remote");
      const ended = { ...pairOf(bytes("one\n")), closed: Promise.resolve(value) };
      assert.deepEqual(await messagesOf(new Connection(ended, textLines)), ["one"]);
    }
  },
);

test("Connection.abort() aborts both streams of a pair", bounded, async () => {
  for (const closes of [false, true]) {
    const calls: string[] = [];
    const pair = {
      readable: new ReadableStream<Uint8Array>({ cancel: () => void calls.push("cancel") }),
      writable: new WritableStream<Uint8Array>({ abort: () => void calls.push("abort") }),
      ...closes && { close: () => Promise.resolve() },
    };
    const connection = new Connection(pair, textLines);
    const receiving = failureOf(connection.receive());
    await turn();
    connection.abort(new Error("enough"));
    assert.equal((await receiving).code, "aborted");
    await turn();
    assert.deepEqual(calls.sort(), ["abort", "cancel"], `with close: ${closes}`);
  }
});

test("Connection.abort() rejects a send that a pair never accepts", bounded, async () => {
  const writable = new WritableStream<Uint8Array>({ write: () => never });
  const readable = new ReadableStream<Uint8Array>();
  const connection = new Connection({ readable, writable }, { ...textLines, highWaterMark: 1 });
  const sending = failureOf(connection.send("one"));
  const flushing = failureOf(connection.flush());
  await turn();
  connection.abort();
  assert.deepEqual([(await sending).code, (await flushing).code], ["aborted", "aborted"]);
});

test(
  "Connection.abort() is not a clean end for the other end of a pipe, but close() is",
  bounded,
  async () => {
    for (const aborts of [true, false]) {
      const [one, other] = pipe().map((pair) => new Connection(pair, textLines));
      const receiving = other!.receive();
      await one!.send("one");
      assert.equal(await receiving, "one");
      if (aborts) {
        one!.abort();
        await failureOf(other!.receive());
      } else {
        const closing = one!.close();
        assert.equal(await other!.receive(), undefined);
        await other!.close();
        await closing;
      }
    }
  },
);

test("Connection reports streams that abort by themselves as reset", bounded, async () => {
  const gone = () => Object.assign(new Error("The operation was aborted"), { name: "AbortError" });
  const { readable, fail } = openStream();
  const writable = new WritableStream<Uint8Array>();
  const connection = new Connection({ readable, writable }, textLines);
  const receiving = failureOf(connection.receive());
  fail(gone());
  assert.equal((await receiving).code, "reset");
  assert.equal(await connection.closed, "reset");
  const lost = new WritableStream<Uint8Array>({
    write() {
      throw gone();
    },
  });
  const sender = new Connection({ readable: openStream().readable, writable: lost }, textLines);
  void sender.send("one").catch(() => {});
  assert.equal((await failureOf(sender.flush())).code, "reset");
  assert.equal(await sender.closed, "reset");
});

/** Starts a child process, and returns it and a connection over its stdin and stdout. */
function talkTo(...command: [string, ...string[]]): [ChildProcess, Connection<string>] {
  const [child, pair] = standardStreams(...command);
  return [child, new Connection(pair, textLines)];
}

/** Resolves when the child has exited. */
function exited(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

/** Sends until a call fails. */
async function sendUntilError(connection: Connection<string>): Promise<void> {
  for (let count = 0; count < 1000; count++) {
    await connection.send("x".repeat(1000));
    await connection.flush();
    await turn();
  }
}

test("Connection exchanges lines with a child process", bounded, async () => {
  const [child, connection] = talkTo("cat");
  const over = exited(child);
  for (const line of ["one", "two"]) {
    await connection.send(line);
    assert.equal(await connection.receive(), line);
  }
  await connection.close();
  await over;
});

test(
  'Connection.send() to a child process that has exited fails with "reset"',
  bounded,
  async () => {
    const [child, connection] = talkTo("sh", "-c", "exit 0");
    await exited(child);
    const error = await failureOf(sendUntilError(connection));
    assert.equal(error.code, "reset", error.stack);
    assert.equal(await connection.closed, "reset");
  },
);

test(
  'Connection.send() to a child process that is killed fails with "reset"',
  bounded,
  async () => {
    const [child, connection] = talkTo("cat");
    await connection.send("one");
    assert.equal(await connection.receive(), "one");
    const receiving = connection.receive().catch((error) => error.code);
    const over = exited(child);
    child.kill("SIGKILL");
    await over;
    const error = await failureOf(sendUntilError(connection));
    assert.equal(error.code, "reset", error.stack);
    assert.ok([undefined, "reset"].includes(await receiving), `${await receiving}`);
    assert.equal(await connection.closed, "reset");
  },
);

test(
  "Connection rejects a net.Socket and a Duplex with an error that names duplexTransport()",
  bounded,
  async () => {
    const peer = await pythonServer(`
    until_gone(conn)
    done(True)
  `);
    const connected = connectSocket(peer.port, "127.0.0.1");
    await new Promise((resolve) => connected.once("connect", resolve));
    const duplex = new Duplex({ read() {}, write() {} });
    for (const stream of [new Socket(), connected, duplex, new PassThrough()]) {
      for (
        const make of [
          () => new Connection(stream as never, textLines),
          () => streamTransport(stream as never),
        ]
      ) {
        assert.throws(make, (error) => {
          return error instanceof TypeError && /duplexTransport\(\)/.test(error.message);
        });
      }
      stream.destroy();
    }
    await peer.result;
  },
);

const notDeno = runsOn("deno") ? undefined : "it needs Deno";

/** The members of `Deno.Conn` that these tests use. */
interface DenoConn extends StreamPair {
  close(): void;
}
declare const Deno: {
  connect(where: { hostname: string; port: number }): Promise<DenoConn>;
  listen(where: { hostname: string; port: number }): {
    readonly addr: { readonly port: number };
    accept(): Promise<DenoConn>;
    close(): void;
  };
};

/** Connects with Deno's own function. */
async function denoConn(port: number): Promise<DenoConn> {
  return await Deno.connect({ hostname: "127.0.0.1", port });
}

test(
  ...unless(notDeno, "Connection of a Deno.Conn receives messages after closeWrite()"),
  async () => {
    const peer = await pythonServer(`
    data = to_end(conn)
    time.sleep(0.05)
    conn.sendall(b"late\\nlater\\n")
    conn.close()
    done(data.decode())
  `);
    const connection = new Connection(await denoConn(peer.port), textLines);
    assert.equal(connection.remoteAddress?.port, peer.port);
    assert.ok(connection.localAddress);
    await connection.send("one");
    await connection.closeWrite();
    assert.equal(await connection.receive(), "late");
    assert.equal(await connection.receive(), "later");
    assert.equal(await connection.receive(), undefined);
    await connection.close();
    assert.equal(await connection.closed, "local");
    assert.equal(await peer.result, "one\n");
  },
);

test(
  ...unless(notDeno, "Connection of a Deno.Conn ends cleanly in every way"),
  async () => {
    const peer = await pythonListener(`
    for how in ("close", "abort", "end", "reset"):
        conn = accept()
        conn.sendall(b"hello\\n")
        if how == "reset":
            exactly(conn, 3)
            reset(conn)
        elif how == "end":
            conn.shutdown(socket.SHUT_WR)
            say(to_end(conn).decode())
        else:
            until_gone(conn)
    done(True)
  `);
    const next = async () => {
      const connection = new Connection(await denoConn(peer.port), textLines);
      assert.equal(await connection.receive(), "hello");
      return connection;
    };
    const closed = await next();
    const waiting = closed.receive();
    await closed.close();
    assert.equal(await waiting, undefined);
    assert.equal(await closed.closed, "local");
    const aborted = await next();
    const receiving = failureOf(aborted.receive());
    aborted.abort();
    assert.equal((await receiving).code, "aborted");
    const ended = await next();
    assert.equal(await ended.receive(), undefined);
    await ended.send("bye");
    await ended.close();
    assert.equal(await peer.said(), "bye\n");
    assert.equal(await ended.closed, "remote");
    const lost = await next();
    const failing = failureOf(lost.receive());
    await lost.send("go");
    assert.equal((await failing).code, "reset");
    await peer.result;
    await turn();
  },
);

test(
  ...unless(notDeno, "Connection of a Deno.Conn that was accepted exchanges messages"),
  async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [one, other] = (await Promise.all([denoConn(listener.addr.port), listener.accept()]))
      .map((conn) => new Connection(conn, textLines));
    listener.close();
    const long = "x".repeat(500_000);
    void one!.send(long);
    void other!.send("short");
    assert.equal(await one!.receive(), "short");
    assert.equal(await other!.receive(), long);
    await Promise.all([one!.close(), other!.close()]);
  },
);
