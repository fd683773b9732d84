import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  Connection,
  ConnectionError,
  fixed,
  FrameDecoderStream,
  type Framer,
  json,
  lengthPrefixed,
  lines,
  listen,
  type Protocol,
  readFrames,
  text,
  type Transport,
  uint8,
} from "../../mod.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { textLines } from "../support/connections.ts";
import { batches, cuts, faces, receiving, sizes } from "../support/faces.ts";
import { bounded } from "../support/limits.ts";
import { pythonClient, pythonListener, pythonServer } from "../support/python.ts";
import { withTls } from "../support/python_tls.ts";
import { openStream, streamOf, textOf } from "../support/streams.ts";
import { identity, trusting } from "../support/tls.ts";
import { turn } from "../support/transports.ts";

const triples = { framer: fixed(3), codec: text() };

/** Whether an error says that the call is not allowed in the connection's state. */
function refused(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ConnectionError;
}

/** Reads a transport to its end. */
async function restOf(transport: Transport): Promise<string> {
  let rest = "";
  for (let chunk; (chunk = await transport.read()) !== undefined;) rest += latin1(chunk);
  return rest;
}

for (const face of faces) {
  test(
    `Connection.startTls() refuses plain text that arrived with a message read by ${face.name}`,
    bounded,
    async () => {
      const listener = await listen(textLines);
      const peer = await pythonClient(
        listener.address.port,
        withTls(`
        conn.sendall(b"STARTTLS\\nMAIL FROM:<evil>\\n")
        try:
            exactly(conn, 9)
            tls_client(conn)
        except (ssl.SSLError, OSError, RuntimeError):
            pass
        done(True)
        `),
      );
      const connection = (await listener.accept())!;
      listener.close();
      await face.read(connection, async (line) => {
        assert.equal(line, "STARTTLS");
        await connection.send("go ahead");
        await assert.rejects(connection.startTls(identity), TypeError);
        return true;
      });
      await assert.rejects(connection.startTls(identity), TypeError);
      assert.equal(await connection.receive(), "MAIL FROM:<evil>");
      assert.equal(connection.tls, undefined);
      connection.abort();
      await peer.result;
    },
  );

  test(
    `Connection.detach() after one message read by ${face.name} returns all unread bytes`,
    bounded,
    async () => {
      const stream = "one\ntwo\nthree\nfo";
      const peer = await pythonServer(`
        conn.sendall(b"one\\ntwo\\nthree\\nfo")
        conn.close()
        done(True)
      `);
      const connection = await connect({ port: peer.port, ...textLines });
      await face.read(connection, (line) => line === "one");
      assert.equal(await restOf(connection.detach()), stream.slice(4));
      await peer.result;
      for (const chunks of cuts(bytes(stream))) {
        for (const [last, rest] of [["one", "two\nthree\nfo"], ["two", "three\nfo"]]) {
          const connection = receiving(chunks, textLines);
          await face.read(connection, (line) => line === last);
          assert.equal(await restOf(connection.detach()), rest, `${last}, ${sizes(chunks)}`);
        }
      }
    },
  );

  test(
    `Connection.switchTo() after a message read by ${face.name} works wherever the stream is cut`,
    bounded,
    async () => {
      // The frames of the second protocol contain line feeds.
      for (const chunks of cuts(bytes("hello\nRAW\nab\ncd\n"))) {
        for (const leaves of [true, false]) {
          const connection = receiving(chunks, textLines);
          const frames: string[] = [];
          await face.read(connection, (frame) => {
            frames.push(frame);
            if (frame !== "RAW") return false;
            // If the loop continues, its body switches protocols.
            if (!leaves) connection.switchTo(triples);
            return leaves;
          });
          if (leaves) {
            await face.read(connection.switchTo(triples), (frame) => {
              frames.push(frame);
              return false;
            });
          }
          const how = `${leaves ? "after" : "within"} the loop, ${sizes(chunks)}`;
          assert.deepEqual(frames, ["hello", "RAW", "ab\n", "cd\n"], how);
        }
      }
    },
  );

  test(
    `Connection.switchTo() within onInvalid takes effect with the next frame of ${face.name}`,
    bounded,
    async () => {
      for (const chunks of cuts(bytes("1\nRAW\n2\n34\n5"))) {
        const frames: unknown[] = [];
        const connection: Connection<unknown> = receiving<unknown>(chunks, {
          framer: lines(),
          codec: json(),
          onInvalid: () => void connection.switchTo(triples),
        });
        await face.read(connection, (frame) => {
          frames.push(frame);
          return false;
        });
        assert.deepEqual(frames, [1, "2\n3", "4\n5"], sizes(chunks));
      }
    },
  );
}

