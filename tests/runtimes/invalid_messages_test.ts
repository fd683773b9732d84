import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Codec,
  CodecError,
  compose,
  connect,
  type Connection,
  type ConnectionOptions,
  FrameTooLargeError,
  json,
  lengthPrefixed,
  lines,
  listen,
  type MalformedFrameError,
  netstring,
  type Protocol,
  serve,
  text,
  TruncatedFrameError,
  uint32,
  uint8,
} from "../../mod.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { batches, cuts, type Face, faces, isStream, receiving, sizes } from "../support/faces.ts";
import { bounded } from "../support/limits.ts";
import { pythonClient, pythonServer } from "../support/python.ts";

type Invalid = CodecError | FrameTooLargeError | MalformedFrameError;
type Options<Message = unknown> = Protocol<Message> & ConnectionOptions;

/** Returns the fields of a reported error. */
function facts(error: Invalid): unknown[] {
  if (error instanceof CodecError) return [error.name, latin1(error.frame)];
  if (!(error instanceof FrameTooLargeError)) return [error.name, error.offset];
  return [error.name, error.offset, error.length, error.limit];
}

/** Reads through a face to the end or an error. */
async function readAll(
  face: Face,
  connection: Connection<unknown>,
): Promise<[messages: unknown[], error: unknown]> {
  const messages: unknown[] = [];
  try {
    await face.read(connection, (message) => {
      messages.push(message);
      return false;
    });
    return [messages, undefined];
  } catch (error) {
    return [messages, error];
  }
}

/** Visits all frames, and returns them and the error. */
async function visitAll(connection: Connection): Promise<[frames: string[], error: unknown]> {
  const frames: string[] = [];
  const visiting = connection.visit((bytes, start, end) => {
    frames.push(latin1(bytes.subarray(start, end)));
  });
  return [frames, await visiting.then(() => undefined, (error) => error)];
}

const numbers: Options = { framer: lines(), codec: json(), maxFrameLength: 8 };
const short = { framer: lengthPrefixed(uint8), codec: text(), maxFrameLength: 3 } as Options;
const cases: Readonly<
  Record<string, readonly [Options, stream: string, messages: unknown[], invalid: unknown[]]>
> = {
  "a message that cannot be decoded": [
    numbers,
    "1\n{\n2\n",
    [1, 2],
    [["CodecError", "{"]],
  ],
  "a line over the limit": [
    numbers,
    "1\n1234567890\n2\n",
    [1, 2],
    [["FrameTooLargeError", 2, 9, 8]],
  ],
  "an announced length over the limit": [
    short,
    "\x02ab\x05vwxyz\x01c",
    ["ab", "c"],
    [["FrameTooLargeError", 3, 5, 3]],
  ],
  "several invalid messages, including the first and the last": [
    numbers,
    "}\n1234567890\n3\n123456789\n?\n",
    [3],
    [
      ["CodecError", "}"],
      ["FrameTooLargeError", 2, 9, 8],
      ["FrameTooLargeError", 15, 9, 8],
      ["CodecError", "?"],
    ],
  ],
};
const truncated: Readonly<
  Record<string, readonly [Options, stream: string, messages: unknown[]]>
> = {
  "length-prefixed": [short, "\x02ab\x05vw", ["ab"]],
  delimited: [{ ...numbers, framer: lines({ strict: true }) }, "1\n123456789", [1]],
};

