import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Address,
  connect,
  type Connection,
  ConnectionError,
  lengthPrefixed,
  listen,
  serve,
  uint32,
} from "../../mod.ts";
import { child } from "../support/child.ts";
import { textLines } from "../support/connections.ts";
import { bounded, sleep } from "../support/limits.ts";
import { message, same } from "../support/messages.ts";
import { pythonClient } from "../support/python.ts";

const frames = { framer: lengthPrefixed(uint32) };

test(
  "serve() aborts connections beyond maxConnections, and accepts again when there is room",
  bounded,
  async () => {
    const server = await serve({ ...textLines, maxConnections: 2 }, async (connection) => {
      for await (const line of connection) await connection.send(line);
    });
    // The reset may arrive before the client is connected.
    const enter = async () => {
      try {
        const connection = await connect({ ...server.address, ...textLines });
        await connection.send("in");
        return await connection.receive() === "in" ? connection : undefined;
      } catch (error) {
        assert.ok(error instanceof ConnectionError && error.code === "reset", `${error}`);
        return undefined;
      }
    };
    const first = await enter();
    const second = await enter();
    assert.ok(first && second);
    assert.equal(server.connections.size, 2);
    for (let count = 0; count < 5; count++) assert.equal(await enter(), undefined);
    await second.send("still in");
    assert.equal(await second.receive(), "still in");
    await first.close();
    while (server.connections.size > 1) await sleep(1);
    const third = await enter();
    assert.ok(third);
    assert.equal(server.connections.size, 2);
    const closing = server.close();
    await Promise.all([second.close(), third.close(), closing]);
    assert.equal(server.connections.size, 0);
    for (const maxConnections of [0, -1, NaN]) {
      await assert.rejects(serve({ ...textLines, maxConnections }, () => {}), RangeError);
    }
  },
);

test("serve() survives whatever its handlers throw, at any time", bounded, async () => {
  const errors: unknown[] = [];
  const failures: Record<string, () => unknown> = {
    error: () => new Error("error"),
    nothing: () => undefined,
    text: () => "text",
  };
  const server = await serve(
    { ...textLines, onError: (error) => errors.push(error) },
    (connection) => {
      const handle = async () => {
        const line = await connection.receive();
        if (line !== "stay") throw failures[line!]!();
        for await (const line of connection) await connection.send(line);
      };
      return handle();
    },
  );
  const sync = await serve(
    { ...textLines, onError: (error) => errors.push(error) },
    () => {
      throw "at once";
    },
  );
  const good = await connect({ ...server.address, ...textLines });
  await good.send("stay");
  // The reset may arrive before the client is connected.
  const enter = async (address: Address, line: string) => {
    try {
      const bad = await connect({ ...address, ...textLines });
      await bad.send(line);
      assert.equal(await bad.receive(), undefined);
      await bad.close();
    } catch (error) {
      assert.ok(error instanceof ConnectionError && error.code === "reset", `${error}`);
    }
  };
  for (const name of Object.keys(failures)) {
    await enter(server.address, name);
    await good.send("still");
    assert.equal(await good.receive(), "still");
  }
  await enter(sync.address, "one");
  await enter(sync.address, "two");
  while (errors.length < 5) await sleep(1);
  assert.deepEqual(errors.map(String), [
    "Error: error",
    "undefined",
    "text",
    "at once",
    "at once",
  ]);
  await Promise.all([good.close(), server.close(), sync.close()]);
});

test("serve() continues when onError throws, which is an uncaught exception", bounded, async () => {
  const process = child("peer throwing");
  assert.deepEqual(await process.next(), ["onError: handler", "onError: handler"]);
  await process.ended;
});

test("Listener.accept() settles concurrent calls in order", bounded, async () => {
  const listener = await listen(textLines);
  const accepting = [1, 2, 3].map(() => listener.accept());
  const clients: Connection<string>[] = [];
  for (const name of ["one", "two"]) {
    const client = await connect({ ...listener.address, ...textLines });
    await client.send(name);
    clients.push(client);
  }
  const [one, two] = await Promise.all(accepting.slice(0, 2));
  assert.equal(await one!.receive(), "one");
  assert.equal(await two!.receive(), "two");
  listener.close();
  assert.equal(await accepting[2], undefined);
  await Promise.all([...clients, one!, two!].map((connection) => connection.close()));
});