/** Visits all frames, and switches protocols after each frame that is a key of `protocols`. */
async function visited(
  connection: Connection,
  protocols: Readonly<Record<string, Protocol>>,
): Promise<string[]> {
  const frames: string[] = [];
  await connection.visit((bytes, start, end) => {
    const frame = latin1(bytes.subarray(start, end));
    frames.push(frame);
    const protocol = protocols[frame];
    if (protocol !== undefined) connection.switchTo(protocol);
  });
  return frames;
}

const raw = { RAW: { framer: fixed(3) } };
const switches: Record<
  string,
  readonly [stream: string, protocols: Readonly<Record<string, Protocol>>, frames: string[]]
> = {
  "once": ["hello\nRAW\nabcdef", raw, ["hello", "RAW", "abc", "def"]],
  "to frames with lengths": [
    "hello\nBIN\n\x03a\nb\x01c",
    { BIN: { framer: lengthPrefixed(uint8) } },
    ["hello", "BIN", "a\nb", "c"],
  ],
  "twice": [
    "hello\nRAW\nabcdefbye\nRAW\nghi",
    { ...raw, def: { framer: lines() } },
    ["hello", "RAW", "abc", "def", "bye", "RAW", "ghi"],
  ],
};
for (const [times, [stream, protocols, frames]] of Object.entries(switches)) {
  test(
    `Connection.switchTo() within visit() takes effect with the next frame: ${times}`,
    bounded,
    async () => {
      for (const chunks of cuts(bytes(stream))) {
        const connection = receiving(chunks, { framer: lines() });
        assert.deepEqual(await visited(connection, protocols), frames, sizes(chunks));
        // The first frame is received, so that others may be buffered when the visit begins.
        const later = receiving(chunks, { framer: lines() });
        assert.equal(textOf(await later.receive()), frames[0]);
        assert.deepEqual(await visited(later, protocols), frames.slice(1), sizes(chunks));
      }
    },
  );
}

test(
  "Connection.switchTo() within visit() takes effect with the next frame over a socket",
  bounded,
  async () => {
    const peer = await pythonListener(`
    for parts in ((b"hello\\nRAW\\nabcdef",), (b"hello\\n", b"RAW\\nabcdef"), (b"hello\\nRAW\\n", b"abcdef")):
        conn = accept()
        pieces(conn, *parts)
        conn.close()
    done(True)
  `);
    for (let count = 0; count < 3; count++) {
      const connection = await connect({ port: peer.port, framer: lines() });
      assert.deepEqual(await visited(connection, raw), ["hello", "RAW", "abc", "def"]);
      await connection.close();
    }
    await peer.result;
  },
);

test(
  "Connection.switchTo() within visit() does not affect receives that were already pending",
  bounded,
  async () => {
    for (const chunks of cuts(bytes("one\ntwo\nhello\nRAW\nabcdef"))) {
      const connection = receiving(chunks, { framer: lines() });
      const received = [connection.receive(), connection.receive()];
      const frames = visited(connection, raw);
      const last = connection.receive();
      assert.deepEqual((await Promise.all(received)).map(textOf), ["one", "two"], sizes(chunks));
      assert.deepEqual(await frames, ["hello", "RAW", "abc", "def"], sizes(chunks));
      assert.equal(await last, undefined);
    }
  },
);

