import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Connection,
  ConnectionError,
  fixed,
  FrameReader,
  FrameTooLargeError,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  netstring,
  part,
  sequence,
  type StreamedFrame,
  text,
  TruncatedFrameError,
  uint8,
} from "../../mod.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { cuts, receiving, sizes } from "../support/faces.ts";
import { codeOf, recordingPair, soon } from "../support/pairs.ts";
import { collect, openStream, streamOf, textOf, utf8 } from "../support/streams.ts";
import { turn } from "../support/transports.ts";

const strings = { framer: netstring(), codec: text() };

/** Reads a body to its end. */
async function textOfBody(frame: StreamedFrame | undefined): Promise<string> {
  return (await collect(frame!.body)).map(latin1).join("");
}

/** The two ways to receive a frame whose body is a stream, and to receive the next one. */
interface Face {
  readonly name: string;
  open(chunks: readonly Uint8Array[]): {
    receiveStream(
      options?: { readonly signal?: AbortSignal; readonly maxBodyLength?: number },
    ): Promise<StreamedFrame | undefined>;
    receive(): Promise<string | undefined>;
  };
}

const faces: readonly Face[] = [
  {
    name: "Connection.receiveStream()",
    open: (chunks) => receiving(chunks, strings),
  },
  {
    name: "FrameReader.readStream()",
    open(chunks) {
      const reader = new FrameReader(streamOf(...chunks));
      return {
        receiveStream: (options) => reader.readStream(netstring(), options),
        receive: () => reader.read(strings),
      };
    },
  },
];

