import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionError, type StreamPair, streamTransport } from "../../../mod.ts";
import { codeOf, never, recordingPair, settled, soon } from "../../support/pairs.ts";
import { textOf, utf8 } from "../../support/streams.ts";
import { pipe, turn } from "../../support/transports.ts";

test("streamTransport() reads chunks, then the end", async () => {
  const pair = recordingPair();
  const transport = streamTransport(pair);
  pair.push("one");
  assert.equal(textOf(await transport.read()), "one");
  const next = transport.read();
  pair.push("two");
  assert.equal(textOf(await next), "two");
  pair.end();
  assert.equal(await transport.read(), undefined);
});

test("streamTransport() locks its streams, and refuses locked ones", () => {
  const pair = recordingPair();
  streamTransport(pair);
  assert.throws(() => streamTransport(pair), TypeError);
});

test("streamTransport() refuses a value that is not a pair of streams, and names its type", () => {
  const { readable, writable } = recordingPair();
  const cases: [given: unknown, message: RegExp][] = [
    [null, /got null/],
    [undefined, /got undefined/],
    [{}, /expected a pair of Web Streams \{ readable, writable \}, got an Object/],
    [{ readable }, /expected a pair/],
    [{ readable: true, writable }, /expected a pair/],
    [readable, /got a ReadableStream/],
    [new Duplex(), /a Duplex is a Node stream: use duplexTransport\(\)$/],
  ];
  for (const [given, message] of cases) {
    assert.throws(() => streamTransport(given as StreamPair), { name: "TypeError", message });
  }
});

test("streamTransport() writes batches of at most 64 KiB, in order, and counts them", async () => {
  const counts: number[] = [];
  const pair = recordingPair(() => void counts.push(transport.written));
  const transport = streamTransport(pair);
  const chunk = Uint8Array.from({ length: 150_000 }, (_, index) => index % 251);
  await transport.write([chunk.subarray(0, 10), chunk.subarray(10)]);
  assert.deepEqual(pair.chunks.map(({ length }) => length), [65_536, 65_536, 18_928]);
  assert.deepEqual(counts, [0, 65_536, 131_072]);
  assert.equal(transport.written, 150_000);
  assert.deepEqual(pair.chunks.flatMap((written) => [...written]), [...chunk]);
});

test("streamTransport() does not count the bytes of a pending write", async () => {
  const pair = recordingPair(() => never);
  const transport = streamTransport(pair);
  assert.equal(await soon(transport.write([utf8("hello")])), "pending");
  assert.equal(transport.written, 0);
  transport.close();
});

test("streamTransport() copies chunks, so that their memory can be reused after the write", async () => {
  const pair = recordingPair();
  const transport = streamTransport(pair);
  const memory = utf8("one");
  await transport.write([memory]);
  memory.fill(0);
  assert.equal(textOf(pair.chunks[0]), "one");
});

test("streamTransport() accepts chunks that are buffers or views of any type", async () => {
  const bytes = utf8("hello");
  const { readable, controller } = anyStream();
  const transport = streamTransport({ ...recordingPair(), readable } as StreamPair);
  const chunks = [
    bytes.slice(),
    bytes.slice().buffer,
    new DataView(utf8("(hello)").buffer, 1, 5),
    new Uint16Array(utf8("hellos").buffer, 0, 2),
    new Bytes(utf8("hello")),
    new Uint8Array(0),
    new ArrayBuffer(0),
    utf8("end"),
  ];
  for (const chunk of chunks) controller.enqueue(chunk);
  const expected = ["hello", "hello", "hello", "hell", "hello", "end"];
  for (const text of expected) {
    const chunk = await transport.read();
    assert.equal(textOf(chunk), text);
    assert.equal(chunk!.constructor, Uint8Array);
  }
  transport.close();
});

test("streamTransport() refuses chunks of another type, and never reports them as the end", async () => {
  const cases: [chunk: unknown, message: RegExp][] = [
    ["text", /got a string: pipe text through a TextEncoderStream/],
    [[1, 2], /expected a Uint8Array, got an Array/],
    [42, /got a number/],
    [null, /got null/],
    [undefined, /got undefined/],
  ];
  for (const [chunk, message] of cases) {
    const { readable, controller } = anyStream();
    const transport = streamTransport({ ...recordingPair(), readable } as StreamPair);
    controller.enqueue(chunk);
    await assert.rejects(transport.read(), { name: "TypeError", message });
    transport.close();
  }
});