test(
  "Connection.switchTo() within onInvalid takes effect with the next visited frame",
  bounded,
  async () => {
    for (const chunks of cuts(bytes("ok\n12345678\nabcdef"))) {
      const connection: Connection = receiving(chunks, {
        framer: lines(),
        maxFrameLength: 4,
        onInvalid: () => void connection.switchTo(raw.RAW),
      });
      assert.deepEqual(await visited(connection, {}), ["ok", "abc", "def"], sizes(chunks));
    }
  },
);

test(
  "Connection.switchTo() within onInvalid gives pending receives the same messages in every cut",
  bounded,
  async () => {
    let expected: unknown[] | undefined;
    for (const chunks of cuts(bytes("1\nRAW\n234\n567\n"))) {
      const connection: Connection<unknown> = receiving<unknown>(chunks, {
        framer: lines(),
        codec: json(),
        onInvalid: () => void connection.switchTo(triples),
      });
      const waiting = [1, 2, 3].map(() => connection.receive());
      const messages = await Promise.all(waiting);
      expected ??= messages;
      assert.equal(messages[0], 1);
      assert.deepEqual(messages, expected, sizes(chunks));
    }
  },
);

test(
  "Connection.switchTo() does not affect pending receives, wherever the stream is cut",
  bounded,
  async () => {
    for (const chunks of cuts(bytes("one\ntwo\nabc"))) {
      const connection = receiving(chunks, textLines);
      const waiting = [connection.receive(), connection.receive()];
      const next = connection.switchTo(triples);
      const last = next.receive();
      assert.deepEqual(await Promise.all([...waiting, last]), ["one", "two", "abc"], sizes(chunks));
    }
  },
);

test(
  "Connection.startTls() rejects within visit(), wherever the stream is cut",
  bounded,
  async () => {
    for (const buffered of [true, false]) {
      const peer = await pythonServer(`
      conn.sendall(b"EHLO\\n${buffered ? "STARTTLS\\n" : ""}")
      wait()
      conn.sendall(b"${buffered ? "" : "STARTTLS\\n"}")
      conn.close()
      done(True)
    `);
      const connection = await connect({ port: peer.port, ...textLines });
      assert.equal(await connection.receive(), "EHLO");
      const errors: Promise<unknown>[] = [];
      const visiting = connection.visit(() => {
        errors.push(connection.startTls(trusting).then(() => "TLS", (error) => error));
      });
      peer.go();
      await visiting.catch(() => {});
      assert.equal(errors.length, 1);
      const error = await errors[0];
      assert.ok(error instanceof TypeError, `buffered: ${buffered}, ${error}`);
      assert.equal(connection.tls, undefined);
      connection.abort();
      await peer.result;
    }
  },
);

test(
  "Connection.detach() within visit() returns all unread bytes, or throws",
  bounded,
  async () => {
    for (const chunks of cuts(bytes("one\ntwo\nthr"))) {
      const connection = receiving(chunks, { framer: lines() });
      let transport: Transport | undefined;
      const frames: string[] = [];
      const visiting = connection.visit((bytes, start, end) => {
        frames.push(latin1(bytes.subarray(start, end)));
        if (frames.length > 1) return;
        try {
          transport = connection.detach();
        } catch (error) {
          assert.ok(refused(error), `${error}`);
        }
      });
      if (transport === undefined) await visiting.catch(() => {});
      else visiting.catch(() => {});
      const rest = transport === undefined ? "" : await restOf(transport);
      const all = transport === undefined ? ["one", "two", "thr"] : ["one"];
      assert.deepEqual([frames, rest], [all, transport && "two\nthr" || ""], sizes(chunks));
    }
  },
);

