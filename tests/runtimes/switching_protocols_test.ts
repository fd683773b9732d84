import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  connect,
  Connection,
  type ConnectOptions,
  fixed,
  FrameEncoder,
  lengthPrefixed,
  lines,
  listen,
  type ListenOptions,
  netstring,
  type Protocol,
  text,
  type Transport,
  TruncatedFrameError,
  uint16,
  uint32,
  untilClose,
  varint,
} from "../../mod.ts";
import { closeAll, pair, textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { message, same } from "../support/messages.ts";
import {
  dedent,
  pattern,
  pythonClient,
  pythonListener,
  type PythonPeer,
  pythonServer,
} from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { textOf, utf8 } from "../support/streams.ts";
import { identity, trusting } from "../support/tls.ts";

const frames = { framer: lengthPrefixed(uint32), maxFrameLength: Infinity };

/** Reads a transport to its end. */
async function restOf(transport: Transport): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let chunk = await transport.read(); chunk; chunk = await transport.read()) {
    chunks.push(chunk);
  }
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

test("Connection.switchTo() switches both ends within one segment", bounded, async () => {
  const [client, server] = await pair(textLines);
  const messages = Array.from({ length: 20 }, (_, number) => message(number));
  void client.send("HELLO");
  assert.equal(await server.receive(), "HELLO");
  void server.send("OK");
  const other = server.switchTo(frames);
  for (const message of messages) void other.send(message);
  assert.equal(await client.receive(), "OK");
  const one = client.switchTo(frames);
  for (const message of messages) void one.send(message);
  for (const end of [one, other]) {
    for (const message of messages) assert.ok(same(await end.receive(), message));
  }
  await closeAll(one, other);
});

test("Connection.switchTo() does not affect a pending receive", bounded, async () => {
  const [client, server] = await pair(textLines);
  void client.send("HELLO");
  const greeting = client.receive();
  const one = client.switchTo(frames);
  void one.send(message(1));
  assert.equal(await server.receive(), "HELLO");
  void server.send("OK");
  const other = server.switchTo(frames);
  void other.send(message(2));
  assert.ok(same(await other.receive(), message(1)));
  assert.equal(await greeting, "OK");
  assert.ok(same(await one.receive(), message(2)));
  await closeAll(one, other);
});

test(
  "Connection.switchTo() switches at the same byte, wherever the stream is cut",
  bounded,
  async () => {
    const stream = "OK\n\0\0\0\x03a\nb\0\0\0\0".replaceAll("\n", "\\n").replaceAll("\0", "\\0");
    const peer = await pythonListener(`
    stream = b"${stream}"
    for cut in range(1, len(stream)):
        conn = accept()
        pieces(conn, stream[:cut], stream[cut:])
        if to_end(conn) != b"HELLO\\n\\0\\0\\0\\x01\\n":
            raise RuntimeError("cut at %d" % cut)
        conn.close()
    done(True)
  `);
    for (let cut = 1; cut < 14; cut++) {
      const greeting = await connect({ port: peer.port, ...textLines });
      void greeting.send("HELLO");
      assert.equal(await greeting.receive(), "OK");
      const connection = greeting.switchTo(frames);
      assert.deepEqual(await connection.receive(), utf8("a\nb"));
      assert.deepEqual(await connection.receive(), new Uint8Array(0));
      await connection.send(Uint8Array.of(10));
      await connection.close();
    }
    assert.equal(await peer.result, true);
  },
);

test("Connection.switchTo() continues where a loop over lines stopped", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"HTTP/1.1 200 OK\\r\\nX: y\\r\\n\\r\\nbody\\n\\nof it")
    conn.close()
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...textLines });
  const header: string[] = [];
  for await (const line of connection) {
    if (line === "") break;
    header.push(line);
  }
  assert.deepEqual(header, ["HTTP/1.1 200 OK", "X: y"]);
  const body = connection.switchTo({ framer: untilClose(), codec: text() });
  assert.equal(await body.receive(), "body\n\nof it");
  await connection.close();
});

