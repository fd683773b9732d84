import assert from "node:assert/strict";
import { test } from "node:test";
import {
  connect,
  Connection,
  ConnectionError,
  fixed,
  json,
  lengthPrefixed,
  lines,
  listen,
  serve,
  uint32,
  untilClose,
} from "../../mod.ts";
import { textLines } from "../support/connections.ts";
import { bounded } from "../support/limits.ts";
import { pattern, pythonClient } from "../support/python.ts";

test("listen() accepts a foreign client and receives complete messages", bounded, async () => {
  const listener = await listen({ framer: fixed(5) });
  const peer = await pythonClient(
    listener.address.port,
    `
    message, total = b"helloworld", 0
    while total < len(message):
        sent = conn.send(message[total:total + 3])
        if sent == 0:
            raise RuntimeError("socket connection broken")
        total += sent
        time.sleep(0.01)
    done(exactly(conn, 5).decode())
    `,
  );
  const connection = await listener.accept();
  assert.ok(connection instanceof Connection);
  assert.deepEqual(await connection.receive(), new TextEncoder().encode("hello"));
  const second = await connection.receive();
  await connection.send(second!);
  assert.equal(await peer.result, "world");
  assert.equal(await connection.receive(), undefined);
  await connection.close();
  listener.close();
});

test("Listener is an async iterable that ends when it is closed", bounded, async () => {
  const listener = await listen(textLines);
  assert.ok(listener.address.port > 0);
  assert.equal(listener.address.hostname, "127.0.0.1");
  const names: (string | undefined)[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      names.push(await connection.receive());
      await connection.close();
      if (names.length === 2) listener.close();
    }
  })();
  for (const name of ["Ada", "Grace"]) {
    const connection = await connect({ ...listener.address, ...textLines });
    await connection.send(name);
    assert.equal(await connection.receive(), undefined);
    await connection.close();
  }
  await accepting;
  assert.deepEqual(names, ["Ada", "Grace"]);
  listener.close();
  assert.equal(await listener.accept(), undefined);
});

test("Listener.close() leaves accepted connections open", bounded, async () => {
  const listener = await listen(textLines);
  const client = await connect({ ...listener.address, ...textLines });
  const server = await listener.accept();
  await listener[Symbol.asyncDispose]();
  await client.send("still here");
  assert.equal(await server!.receive(), "still here");
  await Promise.all([client.close(), server!.close()]);
});

test("Listener.close() ends pending accept() calls", bounded, async () => {
  const listener = await listen(textLines);
  const waiting = listener.accept();
  listener.close();
  assert.equal(await waiting, undefined);
});

test("serve() serves many clients concurrently", bounded, async () => {
  const server = await serve({ framer: lines(), codec: json<number>() }, async (connection) => {
    for await (const number of connection) await connection.send(number * 2);
  });
  const client = async (base: number) => {
    const connection = await connect({
      ...server.address,
      framer: lines(),
      codec: json<number>(),
    });
    for (let number = base; number < base + 20; number++) {
      await connection.send(number);
      assert.equal(await connection.receive(), number * 2);
    }
    await connection[Symbol.asyncDispose]();
  };
  await Promise.all(Array.from({ length: 50 }, (_, index) => client(index * 100)));
  await server.close();
});

test("serve() isolates a handler that throws", bounded, async () => {
  const errors: unknown[] = [];
  const server = await serve(
    { ...textLines, onError: (error) => errors.push(error) },
    async (c) => {
      for await (const line of c) {
        if (line === "fail") throw new Error("handler failed");
        await c.send(line);
      }
    },
  );
  const good = await connect({ ...server.address, ...textLines });
  const bad = await connect({ ...server.address, ...textLines });
  await good.send("one");
  assert.equal(await good.receive(), "one");
  await bad.send("fail");
  const ending = await bad.receive().catch((error) => error);
  assert.ok(ending === undefined || ending.code === "reset", `${ending}`);
  await good.send("two");
  assert.equal(await good.receive(), "two");
  assert.deepEqual(errors.map(String), ["Error: handler failed"]);
  await Promise.all([good.close(), bad.close()]);
  await server.close();
});