const waits: Readonly<Record<string, (connection: Connection<string>) => Promise<unknown>>> = {
  "receive()": (connection) => connection.receive(),
  "next()": (connection) => connection.next(),
  "batches()": (connection) => connection.batches().next(),
  "visit()": (connection) => connection.visit(() => {}),
  "a reader of readable": (connection) => connection.readable.getReader().read(),
  "readable.pipeTo()": (connection) => connection.readable.pipeTo(new WritableStream()),
};
for (const [name, wait] of Object.entries(waits)) {
  test(`Connection.startTls() rejects while ${name} is pending`, bounded, async () => {
    const listener = await listen(textLines);
    const client = await connect({ ...listener.address, ...textLines });
    const server = (await listener.accept())!;
    listener.close();
    const waiting = wait(client);
    await turn();
    await assert.rejects(client.startTls(trusting), TypeError);
    assert.equal(client.tls, undefined);
    await server.send("one");
    const closing = server.close();
    await waiting;
    await client.close();
    await closing;
  });
}

for (
  const [how, sent] of Object.entries({
    "with nothing after it": "one\\n",
    "followed by another one": "one\\ntwo\\n",
    "followed by part of another one": "one\\nt",
  })
) {
  test(
    `Connection cannot switch, detach or start TLS while batches() is iterated: a message ${how}`,
    bounded,
    async () => {
      const peer = await pythonServer(`
        conn.sendall(b"${sent}")
        exactly(conn, 3)
        conn.sendall(b"abc")
        conn.close()
        done(True)
      `);
      const connection = await connect({ port: peer.port, ...textLines });
      let left = "";
      for await (const batch of connection.batches()) {
        assert.equal(batch[0], "one");
        assert.throws(() => connection.switchTo(triples), TypeError);
        assert.throws(() => connection.detach(), TypeError);
        await assert.rejects(connection.startTls(trusting), TypeError);
        left = sent.replaceAll("\\n", "\n").slice(batch.join("\n").length + 1);
        break;
      }
      const next = connection.switchTo(triples);
      // The rejected calls have changed nothing, in either direction.
      await next.send("go!");
      assert.equal(await next.receive(), `${left}abc`.slice(0, 3));
      assert.equal(await restOf(next.detach()), `${left}abc`.slice(3));
      await peer.result;
    },
  );
}

const leaves: Readonly<Record<string, (connection: Connection<number>) => Promise<void>>> = {
  async "was left by break"(connection) {
    for await (const _ of connection.batches()) break;
  },
  async "was left by an error in its body"(connection) {
    const iterate = async () => {
      for await (const _ of connection.batches()) throw new Error("body");
    };
    await assert.rejects(iterate(), /body/);
  },
  async "was left by return()"(connection) {
    const iterator = connection.batches();
    await iterator.next();
    assert.throws(() => connection.switchTo(triples), TypeError);
    await iterator.return!();
  },
  async "failed"(connection) {
    const iterate = async () => {
      for await (const _ of connection.batches());
    };
    await assert.rejects(iterate(), { name: "CodecError" });
  },
  async "never began"(connection) {
    void connection.batches();
    await connection.receive();
  },
};
for (const [how, leave] of Object.entries(leaves)) {
  test(
    `Connection can switch protocols and detach after a loop over batches() that ${how}`,
    bounded,
    async () => {
      const stream = "1\n{\nabcd";
      for (const chunks of cuts(bytes(stream))) {
        const connection = receiving(chunks, { framer: lines(), codec: json<number>() });
        await leave(connection);
        const rest = await restOf(connection.switchTo(triples).detach());
        assert.ok(rest.endsWith("abcd") && stream.endsWith(rest), `${rest}, ${sizes(chunks)}`);
      }
    },
  );
}

