import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Codec,
  CodecError,
  Connection,
  fixed,
  FrameTooLargeError,
  FramingError,
  json,
  lengthPrefixed,
  lines,
  text,
  type Transport,
  TruncatedFrameError,
  uint32,
} from "../../mod.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { failureOf, textLines } from "../support/connections.ts";
import { sleep } from "../support/limits.ts";
import { turn } from "../support/transports.ts";

interface Memory extends Transport {
  /** What the connection has written, and the calls that ended it. */
  readonly log: string[];
  /** Delivers a chunk; nothing: the end. */
  push(text?: string): void;
}

/** A transport whose input is pushed by the test. */
function memory(extra: Partial<Transport> = {}): Memory {
  const chunks: (Uint8Array | undefined)[] = [];
  const log: string[] = [];
  let wake: ((chunk: Uint8Array | undefined) => void) | undefined;
  const deliver = (chunk?: Uint8Array) => {
    if (wake === undefined) return void chunks.push(chunk);
    wake(chunk);
    wake = undefined;
  };
  const transport: Memory = {
    log,
    written: 0,
    push: (text) => deliver(text === undefined ? undefined : bytes(text)),
    read: () =>
      new Promise((resolve) => {
        if (chunks.length > 0) resolve(chunks.shift());
        else wake = resolve;
      }),
    write(written) {
      for (const chunk of written) log.push(latin1(chunk));
      return undefined;
    },
    closeWrite: () => Promise.resolve(),
    close() {
      log.push("close");
      deliver();
    },
    abort() {
      log.push("abort");
      deliver();
    },
    ...extra,
  };
  return transport;
}

/** Makes a codec that calls back before it decodes its first frame. */
function interrupted(onFirst: () => void): Codec<Uint8Array, string> {
  let first = true;
  return {
    decode(frame) {
      if (first) {
        first = false;
        onFirst();
      }
      return latin1(frame);
    },
    encode: bytes,
  };
}

/** Resolves with the outcome of a promise; `"pending"` if it does not settle soon. */
async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  const settled = promise.then((value) => value, (error) => error);
  return await Promise.race([settled, turn().then(turn).then(() => "pending")]);
}

test("Connection.receive() returns a message whose signal aborts while it is being decoded", async () => {
  const controller = new AbortController();
  const transport = memory();
  const codec = interrupted(() => controller.abort(new Error("stop")));
  const connection = new Connection(transport, { framer: lines(), codec });
  const receiving = connection.receive({ signal: controller.signal });
  transport.push("one\ntwo\n");
  assert.equal(await receiving, "one");
  assert.equal(await connection.receive(), "two");
  connection.abort();
});

test("Connection.receive() loses no message if onInvalid aborts its signal", async () => {
  const controller = new AbortController();
  const transport = memory();
  const onInvalid = () => controller.abort(new Error("stop"));
  const protocol = { framer: lines(), codec: json<number>(), onInvalid };
  const connection = new Connection(transport, protocol);
  const receiving = connection.receive({ signal: controller.signal });
  transport.push("{\n1\n2\n");
  assert.equal(await receiving, 1);
  assert.equal(await connection.receive(), 2);
  connection.abort();
});

test("Connection.receive() rejects if its signal aborts in onInvalid and no message follows", async () => {
  const controller = new AbortController();
  const transport = memory();
  const onInvalid = () => controller.abort(new Error("stop"));
  const protocol = { framer: lines(), codec: json<number>(), onInvalid };
  const connection = new Connection(transport, protocol);
  const receiving = connection.receive({ signal: controller.signal });
  const next = connection.receive();
  transport.push("{\n");
  await assert.rejects(receiving, /stop/);
  transport.push("1\n");
  assert.equal(await next, 1);
  connection.abort();
});

test("Connection.receive() called by a codec whose call is aborted is served", async () => {
  const controller = new AbortController();
  const transport = memory();
  let nested: Promise<string | undefined> | undefined;
  const codec = interrupted(() => {
    controller.abort(new Error("stop"));
    nested = connection.receive();
  });
  const connection: Connection<string> = new Connection(transport, { framer: lines(), codec });
  const receiving = connection.receive({ signal: controller.signal });
  transport.push("a\n");
  transport.push("b\n");
  assert.equal(await receiving, "a");
  assert.equal(await outcomeOf(nested!), "b");
  connection.abort();
});

for (const buffered of [false, true]) {
  test(`Connection.receive() called by onInvalid comes after its call: ${buffered ? "buffered" : "waiting"}`, async () => {
    const transport = memory();
    let nested: Promise<unknown> | undefined;
    const onInvalid = () => void (nested = connection.receive());
    const protocol = { framer: lines(), codec: json<number>(), onInvalid };
    const connection: Connection<number> = new Connection(transport, protocol);
    if (buffered) {
      const first = connection.receive();
      transport.push("0\n{\n1\n2\n");
      assert.equal(await first, 0);
    }
    const outer = connection.receive();
    if (!buffered) transport.push("{\n1\n2\n");
    assert.deepEqual([await outer, await outcomeOf(nested!)], [1, 2]);
    connection.abort();
  });
}