test("streamTransport() writes nothing after a write that has failed", async () => {
  const cause = new Error("lost");
  const pair = recordingPair(() => {
    if (pair.chunks.length === 2) throw cause;
  });
  const transport = streamTransport(pair);
  for (const chunk of [new Uint8Array(150_000), utf8("more")]) {
    const error = await soon(transport.write([chunk]));
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.message, "Cannot send: lost");
    assert.equal(error.cause, cause);
  }
  await assert.rejects(transport.closeWrite(), { message: "Cannot finish sending: lost", cause });
  assert.equal(pair.chunks.length, 2);
  assert.equal(transport.written, 65_536);
});

test("streamTransport() refuses to write after closeWrite()", async () => {
  const pair = recordingPair();
  const transport = streamTransport(pair);
  await transport.closeWrite();
  await transport.closeWrite();
  assert.equal(codeOf(await soon(transport.write([utf8("more")]))), "closed");
  pair.push("hello");
  assert.equal(textOf(await transport.read()), "hello");
});

test("streamTransport() can read after a write has failed", async () => {
  const pair = recordingPair(() => {
    throw new Error("lost");
  });
  const transport = streamTransport(pair);
  await assert.rejects(async () => await transport.write([utf8("hello")]));
  pair.push("last words");
  pair.end();
  assert.equal(textOf(await transport.read()), "last words");
  assert.equal(await transport.read(), undefined);
});

for (const how of ["close", "abort"] as const) {
  test(`streamTransport() settles every pending call on ${how}()`, async () => {
    const pair = recordingPair(() => never);
    const transport = streamTransport(pair);
    const read = transport.read();
    const written = transport.write([utf8("hello")]);
    const finished = transport.closeWrite();
    assert.equal(await soon(written), "pending");
    transport[how]();
    transport[how]();
    assert.equal(await soon(read), undefined);
    assert.equal(codeOf(await soon(written)), "closed");
    assert.equal(codeOf(await soon(finished)), "closed");
    assert.equal(pair.cancelled.length, 1);
    assert.equal(await soon(transport.read()), undefined);
    assert.equal(codeOf(await soon(transport.write([utf8("more")]))), "closed");
  });

  test(`streamTransport() aborts the writable and cancels the readable on ${how}()`, async () => {
    let closed = 0;
    const pair = { ...recordingPair(), close: () => void closed++ };
    streamTransport(pair)[how]();
    await turn();
    assert.equal(codeOf(pair.aborted[0]), "reset");
    assert.equal(codeOf(pair.cancelled[0]), "reset");
    assert.equal(closed, 1);
  });

  const badCalls: Record<string, () => unknown> = {
    "throw": () => {
      throw new Error("foreign");
    },
    "return nothing": () => undefined,
    "return a number": () => 42,
    "reject": () => Promise.reject(new Error("foreign")),
    "never settle": () => never,
  };
  for (const [does, call] of Object.entries(badCalls)) {
    test(`streamTransport() tolerates a pair whose methods ${does} on ${how}()`, async () => {
      const pair = {
        readable: { getReader: () => ({ closed: never, read: () => never, cancel: call }) },
        writable: { getWriter: () => ({ closed: never, ready: never, abort: call }) },
        close: call,
      };
      const transport = streamTransport(pair as unknown as StreamPair);
      const read = transport.read();
      transport[how]();
      assert.equal(await soon(read), undefined);
      await turn();
    });
  }
}

test("streamTransport() tolerates readers and writers whose methods throw or return no promise", async () => {
  const thrown = new Error("foreign");
  const fail = () => {
    throw thrown;
  };
  const transport = streamTransport({
    readable: { getReader: () => ({ read: fail, cancel: fail }) },
    writable: { getWriter: () => ({ write: () => undefined, close: fail, abort: fail }) },
  } as unknown as StreamPair);
  await assert.rejects(transport.read(), { name: "ConnectionError", cause: thrown });
  transport.close();
  const writing = streamTransport({
    readable: { getReader: () => ({ read: () => ({ done: true }), cancel: fail }) },
    writable: { getWriter: () => ({ write: () => undefined, close: fail, abort: fail }) },
  } as unknown as StreamPair);
  await writing.write([utf8("hello")]);
  assert.equal(writing.written, 5);
  assert.equal(await writing.read(), undefined);
  await assert.rejects(writing.closeWrite(), { name: "ConnectionError", cause: thrown });
  writing.abort();
});