test(
  "Connection can switch protocols and detach after a loop over batches() that reached the end",
  bounded,
  async () => {
    const connection = receiving([bytes("1\n2\n3")], { framer: lines(), codec: json<number>() });
    const numbers: number[] = [];
    for await (const batch of connection.batches()) numbers.push(...batch);
    assert.deepEqual(numbers, [1, 2, 3]);
    assert.equal(await connection.switchTo(triples).receive(), undefined);
    assert.equal(await restOf(connection.detach()), "");
  },
);

test("Connection.startTls() succeeds after a loop over batches() was left", bounded, async () => {
  const peer = await pythonServer(withTls(`
    conn.sendall(b"one\\ngo ahead\\n")
    if exactly(conn, 9) != b"STARTTLS\\n":
        raise RuntimeError("TLS has begun too early")
    conn = tls_server(conn)
    conn.sendall(b"hello\\n")
    data = to_end(conn)
    conn.unwrap()
    done(data.decode())
  `));
  const connection = await connect({ port: peer.port, ...textLines });
  const received: string[] = [];
  for await (const batch of connection.batches()) {
    received.push(...batch);
    await assert.rejects(connection.startTls(trusting), TypeError);
    if (batch.includes("go ahead")) break;
  }
  assert.deepEqual(received, ["one", "go ahead"]);
  await connection.send("STARTTLS");
  await connection.startTls(trusting);
  assert.equal(await connection.receive(), "hello");
  await connection.send("bye");
  await connection.close();
  assert.equal(await peer.result, "bye\n");
});

test("Connection.detach() throws during startTls()", bounded, async () => {
  const peer = await pythonServer(withTls(`
    exactly(conn, 9)
    say(conn.recv(1, socket.MSG_PEEK)[0])
    wait()
    conn = tls_server(conn)
    conn.sendall(b"hello\\n")
    data = to_end(conn)
    conn.unwrap()
    done(data.decode())
  `));
  const connection = await connect({ port: peer.port, ...textLines });
  await connection.send("STARTTLS");
  const starting = connection.startTls(trusting);
  assert.throws(() => connection.detach(), refused);
  assert.equal(await peer.said(), 22);
  assert.throws(() => connection.detach(), refused);
  peer.go();
  await starting;
  assert.equal(await connection.receive(), "hello");
  await connection.send("bye");
  await connection.close();
  assert.equal(await peer.result, "bye\n");
});

test("Connection.detach() and startTls() fail during close()", bounded, async () => {
  const peer = await pythonServer(`
    wait()
    say(to_end(conn).decode())
    wait()
    conn.close()
    done(True)
  `);
  const connection = await connect({ port: peer.port, ...textLines });
  void connection.send("bye");
  const closing = connection.close();
  const refuse = async () => {
    assert.throws(() => connection.detach(), refused);
    await assert.rejects(connection.startTls(trusting), refused);
  };
  await refuse();
  peer.go();
  assert.equal(await peer.said(), "bye\n");
  await refuse();
  peer.go();
  await closing;
  await refuse();
  assert.equal(await connection.closed, "local");
  await peer.result;
});

test(
  "Connection.send() is in plain text before a client's startTls() and encrypted during it",
  bounded,
  async () => {
    const peer = await pythonServer(withTls(`
      wait()
      plain = b""
      while not plain.endswith(b"last\\n"):
          plain += exactly(conn, 1)
      first = conn.recv(1, socket.MSG_PEEK)[0]
      conn = tls_server(conn)
      secret = to_end(conn)
      conn.unwrap()
      done([plain.decode(), first, secret.decode()])
    `));
    const connection = await connect({ port: peer.port, ...textLines });
    await sendAround(connection, trusting, () => peer.go());
    assert.deepEqual(await peer.result, ["STARTTLS\nlast\n", 22, "now\nlater\nafter\n"]);
  },
);