test(
  "Connection.switchTo() keeps counting offsets from the beginning of the stream",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"HELLO\\n\\0\\0\\0\\1x\\0\\0\\0\\5ab")
    conn.close()
    done(True)
  `);
    const greeting = await connect({ port: peer.port, ...textLines });
    assert.equal(await greeting.receive(), "HELLO");
    const connection = greeting.switchTo(frames);
    assert.equal(textOf(await connection.receive()), "x");
    const error = await connection.receive().then(() => undefined, (error) => error);
    assert.ok(error instanceof TruncatedFrameError, `${error}`);
    assert.deepEqual([error.offset, error.partial.length, error.expectedLength], [11, 6, 9]);
    await connection.close();
  },
);

test(
  "Connection.detach() returns buffered bytes first, then the rest of the stream",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"HELLO\\nread ")
    wait()
    conn.sendall(b"ahead, and more")
    conn.close()
    done(True)
  `);
    const connection = await connect({ port: peer.port, ...textLines });
    assert.equal(await connection.receive(), "HELLO");
    const transport = connection.detach();
    const ahead = await transport.read();
    peer.go();
    assert.equal(textOf(ahead)! + textOf(await restOf(transport)), "read ahead, and more");
    assert.equal(await transport.read(), undefined);
    transport.close();
    await peer.result;
  },
);

test("Connection.detach() returns all bytes of an unfinished frame", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"\\0\\0\\0\\1x\\0\\0\\0\\5ab")
    conn.close()
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...frames });
  assert.equal(textOf(await connection.receive()), "x");
  const controller = new AbortController();
  const aborted = connection.receive({ signal: controller.signal });
  controller.abort();
  await assert.rejects(aborted);
  const transport = connection.detach();
  assert.deepEqual(await restOf(transport), Uint8Array.of(0, 0, 0, 5, 0x61, 0x62));
  transport.close();
  await peer.result;
});

test("Connection.detach() writes after everything that was sent", bounded, async () => {
  const peer = await pythonServer(`
    wait()
    data = to_end(conn)
    conn.sendall(b"bye")
    conn.close()
    done([len(data), hashlib.sha1(data).hexdigest()])
  `);
  const connection = await connect({ port: peer.port, ...frames });
  const payload = pattern(8 << 20);
  void connection.send(payload);
  const small = connection.send(Uint8Array.of(1, 2, 3));
  small.catch(() => {});
  const transport = connection.detach();
  const writing = transport.write([utf8("and the rest")]);
  peer.go();
  await writing;
  await transport.closeWrite();
  assert.equal(textOf(await restOf(transport)), "bye");
  transport.close();
  const hash = createHash("sha1")
    .update(Uint8Array.of(0, 128, 0, 0)).update(payload)
    .update(Uint8Array.of(0, 0, 0, 3, 1, 2, 3)).update("and the rest");
  assert.deepEqual(await peer.result, [payload.length + 4 + 7 + 12, hash.digest("hex")]);
});

test("Connection.detach() ends the stream after everything that was sent", bounded, async () => {
  const peer = await pythonServer(`done(len(to_end(conn)))`);
  const connection = await connect({ port: peer.port, ...frames });
  void connection.send(pattern(4 << 20));
  const transport = connection.detach();
  await transport.closeWrite();
  assert.equal(await transport.read(), undefined);
  transport.close();
  assert.equal(await peer.result, (4 << 20) + 4);
});

test("Connection.detach() loses nothing after an aborted receive", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"one\\n")
    wait()
    conn.sendall(b"two\\nthree")
    conn.close()
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...textLines });
  assert.equal(await connection.receive(), "one");
  const controller = new AbortController();
  // The read of this call continues after the abort.
  const aborted = connection.receive({ signal: controller.signal });
  controller.abort();
  await assert.rejects(aborted, { name: "AbortError" });
  const transport = connection.detach();
  const reading = transport.read();
  peer.go();
  assert.equal(textOf(await reading)! + textOf(await restOf(transport)), "two\nthree");
  transport.close();
  await peer.result;
});

