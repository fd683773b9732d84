import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  Connection,
  ConnectionError,
  fixed,
  FrameDecoder,
  lengthPrefixed,
  uint32,
} from "../../mod.ts";
import { textLines } from "../support/connections.ts";
import { recorder, turn } from "../support/transports.ts";

test("Connection.send() writes the first message of a turn in a microtask", async () => {
  const transport = recorder();
  const connection = new Connection(transport, textLines);
  void connection.send("one");
  assert.deepEqual(transport.sent, []);
  await Promise.resolve();
  assert.deepEqual(transport.sent, ["one\n"]);
  await connection.close();
});

test("Connection.send() joins the messages of a turn in one write if they are not awaited", async () => {
  const transport = recorder();
  const connection = new Connection(transport, textLines);
  for (const message of ["one", "two", "three"]) void connection.send(message);
  await turn();
  assert.deepEqual(transport.sent, ["one\ntwo\nthree\n"]);
  await connection.close();
});

test("Connection.send() joins all but the first message of a turn if they are awaited one by one", async () => {
  const transport = recorder();
  const connection = new Connection(transport, textLines);
  for (let number = 0; number < 100; number++) await connection.send(`${number}`);
  await turn();
  assert.equal(transport.sent.length, 2);
  assert.equal(transport.sent[0], "0\n");
  await connection.send("next turn");
  await Promise.resolve();
  assert.equal(transport.sent[2], "next turn\n");
  await connection.close();
});

test("Connection.send() does not call setImmediate if its message is the only one of the turn", async () => {
  const requests = 50;
  let arrive: (chunk: Uint8Array) => void = () => {};
  const transport = recorder();
  transport.read = () => new Promise((resolve) => arrive = resolve);
  const connection = new Connection(transport, textLines);
  const calls = await countImmediates(async () => {
    for (let number = 0; number < requests; number++) {
      void connection.send("request");
      await Promise.resolve();
      assert.equal(transport.sent.length, number + 1);
      const reply = connection.receive();
      arrive(new TextEncoder().encode("reply\n"));
      assert.equal(await reply, "reply");
    }
  });
  assert.equal(calls, 0);
  connection.abort();
});

test("Connection.send() calls setImmediate once a turn, however many messages are sent", async () => {
  const transport = recorder();
  const connection = new Connection(transport, textLines);
  const calls = await countImmediates(async () => {
    for (let number = 0; number < 50; number++) await connection.send(`${number}`);
  });
  assert.equal(calls, 1);
  await connection.close();
});

test("Connection.send() writes after 56 KiB, without waiting for the end of the turn", async () => {
  const transport = recorder();
  const connection = new Connection(transport, { framer: fixed(1024) });
  for (let count = 0; count < 65; count++) void connection.send(new Uint8Array(1024));
  assert.equal(transport.sent.join("").length, 57_344);
  await connection.close();
});

test("Connection.send() passes a large frame to the transport without copying it", async () => {
  const chunks: Uint8Array[] = [];
  const transport = recorder();
  transport.write = (given) => void chunks.push(...given);
  const connection = new Connection(transport, { framer: fixed(100_000) });
  const frame = new Uint8Array(100_000);
  await connection.send(frame);
  await connection.flush();
  assert.equal(chunks[0], frame);
  await connection.close();
});

test("Connection.send() passes header and payload to the transport in one call", async () => {
  const calls: number[][] = [];
  const transport = recorder();
  transport.write = (chunks) => void calls.push(chunks.map(({ length }) => length));
  const connection = new Connection(transport, { framer: lengthPrefixed(uint32) });
  void connection.send(new Uint8Array(10_000));
  void connection.send(new Uint8Array(20_000));
  await connection.flush();
  assert.deepEqual(calls, [[4, 10_000, 4, 20_000]]);
  assert.equal(connection.pending, 0);
  await connection.send(new Uint8Array(3));
  await connection.flush();
  assert.deepEqual(calls[1], [7]);
  await connection.close();
});

test("Connection.send() joins the messages of a turn even if a write completes during it", async () => {
  const transport = recorder();
  const { write } = transport;
  transport.write = async (chunk) => await write(chunk);
  const connection = new Connection(transport, textLines);
  for (let number = 0; number < 100; number++) await connection.send(`${number}`);
  await turn();
  assert.equal(transport.sent.length, 2);
  assert.equal(transport.sent.join("").length, 290);
  await connection.close();
});

test("Connection.flush() writes as soon as the write in progress completes, within the turn", async () => {
  const transport = recorder(true);
  const connection = new Connection(transport, textLines);
  void connection.send("one");
  const first = connection.flush();
  void connection.send("two");
  void connection.flush();
  transport.release();
  for (let count = 0; count < 5; count++) await Promise.resolve();
  assert.deepEqual(transport.sent, ["one\n", "two\n"]);
  transport.release();
  await first;
  await connection.close();
});