test(
  "Connection.send() is in plain text before a server's startTls() and encrypted during it",
  bounded,
  async () => {
    const listener = await listen(textLines);
    const peer = await pythonClient(
      listener.address.port,
      withTls(`
      wait()
      plain = b""
      while not plain.endswith(b"last\\n"):
          plain += exactly(conn, 1)
      conn = tls_client(conn)
      secret = to_end(conn)
      conn.unwrap()
      done([plain.decode(), secret.decode()])
      `),
    );
    const connection = (await listener.accept())!;
    listener.close();
    await sendAround(connection, identity, () => peer.go());
    assert.deepEqual(await peer.result, ["STARTTLS\nlast\n", "now\nlater\nafter\n"]);
  },
);

/** Sends before, during and after the handshake, which the peer begins when `go` is called. */
async function sendAround(
  connection: Connection<string>,
  options: object,
  go: () => void,
): Promise<void> {
  void connection.send("STARTTLS");
  void connection.send("last");
  const starting = connection.startTls(options);
  void connection.send("now");
  await turn();
  void connection.send("later");
  const flushing = connection.flush();
  await turn();
  go();
  await starting;
  await flushing;
  await connection.send("after");
  await connection.close();
}

const stuck: Readonly<Record<string, Framer>> = {
  "fixed(0)": fixed(0),
  "a framer that measures nothing": { measure: () => 0, write() {} },
};
for (const [name, framer] of Object.entries(stuck)) {
  const failIfEndless = (count = 0) => () => {
    if (++count > 100) throw new Error("endless frames");
    return false;
  };

  for (const face of [...faces.filter(({ name }) => name !== "receive()"), batches]) {
    test(
      `Connection read by ${face.name} fails if ${name} makes no progress`,
      bounded,
      async () => {
        await assert.rejects(
          face.read(receiving([bytes("abc")], { framer }), failIfEndless()),
          RangeError,
        );
      },
    );
  }

  test(`Connection.receive() reads single frames of ${name}`, bounded, async () => {
    const connection = receiving([bytes("ab\n")], { framer });
    for (let count = 0; count < 3; count++) assert.equal(textOf(await connection.receive()), "");
    const next = connection.switchTo(textLines);
    assert.equal(await next.receive(), "ab");
    assert.equal(await next.receive(), undefined);
  });

  test(`Connection.visit() fails if ${name} makes no progress`, bounded, async () => {
    await assert.rejects(receiving([bytes("abc")], { framer }).visit(failIfEndless()), RangeError);
  });

  test(`readFrames() fails if ${name} makes no progress`, bounded, async () => {
    const seen = failIfEndless();
    const iterate = async () => {
      for await (const _ of readFrames(streamOf("abc"), framer)) seen();
    };
    await assert.rejects(iterate(), RangeError);
  });

  test(`FrameDecoderStream fails if ${name} makes no progress`, bounded, async () => {
    const frames = streamOf("abc").pipeThrough(new FrameDecoderStream({ framer }));
    const seen = failIfEndless();
    const iterate = async () => {
      for await (const _ of frames.values({ preventCancel: true })) seen();
    };
    await assert.rejects(iterate(), RangeError);
  });
}

test(
  "Connection cannot switch while one of two calls of a batches() iterator is pending",
  bounded,
  async () => {
    const { readable, push, end } = openStream();
    const pair = { readable, writable: new WritableStream<Uint8Array>() };
    const connection = new Connection(pair, { framer: lines(), codec: json<number>() });
    const iterator = connection.batches();
    const calls = [iterator.next(), iterator.next(), iterator.next()];
    const switches = () => connection.switchTo(triples);
    assert.throws(switches, TypeError);
    push("{\n");
    await assert.rejects(calls[0]!, { name: "CodecError" });
    assert.throws(switches, TypeError);
    push("1\n");
    assert.deepEqual((await calls[1]!).value, [1]);
    await iterator.return!();
    assert.throws(switches, TypeError);
    push("2\n");
    assert.deepEqual((await calls[2]!).value, [2]);
    const next = switches();
    push("abc");
    end();
    assert.equal(await next.receive(), "abc");
    assert.equal(await next.receive(), undefined);
  },
);