for (const { name, open } of faces) {
  test(`${name} resolves to header, length and body however the stream is cut`, async () => {
    for (const chunks of cuts(bytes("5:hello,0:,3:yes,2:ok,"))) {
      const stream = open(chunks);
      const first = await stream.receiveStream();
      assert.deepEqual([latin1(first!.header), first!.length], ["5:", 5]);
      assert.equal(await textOfBody(first), "hello", sizes(chunks));
      const empty = await stream.receiveStream();
      assert.deepEqual([empty!.length, await textOfBody(empty)], [0, ""]);
      assert.equal(await stream.receive(), "yes");
      assert.equal(await textOfBody(await stream.receiveStream()), "ok");
      assert.equal(await stream.receiveStream(), undefined);
      assert.equal(await stream.receive(), undefined);
    }
  });

  test(`${name} discards what has not been read, however the stream is cut`, async () => {
    for (const chunks of cuts(bytes("5:hello,0:,3:yes,2:ok,"))) {
      for (const how of ["unread", "half read", "cancelled", "iterated and left"]) {
        const stream = open(chunks);
        const { body } = (await stream.receiveStream())!;
        if (how === "half read") await body.getReader().read();
        if (how === "cancelled") await body.cancel();
        if (how === "iterated and left") {
          const reader = body.getReader();
          await reader.read();
          await reader.cancel();
        }
        await stream.receiveStream();
        assert.equal(await stream.receive(), "yes", `${how}, ${sizes(chunks)}`);
        await stream.receiveStream();
        assert.equal(await stream.receive(), undefined);
      }
    }
  });

  test(`${name} fails a body that was discarded for the next message`, async () => {
    const stream = open([bytes("5:hel"), bytes("lo,2:ok,")]);
    const reader = (await stream.receiveStream())!.body.getReader();
    assert.equal(latin1((await reader.read()).value!), "hel");
    const reading = reader.read();
    assert.equal(await stream.receive(), "ok");
    await assert.rejects(reading, {
      name: "TypeError",
      message: "Cannot read body: it was discarded for the next message",
    });
  });

  test(`${name} fails the body of a stream that ends inside it, and every later call`, async () => {
    for (const chunks of cuts(bytes("5:hell"))) {
      const stream = open(chunks);
      const { body } = (await stream.receiveStream())!;
      const error = await collect(body).then(() => assert.fail("no error"), (error) => error);
      assert.ok(error instanceof TruncatedFrameError, `${error}`);
      assert.deepEqual([error.offset, error.expectedLength, error.partial.length], [0, 8, 0]);
      assert.equal(await stream.receive().catch((error) => error), error);
      assert.equal(await stream.receiveStream().catch((error) => error), error);
    }
  });

  test(`${name} fails after a body without its trailer`, async () => {
    const stream = open([bytes("5:hello;")]);
    const reader = (await stream.receiveStream())!.body.getReader();
    assert.equal(latin1((await reader.read()).value!), "hello");
    await assert.rejects(reader.read(), MalformedFrameError);
    await assert.rejects(stream.receive(), MalformedFrameError);
  });

  test(`${name} rejects a body over maxBodyLength when it is announced`, async () => {
    const stream = open([bytes("9007199254740991:")]);
    const error = await stream.receiveStream({ maxBodyLength: 10 }).catch((error) => error);
    assert.ok(error instanceof FrameTooLargeError);
    assert.deepEqual([error.length, error.limit], [Number.MAX_SAFE_INTEGER, 10]);
    const largest = open([bytes("9007199254740991:a")]);
    assert.equal((await largest.receiveStream())?.length, Number.MAX_SAFE_INTEGER);
    await assert.rejects(open([bytes("9007199254740992:")]).receiveStream(), MalformedFrameError);
    await assert.rejects(open([bytes("-1:")]).receiveStream(), MalformedFrameError);
    for (const maxBodyLength of [-1, 1.5, NaN, null as unknown as number]) {
      await assert.rejects(open([]).receiveStream({ maxBodyLength }), RangeError);
    }
  });

  test(`${name} serves concurrent calls in order`, async () => {
    for (const chunks of cuts(bytes("3:one,3:two,5:three,4:four,"))) {
      const stream = open(chunks);
      const calls = [stream.receiveStream(), stream.receiveStream(), stream.receive()] as const;
      assert.equal(await textOfBody(await calls[0]), "one", sizes(chunks));
      const second = await calls[1];
      assert.equal(await soon(calls[2]), "pending");
      assert.equal(await textOfBody(second), "two");
      assert.equal(await calls[2], "three");
      assert.equal(await stream.receive(), "four");
    }
  });

  test(`${name} serves pending calls when the body is cancelled or aborted`, async () => {
    for (const how of ["cancel", "abort"]) {
      const stream = open([bytes("5:he"), bytes("llo,2:ok,")]);
      const controller = new AbortController();
      const calls = [
        stream.receiveStream({ signal: controller.signal }),
        stream.receive(),
      ] as const;
      const { body } = (await calls[0])!;
      if (how === "cancel") await body.cancel();
      else controller.abort(new Error("enough"));
      assert.equal(await calls[1], "ok");
      if (how === "abort") await assert.rejects(collect(body), { message: "enough" });
    }
  });

  test(`${name} can be aborted before, between and inside the body without losing a byte`, async () => {
    const reason = new Error("enough");
    const stream = open([bytes("5:he"), bytes("llo,2:ok,")]);
    await assert.rejects(stream.receiveStream({ signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const { body } = (await stream.receiveStream({ signal: controller.signal }))!;
    const reader = body.getReader();
    assert.equal(latin1((await reader.read()).value!), "he");
    const reading = reader.read();
    controller.abort(reason);
    await assert.rejects(reading, reason);
    assert.equal(await stream.receive(), "ok");
  });
}

test("Connection.receive() fails a read of the body that is waiting for bytes", async () => {
  const { readable, push } = openStream();
  const connection = new Connection({ readable, writable: new WritableStream() }, strings);
  push("5:hel");
  const reader = (await connection.receiveStream())!.body.getReader();
  await reader.read();
  const reading = reader.read();
  assert.equal(await soon(reading), "pending");
  const receiving = connection.receive();
  await assert.rejects(reading, TypeError);
  push("lo,2:ok,");
  assert.equal(await receiving, "ok");
  connection.abort();
});

test("Connection.receiveStream() reads nothing before its body is read", async () => {
  let pulls = 0;
  const readable = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulls++;
      controller.enqueue(bytes(pulls === 1 ? "8:a" : "b"));
    },
  }, { highWaterMark: 0 });
  const connection = new Connection({ readable, writable: new WritableStream() }, netstring());
  const { body } = (await connection.receiveStream())!;
  await turn();
  assert.equal(pulls, 1);
  const reader = body.getReader();
  await reader.read();
  await turn();
  assert.equal(pulls, 1);
  assert.equal(latin1((await reader.read()).value!), "b");
  assert.equal(pulls, 2);
  connection.abort();
});