test("Server.shutdown() lets handlers finish their work", bounded, async () => {
  const server = await serve(textLines, async (connection, { signal }) => {
    assert.equal(await connection.receive(), "work");
    await connection.send("begun");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await connection.send("done");
  });
  const connection = await connect({ ...server.address, ...textLines });
  await connection.send("work");
  assert.equal(await connection.receive(), "begun");
  const shutdown = server.shutdown();
  // The system may still accept a client, but it is not served.
  const late = await connect({ ...server.address, ...textLines }).then(
    (late) => late.receive().finally(() => late.close()),
  ).catch((error) => error.code);
  assert.ok([undefined, "reset", "refused"].includes(late), `${late}`);
  assert.equal(await connection.receive(), "done");
  assert.equal(await connection.receive(), undefined);
  await connection.close();
  await shutdown;
  assert.equal(server.connections.size, 0);
  await server.close();
});

test(
  "Server.shutdown() aborts the connections of handlers that miss the deadline",
  bounded,
  async () => {
    const endings: unknown[] = [];
    const server = await serve({ ...textLines, onError: () => {} }, async (connection) => {
      await connection.send("hello");
      endings.push(await connection.receive());
      endings.push(await connection.closed);
    });
    const connection = await connect({ ...server.address, ...textLines });
    assert.equal(await connection.receive(), "hello");
    await server.shutdown({ deadline: 50 });
    assert.deepEqual(endings, [undefined, "aborted"]);
    assert.equal(server.connections.size, 0);
    const ending = await connection.receive().catch((error) => error.code);
    assert.ok(ending === undefined || ending === "reset", `${ending}`);
    await connection.close().catch(() => {});
  },
);

test("serve() closes when its signal is aborted", bounded, async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const aborted: boolean[] = [];
  const server = await serve({ ...textLines, signal }, async (connection, context) => {
    for await (const line of connection) await connection.send(line);
    aborted.push(context.signal.aborted);
  });
  const connection = await connect({ ...server.address, ...textLines });
  await connection.send("one");
  assert.equal(await connection.receive(), "one");
  controller.abort();
  assert.equal(await connection.receive(), undefined);
  await connection.close();
  await server.close();
  assert.deepEqual(aborted, [true]);
  // "reset" if the system had accepted it before the listener was closed.
  await assert.rejects(
    connect({ ...server.address, ...textLines }).then((late) => late.receive()),
    ({ code }) => code === "refused" || code === "reset",
  );
});

test(
  "Server.unref() lets the process exit despite open connections",
  bounded,
  async () => {
    const process = child("peer unref", { again: false });
    await process.ended;
  },
);

test("Server.ref() keeps the process running again", bounded, async () => {
  const process = child("peer unref", { again: true });
  const address = await process.next() as { readonly port: number };
  const connection = await connect({ ...address, ...frames });
  await connection.send(message(1));
  assert.equal(await connection.receive(), undefined);
  await connection.close();
  await process.ended;
});

test(
  "serve() continues after running out of file descriptors",
  bounded,
  async () => {
    // This limit is below the 100 connections of the test.
    const server = child("peer echo", {}, (command) => {
      return ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", ...command];
    });
    const { port } = await server.next() as { readonly port: number };
    const ask = async (number: number) => {
      const connection = await connect({ port, ...frames });
      await connection.send(message(number));
      const answer = await connection.receive();
      await connection.close();
      return same(answer, message(number));
    };
    assert.ok(await ask(1));
    const crowd = await pythonClient(
      port,
      `
    crowd = [conn]
    for _ in range(99):
        one = socket.create_connection(("127.0.0.1", PORT), scaled(20))
        one.settimeout(scaled(20))
        crowd.append(one)
    request = struct.pack(">I", 5) + b"hello"
    served = 0
    for one in crowd:
        try:
            one.sendall(request)
        except OSError:
            pass
    # Every connection that was accepted is served.
    waiting = list(crowd)
    while True:
        ready, _, _ = select.select(waiting, [], [], scaled(0.5))
        if not ready:
            break
        for one in ready:
            waiting.remove(one)
            try:
                served += one.recv(65536) == request
            except OSError:
                pass
    say(served)
    wait()
    for one in crowd:
        one.close()
    done(True)
    `,
    );
    const served = await crowd.said() as number;
    assert.ok(served > 10 && served < 64, `${served} were served`);
    crowd.go();
    assert.equal(await crowd.result, true);
    for (let number = 2; number < 20; number++) assert.ok(await ask(number));
    server.kill();
  },
);