test(
  "serve() delivers everything that a handler has sent before it returned",
  bounded,
  async () => {
    const payload = pattern(8 << 20);
    const protocol = { framer: untilClose(), maxFrameLength: Infinity };
    const server = await serve(protocol, (connection) => void connection.send(payload));
    const connection = await connect({ ...server.address, ...protocol });
    assert.deepEqual(await connection.receive(), payload);
    await connection.close();
    await server.close();
  },
);

test("Server.close() closes connections without loss", bounded, async () => {
  const ends: unknown[] = [];
  const server = await serve(textLines, async (connection) => {
    for await (const line of connection) await connection.send(`echo ${line}`);
    ends.push(await connection.receive());
  });
  const connection = await connect({ ...server.address, ...textLines });
  await connection.send("one");
  assert.equal(await connection.receive(), "echo one");
  const [, last] = await Promise.all([
    server.close(),
    connection.receive().then(async (last) => {
      await connection.close();
      return last;
    }),
  ]);
  assert.equal(last, undefined);
  assert.deepEqual(ends, [undefined]);
  // Another process may take the port, or a socket connect to itself, but not every time.
  const connectAgain = async () => {
    for (let times = 0; times < 3; times++) {
      (await connect({ ...server.address, ...textLines })).abort();
    }
  };
  await assert.rejects(connectAgain(), { code: "refused" });
});

test(
  "connect() and listen() report failures with the same codes on all runtimes",
  bounded,
  async () => {
    const listener = await listen(textLines);
    const { port } = listener.address;
    const codeOf = async (attempt: Promise<unknown>) => {
      const error = await attempt.then(() => undefined, (error) => error);
      assert.ok(error instanceof ConnectionError, `${error}`);
      return error.code;
    };
    assert.equal(await codeOf(listen({ port, ...textLines })), "addressInUse");
    assert.equal(
      await codeOf(listen({ hostname: "192.0.2.1", ...textLines })),
      "addressNotAvailable",
    );
    listener.close();
    assert.equal(await codeOf(connect({ port, ...textLines })), "refused");
    const aborted = connect({ port, ...textLines, signal: AbortSignal.abort() });
    assert.equal(await codeOf(aborted), "aborted");
    await assert.rejects(connect({ port: 0, ...textLines }), RangeError);
    await assert.rejects(connect({ port: 65_536, ...textLines }), RangeError);
    await assert.rejects(listen({ port: -1, ...textLines }), RangeError);
    await assert.rejects(listen({ framer: lines(), maxFrameLength: -1 }), RangeError);
    await assert.rejects(connect({ port, framer: lines(), maxFrameLength: -1 }), RangeError);
  },
);

test("connect() keeps the runtime's own error as the cause", bounded, async () => {
  const listener = await listen(textLines);
  listener.close();
  const error = await connect({ ...listener.address, ...textLines }).catch((error) => error);
  assert.ok(error.cause instanceof Error);
  assert.match(error.message, /^Cannot connect to 127\.0\.0\.1:\d+: ./);
});

test("connect() to localhost reaches a server on loopback", bounded, async () => {
  const listener = await listen(textLines);
  const { port } = listener.address;
  const connection = await connect({ hostname: "localhost", port, ...textLines });
  const server = await listener.accept();
  await connection.send("one");
  assert.equal(await server!.receive(), "one");
  await Promise.all([connection.close(), server!.close()]);
  listener.close();
});

test("connect() leaves the connection open if its signal is aborted later", bounded, async () => {
  const listener = await listen(textLines);
  const controller = new AbortController();
  const { signal } = controller;
  const connection = await connect({ ...listener.address, ...textLines, signal });
  const server = await listener.accept();
  controller.abort();
  await connection.send("one");
  assert.equal(await server!.receive(), "one");
  await Promise.all([connection.close(), server!.close()]);
  listener.close();
});

test(
  "Connection.readable can be piped into writable, which closes the connection at the end",
  bounded,
  async () => {
    const protocol = { framer: lengthPrefixed(uint32) };
    const server = await serve(
      protocol,
      (connection) => connection.readable.pipeTo(connection.writable),
    );
    const connection = await connect({ ...server.address, ...protocol });
    const messages = Array.from({ length: 100 }, (_, index) => pattern(index * 997));
    for (const message of messages) void connection.send(message);
    await connection.closeWrite();
    let count = 0;
    for await (const message of connection) assert.deepEqual(message, messages[count++]);
    assert.equal(count, 100);
    await server.close();
  },
);