test("Connection.detach() rejects pending receives and keeps their bytes", bounded, async () => {
  const peer = await pythonServer(`
    wait()
    conn.sendall(b"one\\ntwo\\n")
    conn.close()
    done(True)
  `);
  const first = await connect({ port: peer.port, ...textLines });
  const waiting = first.receive();
  const refused = assert.rejects(waiting, () => true);
  const second = new Connection(first.detach(), textLines);
  peer.go();
  await refused;
  assert.equal(await second.receive(), "one");
  assert.equal(await second.receive(), "two");
  assert.equal(await second.receive(), undefined);
  await second.close();
  await peer.result;
});

test("Connection.detach() after the peer's end returns the end", bounded, async () => {
  const peer = await pythonServer(`
    conn.sendall(b"one\\n")
    conn.shutdown(socket.SHUT_WR)
    done(to_end(conn).decode())
  `);
  const connection = await connect({ port: peer.port, ...textLines });
  assert.equal(await connection.receive(), "one");
  assert.equal(await connection.receive(), undefined);
  const transport = connection.detach();
  assert.equal(await transport.read(), undefined);
  await transport.write([utf8("two")]);
  await transport.closeWrite();
  transport.close();
  assert.equal(await peer.result, "two");
});

test("Connection rejects every call after detach()", bounded, async () => {
  const [client, server] = await pair(textLines);
  const transport = client.detach();
  await assert.rejects(client.receive(), () => true);
  await assert.rejects(client.send("one"), () => true);
  assert.throws(() => client.detach());
  // These calls do not affect the transport, which has a new owner.
  await client.close().catch(() => {});
  client.abort();
  const next = new Connection(transport, textLines);
  await next.send("two");
  assert.equal(await server.receive(), "two");
  await server.send("three");
  assert.equal(await next.receive(), "three");
  await closeAll(next, server);
});

test("Connection.detach() returns a transport that can start TLS", bounded, async () => {
  const [client, server] = await pair(textLines);
  const serving = (async () => {
    assert.equal(await server.receive(), "STARTTLS");
    void server.send("go ahead");
    return await server.detach().startTls!(identity);
  })();
  await client.send("STARTTLS");
  assert.equal(await client.receive(), "go ahead");
  const transports = await Promise.all([client.detach().startTls!(trusting), serving]);
  const [one, other] = transports.map((transport) => new Connection(transport, textLines));
  assert.equal(one!.tls !== undefined, true);
  await one!.send("one");
  assert.equal(await other!.receive(), "one");
  await closeAll(one!, other!);
});

