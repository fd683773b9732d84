import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as netConnect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { test } from "node:test";
import {
  Connection,
  fixed,
  lengthPrefixed,
  type StreamPair,
  streamTransport,
  uint32,
} from "../../mod.ts";
import { authority } from "../support/certificates.ts";
import { runsOn } from "../support/child.ts";
import { failureOf, textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { pattern, pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { standardStreams } from "../support/standard_streams.ts";
import { unless } from "../support/unless.ts";

const notDeno = runsOn("deno") ? undefined : "not on Deno";

/** Starts a child process, and returns its standard streams as a pair and a function that kills it. */
function childPair(...command: [string, ...string[]]): [StreamPair, () => Promise<unknown>] {
  const [child, pair] = standardStreams(...command);
  const exited = once(child, "close");
  const kill = () => {
    child.kill("SIGKILL");
    return exited;
  };
  return [pair, kill];
}

async function openSocket(port: number): Promise<Socket> {
  const socket = netConnect({ host: "127.0.0.1", port, allowHalfOpen: true });
  await once(socket, "connect");
  return socket;
}

test("Connection over a child process exchanges messages, and ends with it", bounded, async () => {
  const [pair] = childPair("cat");
  const connection = new Connection(pair, { framer: lengthPrefixed(uint32) });
  const message = pattern(1 << 20);
  void connection.send(message);
  assert.deepEqual(await connection.receive(), message);
  await connection.closeWrite();
  assert.equal(await connection.receive(), undefined);
  assert.equal(await connection.closed, "local");
});

// The streams of Node 24 and 26 continue to accept writes to a child process that is gone.
const accepts = runsOn("node") && Number.parseInt(process.versions.node) >= 24;
const blind = accepts ? "this version of Node does not report it" : undefined;

test(...unless(blind, 'Connection.send() to a dead child process fails with "reset"'), async () => {
  const [pair, kill] = childPair("cat");
  const connection = new Connection(pair, { framer: fixed(65_536) });
  await connection.send(new Uint8Array(65_536));
  assert.equal((await connection.receive())?.length, 65_536);
  await kill();
  const error = await failureOf((async () => {
    for (;;) {
      await connection.send(new Uint8Array(65_536));
      await connection.flush();
    }
  })());
  assert.equal(error.code, "reset", error.stack);
  assert.equal(await connection.closed, "reset");
});

test("Connection.abort() over a child process ends it", bounded, async () => {
  const [pair] = childPair("cat");
  const connection = new Connection(pair, textLines);
  await connection.send("hello");
  assert.equal(await connection.receive(), "hello");
  connection.abort();
  assert.equal(await connection.closed, "aborted");
});

test("Connection over Duplex.toWeb() of a socket exchanges messages", bounded, async () => {
  const peer = await pythonServer(`
    data = exactly(conn, 6)
    conn.sendall(data + b"bye\\n")
    conn.close()
    done(data.decode())
  `);
  const socket = await openSocket(peer.port);
  const connection = new Connection(Duplex.toWeb(socket), textLines);
  await connection.send("hello");
  assert.equal(await connection.receive(), "hello");
  assert.equal(await connection.receive(), "bye");
  assert.equal(await peer.result, "hello\n");
  connection.abort();
});

test(
  "Connection rejects a bare socket of Node with an error that names duplexTransport()",
  bounded,
  async () => {
    const peer = await pythonServer("done(until_gone(conn))");
    const socket = await openSocket(peer.port);
    assert.throws(() => new Connection(socket as unknown as StreamPair, textLines), {
      name: "TypeError",
      message: /a Node stream: use duplexTransport\(\)/,
    });
    socket.destroy();
    await peer.result;
  },
);

test(
  ...unless(
    runsOn("bun") ? undefined : "it needs Bun",
    "Connection rejects a socket of Bun with an error that names duplexTransport()",
  ),
  async () => {
    const peer = await pythonServer("done(until_gone(conn))");
    const { Bun } = globalThis as unknown as {
      readonly Bun: {
        connect(options: object): Promise<{ terminate(): void }>;
      };
    };
    const handlers = { data() {} };
    const socket = await Bun.connect({ hostname: "127.0.0.1", port: peer.port, socket: handlers });
    assert.throws(() => new Connection(socket as unknown as StreamPair, textLines), {
      name: "TypeError",
      message: /^Cannot create transport: an? \w+ is a socket of Bun: use duplexTransport\(\)$/,
    });
    socket.terminate();
    await peer.result;
  },
);

// Declares the parts of Deno that are used, so that no runtime's types are needed.
interface DenoConn extends StreamPair {
  close(): void;
}
interface DenoProcess {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly status: Promise<unknown>;
  kill(signal: string): void;
}
interface DenoGlobal {
  connect(options: { readonly port: number }): Promise<DenoConn>;
  connectTls(options: {
    readonly hostname: string;
    readonly port: number;
    readonly caCerts: readonly string[];
  }): Promise<DenoConn>;
  readonly Command: new (
    command: string,
    options: { readonly stdin: "piped"; readonly stdout: "piped" },
  ) => { spawn(): DenoProcess };
}
const { Deno } = globalThis as unknown as { readonly Deno: DenoGlobal };

test(
  ...unless(notDeno, "Connection over a Deno.Conn receives a reply after closeWrite()"),
  async () => {
    const peer = await pythonServer(`
    data = to_end(conn)
    time.sleep(0.1)
    conn.sendall(data * 2)
    conn.close()
    done(len(data))
  `);
    const connection = new Connection(await Deno.connect({ port: peer.port }), textLines);
    assert.equal(connection.remoteAddress?.port, peer.port);
    assert.equal(connection.tls, undefined);
    await connection.send("hello");
    await connection.closeWrite();
    assert.equal(await connection.receive(), "hello");
    assert.equal(await connection.receive(), "hello");
    assert.equal(await connection.receive(), undefined);
    assert.equal(await connection.closed, "local");
    assert.equal(await peer.result, 6);
  },
);

test(
  ...unless(notDeno, "Connection over a Deno.Conn that was closed by its owner can be closed"),
  async () => {
    const peer = await pythonServer("done(until_gone(conn))");
    const conn = await Deno.connect({ port: peer.port });
    const connection = new Connection(conn, textLines);
    conn.close();
    connection.abort();
    await connection.close();
    assert.equal(await peer.result, 0);
  },
);

test(
  ...unless(notDeno, "Connection over a Deno.TlsConn reports TLS and truncation"),
  async () => {
    const peer = await pythonServer(withTls(`
    conn = tls_server(conn)
    conn.sendall(b"one\\n")
    conn.shutdown(socket.SHUT_WR)
    until_gone(conn)
    done(True)
  `));
    const { port } = peer;
    const conn = await Deno.connectTls({ hostname: "localhost", port, caCerts: [authority.cert] });
    const connection = new Connection(conn, textLines);
    assert.equal(connection.tls?.authorized, false);
    assert.equal(await connection.receive(), "one");
    assert.equal((await failureOf(connection.receive())).code, "truncated");
    await peer.result;
  },
);

test(
  ...unless(
    notDeno,
    "Connection over a Deno.ChildProcess exchanges messages, and fails when it is killed",
  ),
  async () => {
    const child = new Deno.Command("cat", { stdin: "piped", stdout: "piped" }).spawn();
    const pair = { readable: child.stdout, writable: child.stdin };
    const connection = new Connection(pair, textLines);
    await connection.send("hello");
    assert.equal(await connection.receive(), "hello");
    child.kill("SIGKILL");
    await child.status;
    const error = await failureOf((async () => {
      for (;;) {
        await connection.send("more");
        await connection.flush();
      }
    })());
    assert.equal(error.code, "reset", error.stack);
  },
);

test("streamTransport() reports the end of a child process that has exited", bounded, async () => {
  const [pair] = childPair("sh", "-c", "printf hello");
  const transport = streamTransport(pair);
  const parts: number[] = [];
  for (let part; (part = await transport.read()) !== undefined;) parts.push(...part);
  assert.equal(String.fromCharCode(...parts), "hello");
  transport.close();
});

test(
  "streamTransport() copies chunks of shared memory, and returns a Buffer as a Uint8Array",
  bounded,
  async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(7);
    const buffer = Buffer.from("hello");
    const readable = new ReadableStream({
      start(controller) {
        for (const chunk of [shared, shared.buffer, buffer]) controller.enqueue(chunk);
      },
    });
    const transport = streamTransport({ readable, writable: new WritableStream() });
    const chunks = [await transport.read(), await transport.read(), await transport.read()];
    shared.fill(0);
    assert.deepEqual(chunks.slice(0, 2), [Uint8Array.of(7, 7, 7), Uint8Array.of(7, 7, 7)]);
    assert.equal(chunks[2]!.constructor, Uint8Array);
    assert.equal(chunks[2]!.buffer, buffer.buffer);
    transport.close();
  },
);