for (const face of [...faces, batches]) {
  for (const [name, [protocol, stream, messages, invalid]] of Object.entries(cases)) {
    test(`${face.name} calls onInvalid and continues after ${name}`, bounded, async () => {
      for (const chunks of cuts(bytes(stream))) {
        const reported: unknown[] = [];
        const onInvalid = (error: Invalid) => void reported.push(facts(error));
        const [read, error] = await readAll(face, receiving(chunks, { ...protocol, onInvalid }));
        assert.equal(error, undefined, `${error}, ${sizes(chunks)}`);
        assert.deepEqual([read, reported], [messages, invalid], sizes(chunks));
      }
    });
  }

  for (const [how, [protocol, stream, messages]] of Object.entries(truncated)) {
    test(
      `TruncatedFrameError.partial is empty if a skipped frame is ${how}: ${face.name}`,
      bounded,
      async () => {
        let expected: unknown;
        for (const chunks of cuts(bytes(stream))) {
          const reported: unknown[] = [];
          const onInvalid = (error: Invalid) => void reported.push(facts(error));
          const [read, error] = await readAll(face, receiving(chunks, { ...protocol, onInvalid }));
          assert.ok(error instanceof TruncatedFrameError, `${error}, ${sizes(chunks)}`);
          assert.equal(error.partial.length, 0);
          assert.deepEqual(read, messages);
          assert.deepEqual(reported, expected ??= reported, sizes(chunks));
        }
      },
    );
  }

  test(
    `${face.name} does not call onInvalid if the frame boundary is lost`,
    bounded,
    async () => {
      for (const chunks of cuts(bytes("1:a,x:b,"))) {
        const reported: unknown[] = [];
        const onInvalid = (error: Invalid) => void reported.push(facts(error));
        const protocol = { framer: netstring(), codec: text(), onInvalid } as Options;
        const connection = receiving(chunks, protocol);
        const [read, error] = await readAll(face, connection);
        assert.equal((error as Error).name, "MalformedFrameError", sizes(chunks));
        assert.deepEqual([read, reported], [["a"], []], sizes(chunks));
        if (isStream(face)) continue;
        await assert.rejects(connection.receive(), { name: "MalformedFrameError" });
      }
    },
  );

  test(`${face.name} fails if onInvalid throws`, bounded, async () => {
    const onInvalid = () => {
      throw new Error("enough");
    };
    const [read, error] = await readAll(
      face,
      receiving([bytes("1\n{\n2\n")], { ...numbers, onInvalid }),
    );
    assert.deepEqual(read, [1]);
    assert.ok(error instanceof Error);
  });

  test(
    `${face.name} fails without onInvalid at a message that cannot be decoded`,
    bounded,
    async () => {
      for (const chunks of cuts(bytes("1\n{\n2\n}\n3\n"))) {
        const connection = receiving(chunks, numbers);
        const [read, error] = await readAll(face, connection);
        assert.ok(error instanceof CodecError, `${error}, ${sizes(chunks)}`);
        assert.deepEqual(read, [1], sizes(chunks));
        // A Web Stream that has failed is over; every other face continues.
        if (isStream(face)) continue;
        const [more, again] = await readAll(face, connection);
        assert.ok(again instanceof CodecError, `${again}, ${sizes(chunks)}`);
        assert.deepEqual([more, await readAll(face, connection)], [[2], [[3], undefined]]);
      }
    },
  );

  test(`${face.name} throws a TypeError if a codec returns undefined`, bounded, async () => {
    for (const codec of withoutEmpty) {
      for (const chunks of cuts(bytes("one\n\ntwo\n"))) {
        const connection = receiving<unknown>(chunks, { framer: lines(), codec });
        const [read, error] = await readAll(face, connection);
        assert.ok(error instanceof TypeError, `${error}, ${sizes(chunks)}`);
        assert.deepEqual(read, ["one"], sizes(chunks));
        if (isStream(face)) continue;
        assert.deepEqual(await readAll(face, connection), [["two"], undefined], sizes(chunks));
      }
    }
  });
}

/** Codecs that decode an empty frame to `undefined`, which is not allowed. */
const withoutEmpty: readonly Codec<Uint8Array, unknown>[] = [
  {
    decode: (frame: Uint8Array) => frame.length === 0 ? undefined : latin1(frame),
    encode: (message: string) => bytes(message),
  },
  compose(text(), {
    decode: (line: string) => line === "" ? undefined : line,
    encode: (line: string) => line,
  } as never),
] as never;