test("Connection.receive() called by onInvalid comes after its call, if both have to wait", async () => {
  const transport = memory();
  let nested: Promise<unknown> | undefined;
  const onInvalid = () => void (nested = connection.receive());
  const protocol = { framer: lines(), codec: json<number>(), onInvalid };
  const connection: Connection<number> = new Connection(transport, protocol);
  const first = connection.receive();
  transport.push("0\n{\n");
  assert.equal(await first, 0);
  const outer = connection.receive();
  assert.ok(nested !== undefined);
  transport.push("1\n2\n");
  assert.deepEqual([await outer, await outcomeOf(nested)], [1, 2]);
  connection.abort();
});

test("Connection.switchTo() right after a visitor has thrown does not resume its visit", async () => {
  const transport = memory();
  const connection = new Connection(transport, textLines);
  const visited: string[] = [];
  const first = connection.receive().then(() => connection.switchTo({ ...textLines }));
  const visiting = connection.visit((all, start, end) => {
    visited.push(latin1(all.subarray(start, end)));
    if (visited.length === 1) throw new Error("visitor");
  });
  const next = connection.receive();
  transport.push("a\nb\n");
  transport.push("c\n");
  await assert.rejects(visiting, /visitor/);
  await first;
  assert.equal(await outcomeOf(next), "c");
  assert.deepEqual(visited, ["b"]);
  connection.abort();
});

test("Connection.switchTo() takes effect before the second of two visits", async () => {
  const transport = memory();
  const connection = new Connection(transport, textLines);
  const seen: string[] = [];
  const visit = (name: string, fails: boolean) =>
    connection.visit((all, start, end) => {
      seen.push(`${name} ${latin1(all.subarray(start, end))}`);
      if (fails) throw new Error("visitor");
    });
  const one = visit("one", true);
  const two = visit("two", false);
  transport.push("a\n");
  await assert.rejects(one, /visitor/);
  connection.switchTo(fixed(2));
  transport.push("bbcc");
  transport.push();
  await two;
  assert.deepEqual(seen, ["one a", "two bb", "two cc"]);
  connection.abort();
});

for (const how of ["abort", "close", "detach"] as const) {
  test(`Connection.${how}() in a visitor ends the visit`, async () => {
    const transport = memory();
    const connection = new Connection(transport, textLines);
    const visited: string[] = [];
    const visiting = connection.visit((all, start, end) => {
      visited.push(latin1(all.subarray(start, end)));
      void connection[how]();
    });
    transport.push("a\nb\nc\n");
    await outcomeOf(visiting);
    assert.deepEqual(visited, ["a"]);
    connection.abort();
  });
}

for (const [how, outcome] of [["abort", "aborted"], ["close", undefined]] as const) {
  test(`Connection.receive() called by a codec after ${how}() is served`, async () => {
    const transport = memory();
    let nested: Promise<unknown> | undefined;
    const codec = interrupted(() => {
      void connection[how]();
      nested = connection.receive().catch((error) => error.code);
    });
    const connection: Connection<string> = new Connection(transport, { framer: lines(), codec });
    const receiving = connection.receive().catch(() => {});
    const later = connection.receive().catch((error) => error.code);
    transport.push("a\nb\n");
    await receiving;
    assert.deepEqual([await outcomeOf(nested!), await outcomeOf(later)], [outcome, outcome]);
    connection.abort();
  });
}

for (const call of ["receive", "closeRead"] as const) {
  test(`Connection.${call}() in a visitor leaves the visited frame where it is`, async () => {
    const input = bytes("first\nsecond\n");
    let reads = 0;
    const transport = memory({
      readInto(room) {
        if (reads++ > 0) {
          // The next chunk arrives while the visitor is still looking.
          room.fill(0x78);
          return new Promise(() => {});
        }
        room.set(input);
        return Promise.resolve(input.length);
      },
    });
    const connection = new Connection(transport, textLines);
    const visited: string[] = [];
    const visiting = connection.visit((all, start, end) => {
      // With the last frame the memory holds nothing else.
      if (visited.length === 1) void Promise.resolve(connection[call]()).catch(() => {});
      visited.push(latin1(all.subarray(start, end)));
    });
    visiting.catch(() => {});
    await turn();
    assert.deepEqual(visited, ["first", "second"]);
    connection.abort();
  });
}