test("streamTransport() reports a reset when the other end of a pipe is closed", async () => {
  const [here, there] = pipe();
  const other = streamTransport(there);
  streamTransport(here).close();
  assert.equal(codeOf(await soon(other.read())), "reset");
  assert.equal(codeOf(await soon(other.write([utf8("hello")]))), "reset");
});

test("streamTransport() reports an AbortError of its streams as a reset", async () => {
  const abort = new DOMException("The operation was aborted", "AbortError");
  const pair = recordingPair(() => Promise.reject(abort));
  const transport = streamTransport(pair);
  const error = await soon(transport.write([utf8("hello")]));
  assert.equal(codeOf(error), "reset");
  assert.equal((error as Error).cause, abort);
});

test("streamTransport() reports a clean end even if closed has resolved before it", async () => {
  const pair = { ...recordingPair(), closed: Promise.resolve(), opened: Promise.resolve({}) };
  const transport = streamTransport(pair);
  pair.push("last words");
  pair.end();
  await turn();
  assert.equal(textOf(await transport.read()), "last words");
  assert.equal(await transport.read(), undefined);
});

test("streamTransport() neither reads nor writes before opened has resolved", async () => {
  const opened = settled<{ remoteAddress: string }>();
  const pair = { ...recordingPair(), opened: opened.promise };
  const transport = streamTransport(pair);
  pair.push("hello");
  const read = transport.read();
  const written = transport.write([utf8("hello")]);
  assert.equal(await soon(Promise.race([read, written])), "pending");
  assert.equal(transport.remoteAddress, undefined);
  opened.resolve({ remoteAddress: "[::1]:7000" });
  assert.equal(textOf(await read), "hello");
  await written;
  assert.equal(pair.chunks.length, 1);
  assert.deepEqual(transport.remoteAddress, { hostname: "::1", port: 7000 });
  assert.equal(transport.localAddress, undefined);
});

test("streamTransport() rejects with the error of opened, and never reports an end", async () => {
  const refused = new Error("proxy request failed, cannot connect to the specified address");
  const pair = {
    ...recordingPair(),
    opened: Promise.reject(refused),
    closed: Promise.reject(refused),
  };
  const transport = streamTransport(pair);
  pair.end();
  await turn();
  await assert.rejects(transport.read(), { name: "ConnectionError", cause: refused });
  await assert.rejects(async () => await transport.write([utf8("hello")]), { cause: refused });
  await assert.rejects(transport.closeWrite(), { cause: refused });
  assert.equal(pair.chunks.length, 0);
});

test("streamTransport() can be closed while opened is pending", async () => {
  let closed = 0;
  const pair = {
    ...recordingPair(),
    opened: never,
    close: () => {
      closed++;
      return never;
    },
  };
  const transport = streamTransport(pair);
  const [read, written] = [transport.read(), transport.write([utf8("hello")])];
  transport.close();
  assert.equal(await soon(read), undefined);
  assert.equal(codeOf(await soon(written)), "closed");
  assert.equal(closed, 1);
});

test("streamTransport() of a pair cannot start TLS", () => {
  assert.equal(streamTransport(recordingPair()).startTls, undefined);
});

/** The members by which a Node stream is recognized. */
class Duplex {
  readonly readable = true;
  pipe(): void {}
  write(): void {}
}

/** A subclass of Uint8Array, such as Buffer. */
class Bytes extends Uint8Array {}

/** Returns a stream of chunks of any type. */
function anyStream(): {
  readonly readable: ReadableStream<unknown>;
  readonly controller: ReadableStreamDefaultController<unknown>;
} {
  let controller!: ReadableStreamDefaultController<unknown>;
  const readable = new ReadableStream<unknown>({ start: (given) => void (controller = given) });
  return { readable, controller };
}