test(
  "Connection.detach() returns a transport that refuses TLS while plain text is buffered",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"go ahead\\nINJECTED\\n")
    until_gone(conn)
    done(True)
  `);
    const connection = await connect({ port: peer.port, ...textLines });
    assert.equal(await connection.receive(), "go ahead");
    const transport = connection.detach();
    await assert.rejects(transport.startTls!(trusting), TypeError);
    assert.equal(textOf(await transport.read()), "INJECTED\n");
    transport.close();
    await peer.result;
  },
);

/** A part of a conversation: several messages in one protocol. */
interface Stage {
  readonly protocol: Protocol;
  readonly messages: readonly Uint8Array[];
  readonly detaches: boolean;
}

const protocols: readonly ((size: number) => Protocol)[] = [
  () => ({ framer: lines() }),
  () => ({ framer: lengthPrefixed(uint16) }),
  () => ({ framer: lengthPrefixed(varint) }),
  () => ({ framer: netstring() }),
  (size) => ({ framer: fixed(size) }),
];

/** Returns a generator of pseudorandom integers below a limit, the same in every run. */
function dice(seed: number): (limit: number) => number {
  let state = seed + 1;
  return (limit) => (state = state * 48_271 % 2_147_483_647) % limit;
}

/** Returns a conversation in many protocols, and its bytes. */
function conversation(roll: (limit: number) => number): [stages: Stage[], stream: Uint8Array] {
  const stages = Array.from({ length: 40 }, (): Stage => {
    const [kind, size] = [roll(protocols.length), 1 + roll(120)];
    const protocol = protocols[kind]!(size);
    const messages = Array.from({ length: 1 + roll(8) }, () => {
      // Letters only, since a line cannot contain LF.
      return new Uint8Array(kind === 4 ? size : roll(size)).map(() => 97 + roll(26));
    });
    return { protocol, messages, detaches: roll(2) === 0 };
  });
  const bytes = stages.flatMap(({ protocol, messages }) => {
    const encoder = new FrameEncoder(protocol);
    for (const message of messages) encoder.write(message);
    return encoder.drain().flatMap((chunk) => [...chunk]);
  });
  return [stages, Uint8Array.from(bytes)];
}

/** Runs a whole conversation: sends back every message in the protocol in which it was received. */
async function converse(
  first: Connection,
  stages: readonly Stage[],
  roll: (limit: number) => number,
): Promise<void> {
  let connection = first;
  for (const [index, { protocol, messages, detaches }] of stages.entries()) {
    connection = detaches
      ? new Connection(connection.detach(), protocol)
      : connection.switchTo(protocol);
    for (const message of messages) {
      const controller = new AbortController();
      const receiving = connection.receive({ signal: controller.signal });
      if (roll(3) === 0) controller.abort();
      const received = await receiving.catch(() => connection.receive());
      assert.deepEqual(received, message, `stage ${index}`);
      const sent = connection.send(message);
      if (roll(3) === 0) await sent;
    }
  }
  assert.equal(await connection.receive(), undefined);
  await connection.close();
}

/** Returns Python code that sends a stream in random pieces, and expects it back. */
function speaker(stream: Uint8Array, seed: number, tls: string): string {
  const hex = Array.from(stream, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return withTls(`${tls}${
    dedent(`
      import random
      dice = random.Random(${seed})
      stream = bytes.fromhex("${hex}")
      conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

      def speak():
          at = 0
          while at < len(stream):
              size = dice.choice([1, 2, 3, 7, 50, 400])
              conn.sendall(stream[at:at + size])
              at += size
              if dice.random() < 0.5:
                  time.sleep(0.0005)

      # Reads after sending everything: until then the replies fit into the kernel's buffers.
      speak()
      received = exactly(conn, len(stream))
      ${tls === "" ? "conn.shutdown(socket.SHUT_WR)" : "conn.unwrap()"}
      done(received == stream and to_end(conn) == b"")
    `)
  }`);
}

for (const [name, tls] of [["", false], [" over TLS", true]] as const) {
  test(`Connection changes protocol 40 times without losing a byte${name}`, bounded, async () => {
    for (let seed = 0; seed < 4; seed++) {
      const roll = dice(seed * 2 + Number(tls));
      const [stages, stream] = conversation(roll);
      let connection: Connection;
      let peer: PythonPeer;
      const start: ConnectOptions & ListenOptions & Protocol = { framer: lines() };
      if (seed % 2 === 0) {
        const body = speaker(stream, seed, tls ? "conn = tls_server(conn)\n" : "");
        peer = await pythonServer(body);
        connection = await connect({ ...start, port: peer.port, tls: tls && trusting });
      } else {
        const listener = await listen(tls ? { ...start, tls: identity } : start);
        const body = speaker(stream, seed, tls ? "conn = tls_client(conn)\n" : "");
        const accepting = listener.accept();
        peer = await pythonClient(listener.address.port, body);
        connection = (await accepting)!;
        listener.close();
      }
      await converse(connection, stages, roll);
      assert.equal(await peer.result, true, `seed ${seed}`);
    }
  });
}