test("Connection.closeRead() hides no error of messages that have arrived", async () => {
  const transport = memory();
  const connection = new Connection(transport, { framer: lines(), codec: json<number>() });
  const batches = connection.batches();
  transport.push("1\n{\n");
  connection.closeRead();
  await sleep(20);
  assert.deepEqual(await batches.next(), { done: false, value: [1] });
  await assert.rejects(batches.next(), CodecError);
  assert.equal((await batches.next()).done, true);
  connection.abort();
});

test("Connection.closeRead() hides no framing error, which stays", async () => {
  for (const call of ["batches", "receive"] as const) {
    const transport = memory();
    const connection = new Connection(transport, { ...textLines, maxFrameLength: 4 });
    const batches = connection.batches();
    const next = () => call === "receive" ? connection.receive() : batches.next();
    transport.push("1\n123456789\n");
    connection.closeRead();
    await sleep(20);
    await next();
    await assert.rejects(next(), FrameTooLargeError);
    await assert.rejects(next(), FrameTooLargeError);
    assert.equal(await connection.closed, "framing");
  }
});

test('Connection.closed is "framing" if the stream ends inside a frame after closeWrite()', async () => {
  const transport = memory();
  const connection = new Connection(transport, { framer: lengthPrefixed(uint32) });
  await connection.closeWrite();
  const receiving = connection.receive();
  transport.push("\0\0\0\x09A");
  transport.push();
  await assert.rejects(receiving, TruncatedFrameError);
  assert.equal(await connection.closed, "framing");
});

test("Connection.closed stays pending if a visitor or onInvalid throws a framing error of its own", async () => {
  const transport = memory();
  const connection = new Connection(transport, textLines);
  const visiting = connection.visit(() => {
    throw new FramingError("inner");
  });
  transport.push("a\nb\n");
  await assert.rejects(visiting, /inner/);
  assert.equal(await outcomeOf(connection.closed), "pending");
  assert.equal(await connection.receive(), "b");
  connection.abort();
  const onInvalid = (error: Error) => {
    throw error;
  };
  const other = memory();
  const strict = new Connection(other, { ...textLines, maxFrameLength: 3, onInvalid });
  const receiving = strict.receive();
  other.push("12345\nab\n");
  await assert.rejects(receiving, FrameTooLargeError);
  assert.equal(await outcomeOf(strict.closed), "pending");
  assert.equal(await strict.receive(), "ab");
  strict.abort();
});

test("Connection.detach() leaves no time limit behind, and writes stay in order", async () => {
  const releases: (() => void)[] = [];
  let concurrent = 0;
  let most = 0;
  const transport = memory({
    write(chunks) {
      most = Math.max(most, ++concurrent);
      transport.log.push(...chunks.map(latin1));
      return new Promise((resolve) =>
        releases.push(() => {
          concurrent--;
          resolve();
        })
      );
    },
  });
  const connection = new Connection(transport, { ...textLines, sendTimeout: 60 });
  void connection.send("1");
  await turn();
  void connection.send("2");
  const detached = connection.detach();
  releases.shift()!();
  await sleep(200);
  const writing = detached.write([bytes("3\n")]);
  await turn();
  for (let count = 0; count < 2; count++) {
    releases.shift()?.();
    await turn();
  }
  await writing;
  assert.deepEqual([transport.log, most], [["1\n", "2\n", "3\n"], 1]);
});

test("Connection.send() and closeWrite() that are not awaited leave no unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const listener = (event: { readonly reason?: unknown; preventDefault?(): void } | unknown) => {
    (event as { preventDefault?(): void }).preventDefault?.();
    unhandled.push(event);
  };
  // Node and Bun report them to the process, Deno and browsers to the global scope.
  const { process } = globalThis as { process?: { on?: typeof on; off?: typeof on } };
  function on(_event: string, _listener: typeof listener): void {}
  process?.on?.("unhandledRejection", listener);
  globalThis.addEventListener?.("unhandledrejection", listener);
  const broken = () => Promise.reject(new Error("broken"));
  const options = { ...textLines, highWaterMark: 1 };
  const sending = new Connection(memory({ write: broken }), options);
  void sending.send("one", { signal: new AbortController().signal });
  const ending = new Connection(memory({ closeWrite: broken }), options);
  void ending.closeWrite();
  await sleep(50);
  process?.off?.("unhandledRejection", listener);
  globalThis.removeEventListener?.("unhandledrejection", listener);
  assert.deepEqual(unhandled, []);
});

test("Connection.abort() aborts the handshake of startTls()", async () => {
  let signal: AbortSignal | undefined;
  const startTls: Transport["startTls"] = (_, given) => {
    signal = given;
    return new Promise((_, reject) =>
      given!.addEventListener("abort", () => reject(given!.reason))
    );
  };
  const connection = new Connection(memory({ startTls }), { framer: lines(), codec: text() });
  const starting = failureOf(connection.startTls());
  await turn();
  connection.abort("why");
  assert.deepEqual([(await starting).code, signal!.aborted], ["aborted", true]);
});