test("Connection.receiveStream() is refused where no length is announced, and for sequences", async () => {
  const asLines = receiving([utf8("one\ntwo\n")], { framer: lines(), codec: text() });
  await assert.rejects(asLines.receiveStream(), TypeError);
  assert.equal(await asLines.receive(), "one");
  const sequenced = receiving(
    [utf8("a")],
    sequence({
      *read() {
        return yield* part(fixed(1));
      },
    }),
  );
  await assert.rejects(sequenced.receiveStream(), TypeError);
  assert.equal(textOf(await sequenced.receive()), "a");
});

test("Connection.receiveStream() bypasses codec and onInvalid", async () => {
  const errors: unknown[] = [];
  const refusing = {
    framer: netstring(),
    codec: {
      decode: (): string => {
        throw new Error("refused");
      },
      encode: utf8,
    },
    onInvalid: (error: unknown) => void errors.push(error),
  };
  const connection = receiving([bytes("2:ok,3:bad,")], refusing);
  assert.equal(await textOfBody(await connection.receiveStream()), "ok");
  assert.deepEqual(errors, []);
  assert.equal(await connection.receive(), undefined);
  assert.equal(errors.length, 1);
});

test("Connection.receiveStream() rejects a body over the limit even if there is onInvalid", async () => {
  const errors: unknown[] = [];
  const connection = receiving([bytes("9:")], {
    framer: netstring(),
    maxBodyLength: 8,
    onInvalid: (error) => void errors.push(error),
  });
  await assert.rejects(connection.receiveStream(), FrameTooLargeError);
  assert.deepEqual(errors, []);
});

test("Every way to receive discards the rest of an open body", async () => {
  const stream = "5:hello,3:one,3:two,";
  const ways: Readonly<Record<string, (connection: Connection<string>) => Promise<unknown>>> = {
    receive: (connection) => connection.receive(),
    next: async (connection) => (await connection.next()).value,
    batches: async (connection) => (await connection.batches().next()).value?.[0],
    readable: async (connection) => (await connection.readable.getReader().read()).value,
    async "for await"(connection) {
      for await (const message of connection) return message;
    },
    async visit(connection) {
      const frames: string[] = [];
      await connection.visit((bytes, start, end) => {
        frames.push(latin1(bytes.subarray(start, end)));
      });
      return frames[0];
    },
    receiveStream: async (connection) => textOfBody(await connection.receiveStream()),
  };
  for (const [name, receive] of Object.entries(ways)) {
    for (const chunks of cuts(bytes(stream))) {
      const connection = receiving(chunks, strings);
      const { body } = (await connection.receiveStream())!;
      const reader = body.getReader();
      await reader.read();
      assert.equal(await receive(connection), "one", `${name}, ${sizes(chunks)}`);
    }
  }
});

test("A body that is discarded before it reaches the caller is not an empty one", async () => {
  for (const { name, open } of faces) {
    const reader = open([bytes("1:x,5:hello,3:one,")]);
    assert.equal(await reader.receive(), "x");
    const streamed = reader.receiveStream();
    const message = reader.receive();
    await assert.rejects(textOfBody(await streamed), /discarded for the next message/, name);
    assert.equal(await message, "one");
  }
});

test("A call that discards a body comes after the calls that have waited longer", async () => {
  for (const { name, open } of faces) {
    const reader = open([bytes("5:hello,3:one,3:two,5:three,")]);
    const streamed = [reader.receiveStream(), reader.receiveStream(), reader.receive()] as const;
    await streamed[0];
    const last = reader.receive();
    assert.equal(await textOfBody(await streamed[1]), "one", name);
    assert.equal(await streamed[2], "two", name);
    assert.equal(await last, "three", name);
  }
});

test("Connection.switchTo() applies after an open body, and after the calls that wait for its end", async () => {
  for (const chunks of cuts(bytes("5:hello,3:one,two\n"))) {
    const connection = receiving(chunks, strings);
    const streamed = connection.receiveStream();
    const pending = connection.receive();
    const { body } = (await streamed)!;
    const switched = connection.switchTo({ framer: lines(), codec: text() });
    assert.equal((await collect(body)).map(latin1).join(""), "hello");
    assert.equal(await pending, "one");
    assert.equal(await switched.receive(), "two", sizes(chunks));
  }
});