test("Connection.send() reuses memory that has been written", async () => {
  const memory = new Set<unknown>();
  const transport = recorder();
  transport.write = (chunks) => {
    for (const { buffer } of chunks) memory.add(buffer);
    return Promise.resolve();
  };
  const connection = new Connection(transport, { framer: fixed(1000) });
  for (let burst = 0; burst < 20; burst++) {
    for (let count = 0; count < 50; count++) void connection.send(new Uint8Array(1000));
    await connection.flush();
  }
  await connection.close();
  assert.ok(memory.size <= 6, `${memory.size} buffers`);
});

test("Connection.send() does not overwrite chunks before their write has settled", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(9000), { maxLength: 60 }),
      fc.boolean(),
      async (sizes, slow) => {
        const received: Uint8Array[] = [];
        const decoder = new FrameDecoder({ framer: lengthPrefixed(uint32) });
        const accept = (chunks: readonly Uint8Array[]) => {
          for (const chunk of chunks) decoder.push(chunk.slice());
          received.push(...decoder);
        };
        const transport = recorder();
        transport.write = (chunks) => {
          if (!slow) return void accept(chunks);
          return new Promise<void>((resolve) => setTimeout(resolve, 0)).then(() => accept(chunks));
        };
        const connection = new Connection(transport, { framer: lengthPrefixed(uint32) });
        for (const [index, size] of sizes.entries()) {
          void connection.send(new Uint8Array(size).fill(index));
          if (size % 3 === 0) await connection.flush();
          if (size % 7 === 0) await Promise.resolve();
        }
        await connection.flush();
        assert.deepEqual(received.map(({ length }) => length), sizes);
        received.forEach((frame, index) => assert.ok(frame.every((byte) => byte === index)));
        await connection.close();
      },
    ),
    { numRuns: 60 },
  );
});

test("Connection.send() stays pending above 64 KiB, and resolves when the data has been written", async () => {
  const transport = recorder(true);
  const connection = new Connection(transport, { framer: fixed(65_536) });
  let resolved = 0;
  const first = connection.send(new Uint8Array(65_536)).then(() => resolved++);
  const second = connection.send(new Uint8Array(65_536)).then(() => resolved++);
  await turn();
  assert.equal(resolved, 0);
  assert.equal(transport.sent.length, 1);
  for (let count = 0; count < 10; count++) {
    transport.release();
    await turn();
  }
  await Promise.all([first, second]);
  assert.equal(transport.sent.length, 2 * 65_536 / transport.sent[0]!.length);
  const closing = connection.close();
  transport.release();
  await closing;
});

test("Connection.flush() waits for the transport", async () => {
  const transport = recorder(true);
  const connection = new Connection(transport, textLines);
  void connection.send("one");
  let flushed = false;
  const flushing = connection.flush().then(() => flushed = true);
  await turn();
  assert.equal(flushed, false);
  transport.release();
  await flushing;
  await connection.close();
});

test("Connection.close() sends pending messages first, and closes the transport once", async () => {
  const transport = recorder();
  const connection = new Connection(transport, textLines);
  void connection.send("one");
  await Promise.all([connection.close(), connection.close()]);
  assert.deepEqual(transport.sent, ["one\n"]);
  assert.deepEqual(transport.calls, ["closeWrite", "close"]);
});

test("Connection.close() rejects if a pending message is lost", async () => {
  const transport = recorder();
  transport.write = () => Promise.reject(Object.assign(new Error("gone"), { code: "EPIPE" }));
  const connection = new Connection(transport, textLines);
  void connection.send("one");
  const error = await connection.close().catch((error) => error);
  assert.ok(error instanceof ConnectionError);
  assert.equal(error.code, "reset");
  assert.deepEqual(transport.calls, ["abort"]);
});

test("Connection treats a transport that throws like one that rejects", async () => {
  const transport = recorder();
  transport.write = () => {
    throw new Error("broken transport");
  };
  const connection = new Connection(transport, textLines);
  await connection.send("one");
  await assert.rejects(connection.flush(), /broken transport/);
  await assert.rejects(connection.close(), /broken transport/);
});

test("Connection.abort() discards pending messages", async () => {
  const transport = recorder(true);
  const connection = new Connection(transport, textLines);
  void connection.send("one");
  const flushing = connection.flush();
  // The write of the first message is in progress; the second one is still queued.
  void connection.send("two").catch(() => {});
  connection.abort("why");
  await assert.rejects(flushing, { code: "aborted", cause: "why" });
  transport.release();
  await turn();
  assert.deepEqual(transport.sent, ["one\n"]);
  assert.deepEqual(transport.calls, ["abort"]);
});

/** Returns the number of calls of `setImmediate` while `run` runs. */
async function countImmediates(run: () => Promise<void>): Promise<number> {
  const scope = globalThis as unknown as { setImmediate?: (callback: () => void) => unknown };
  const { setImmediate } = scope;
  let count = 0;
  scope.setImmediate = (callback) => {
    count++;
    return setTimeout(callback, 0);
  };
  try {
    await run();
    return count;
  } finally {
    if (setImmediate === undefined) delete scope.setImmediate;
    else scope.setImmediate = setImmediate;
  }
}