test(
  "Connection.receive() does not wait for more data after a codec has returned undefined",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(b"one\\n\\ntwo\\n")
    wait()
    conn.close()
    done(True)
  `);
    for (const codec of withoutEmpty.slice(0, 1)) {
      const connection = await connect<unknown>({ port: peer.port, framer: lines(), codec });
      assert.equal(await connection.receive(), "one");
      await assert.rejects(connection.receive(), TypeError);
      assert.equal(await connection.receive(), "two");
      peer.go();
      assert.equal(await connection.receive(), undefined);
      await connection.close();
    }
    await peer.result;
  },
);

test(
  "Connection.visit() reports a frame over the limit to onInvalid, and continues",
  bounded,
  async () => {
    const limited = [
      [{ framer: lines(), maxFrameLength: 3 }, "ab\nvwxyz\nc\n", 3, 4],
      [{ framer: lengthPrefixed(uint8), maxFrameLength: 3 }, "\x02ab\x05vwxyz\x01c", 3, 5],
    ] as const;
    for (const [protocol, stream, offset, length] of limited) {
      for (const chunks of cuts(bytes(stream))) {
        const reported: unknown[] = [];
        const onInvalid = (error: Invalid) => void reported.push(facts(error));
        const [frames, error] = await visitAll(receiving(chunks, { ...protocol, onInvalid }));
        assert.equal(error, undefined, `${error}, ${sizes(chunks)}`);
        const expected = [["ab", "c"], [["FrameTooLargeError", offset, length, 3]]];
        assert.deepEqual([frames, reported], expected, sizes(chunks));
      }
    }
  },
);

test("Connection.visit() fails if the stream ends inside a skipped frame", bounded, async () => {
  for (const chunks of cuts(bytes("\x02ab\x05vw"))) {
    const protocol = { framer: lengthPrefixed(uint8), maxFrameLength: 3, onInvalid() {} };
    const [frames, error] = await visitAll(receiving(chunks, protocol));
    assert.ok(error instanceof TruncatedFrameError, `${error}, ${sizes(chunks)}`);
    assert.deepEqual([frames, error.partial.length], [["ab"], 0]);
  }
});

/** Python code that sends valid and invalid messages in many chunks, and the errors reported for them. */
const SENT = `
  conn.sendall(b"1\\n{\\n")
  pieces(conn, b"123456", b"7890", b"1234567890" * 1000, b"\\n2\\n")
`;
const REPORTED = [["CodecError", "{"], ["FrameTooLargeError", 4, 9, 8]];

test("connect() accepts onInvalid, and the connection ends cleanly", bounded, async () => {
  const peer = await pythonServer(`${SENT}
  conn.shutdown(socket.SHUT_WR)
  done(to_end(conn).decode())
  `);
  const reported: unknown[] = [];
  const onInvalid = (error: Invalid) => void reported.push(facts(error));
  const connection = await connect({ port: peer.port, ...numbers, onInvalid });
  assert.equal(await connection.receive(), 1);
  assert.equal(await connection.receive(), 2);
  assert.equal(await connection.receive(), undefined);
  assert.deepEqual(reported, REPORTED);
  await connection.send(3);
  await connection.close();
  assert.equal(await connection.closed, "remote");
  assert.equal(await peer.result, "3\n");
});

test("serve() and listen() accept onInvalid", bounded, async () => {
  const reported: unknown[] = [];
  const onInvalid = (error: Invalid) => void reported.push(facts(error));
  const echo = async (connection: Connection<unknown>) => {
    for await (const message of connection) await connection.send(message);
  };
  const body = `${SENT}
  conn.shutdown(socket.SHUT_WR)
  done(to_end(conn).decode())
  `;
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const server = await serve<unknown>({ ...numbers, onInvalid, onError }, echo);
  const peer = await pythonClient(server.address.port, body);
  assert.equal(await peer.result, "1\n2\n");
  assert.deepEqual([reported.splice(0), errors], [REPORTED, []]);
  await server.close();
  const listener = await listen<unknown>({ ...numbers, onInvalid });
  const other = await pythonClient(listener.address.port, body);
  const connection = (await listener.accept())!;
  listener.close();
  await echo(connection);
  await connection.close();
  assert.equal(await other.result, "1\n2\n");
  assert.deepEqual(reported, REPORTED);
});

test("Connection.switchTo() accepts onInvalid in the next protocol", bounded, async () => {
  for (const chunks of cuts(bytes("{\n1\n\x01a\x05vwxyz\x01b"))) {
    const reported: unknown[][] = [[], []];
    const [first, second] = reported.map((errors) => (error: Invalid) => {
      errors.push(facts(error));
    });
    const connection = receiving(chunks, { ...numbers, onInvalid: first! });
    assert.equal(await connection.receive(), 1);
    const next = connection.switchTo({ ...short, onInvalid: second! });
    assert.deepEqual([await next.receive(), await next.receive()], ["a", "b"], sizes(chunks));
    assert.equal(await next.receive(), undefined);
    assert.deepEqual(reported, [[["CodecError", "{"]], [["FrameTooLargeError", 6, 5, 3]]]);
  }
});

test(
  "Connection skips a frame of 16 MiB over a socket, and delivers the next one",
  bounded,
  async () => {
    const peer = await pythonServer(`
    conn.sendall(struct.pack(">I", 2) + b"hi")
    conn.sendall(struct.pack(">I", 16 << 20) + bytes(16 << 20))
    conn.sendall(struct.pack(">I", 3) + b"bye")
    conn.close()
    done(True)
  `);
    const reported: unknown[] = [];
    const connection = await connect({
      port: peer.port,
      framer: lengthPrefixed(uint32),
      codec: text(),
      maxFrameLength: 1000,
      onInvalid: (error: Invalid) => void reported.push(facts(error)),
    });
    const messages: string[] = [];
    for await (const message of connection) messages.push(message);
    assert.deepEqual(messages, ["hi", "bye"]);
    assert.deepEqual(reported, [["FrameTooLargeError", 6, 16 << 20, 1000]]);
    await connection.close();
    await peer.result;
  },
);