test("Connection.startTls() and detach() are refused while a body is open", async () => {
  const connection = receiving([bytes("5:he"), bytes("llo,rest")], { framer: netstring() });
  const { body } = (await connection.receiveStream())!;
  await assert.rejects(connection.startTls(), {
    name: "TypeError",
    message: "Cannot start TLS: a body has not been read",
  });
  assert.throws(() => connection.detach(), {
    name: "TypeError",
    message: "Cannot detach: a body has not been read",
  });
  assert.equal((await collect(body)).map(latin1).join(""), "hello");
  assert.equal(textOf(await connection.detach().read()), "rest");
});

test("FrameReader.detach() is refused while a body is open", async () => {
  const reader = new FrameReader(streamOf("5:he", "llo,rest"));
  const { body } = (await reader.readStream(netstring()))!;
  assert.throws(() => reader.detach(), TypeError);
  await collect(body);
  assert.deepEqual((await collect(reader.detach().readable)).map(textOf), ["rest"]);
});

test("FrameReader.readStream() reads each body with its own framing", async () => {
  const reader = new FrameReader(streamOf("2:ok,\x03abcrest\n"));
  assert.equal(await textOfBody(await reader.readStream(netstring())), "ok");
  const second = await reader.readStream(lengthPrefixed(uint8));
  assert.equal(textOf(await reader.read(lines())), "rest");
  assert.equal(second?.length, 3);
});

test("FrameReader.cancel() fails an open body", async () => {
  const { readable, push, cancelled } = openStream();
  const reader = new FrameReader(readable);
  push("5:he");
  const calls = [reader.readStream(netstring()), reader.read(netstring())] as const;
  const body = (await calls[0])!.body.getReader();
  await body.read();
  const reading = body.read();
  await reader.cancel("enough");
  assert.equal(codeOf(await reading.catch((error) => error)), "closed");
  assert.equal(await calls[1], undefined);
  assert.deepEqual(cancelled, ["enough"]);
});

test("Connection.close() and abort() fail an open body, whether it is being read or not", async () => {
  for (const reads of [true, false]) {
    for (const how of ["close", "abort"] as const) {
      const pair = recordingPair();
      const connection = new Connection(pair, { framer: netstring(), closeTimeout: 50 });
      pair.push("5:he");
      const calls = [connection.receiveStream(), connection.receive()] as const;
      const body = (await calls[0])!.body.getReader();
      await body.read();
      const reading = reads ? body.read().catch((error) => error) : undefined;
      if (how === "close") void connection.close();
      else connection.abort();
      const next = await calls[1].catch((error) => error);
      assert.equal(how === "close" ? next : codeOf(next), how === "close" ? undefined : "aborted");
      const error = await (reading ?? body.read().catch((error) => error));
      assert.ok(error instanceof ConnectionError, `${error}`);
      assert.equal(error.code, how === "close" ? "closed" : "aborted");
      if (how === "close") pair.end();
    }
  }
});

test("Connection.closeRead() lets an open body finish, and ends after it", async () => {
  const pair = recordingPair();
  const connection = new Connection(pair, strings);
  pair.push("5:he");
  const { body } = (await connection.receiveStream())!;
  connection.closeRead();
  await turn();
  pair.push("llo,2:no,");
  assert.equal((await collect(body)).map(latin1).join(""), "hello");
  assert.equal(await connection.receive(), undefined);
  connection.abort();
});

test("A tap sees a frame received as a stream once, and the next one at its offset", async () => {
  for (const chunks of cuts(bytes("5:hello,2:ok,"))) {
    for (const reads of [true, false]) {
      const frames: unknown[] = [];
      const tap = { frame: (event: unknown) => void frames.push(event) };
      const connection = receiving(chunks, { framer: netstring(), tap });
      const { body } = (await connection.receiveStream())!;
      if (reads) await collect(body);
      await connection.receive();
      assert.deepEqual(frames, [
        { direction: "in", offset: 0, length: 8 },
        { direction: "in", offset: 8, length: 5 },
      ]);
    }
  }
});
