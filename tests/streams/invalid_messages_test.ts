import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Codec,
  CodecError,
  compose,
  FrameDecoderStream,
  FrameReader,
  FrameTooLargeError,
  json,
  lengthPrefixed,
  lines,
  type MalformedFrameError,
  netstring,
  type Protocol,
  readFrames,
  text,
  TruncatedFrameError,
  uint16,
  uint8,
} from "../../mod.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { cuts, sizes } from "../support/faces.ts";
import { bounded } from "../support/limits.ts";
import { openStream, streamOf } from "../support/streams.ts";

type Invalid = CodecError | FrameTooLargeError | MalformedFrameError;
type Report = (error: Invalid) => void;

/** One way to read the messages of a stream. */
interface Face {
  readonly name: string;
  /** Appends the messages to a list, up to the end or an error. */
  read(
    readable: ReadableStream<Uint8Array>,
    protocol: Protocol<unknown>,
    onInvalid: Report | undefined,
    messages: unknown[],
  ): Promise<void>;
}

const faces: readonly Face[] = [
  {
    name: "readFrames()",
    async read(readable, protocol, onInvalid, messages) {
      for await (const message of readFrames(readable, protocol, onInvalid)) messages.push(message);
    },
  },
  {
    name: "FrameReader",
    async read(readable, protocol, onInvalid, messages) {
      const reader = new FrameReader(readable, onInvalid);
      for (let message; (message = await reader.read(protocol)) !== undefined;) {
        messages.push(message);
      }
    },
  },
  {
    name: "FrameDecoderStream",
    async read(readable, protocol, onInvalid, messages) {
      const decoded = readable.pipeThrough(new FrameDecoderStream(protocol, onInvalid));
      for await (const message of decoded) messages.push(message);
    },
  },
];

/** Returns the facts of a reported error. */
function facts(error: Invalid): unknown[] {
  if (error instanceof CodecError) return [error.name, latin1(error.frame)];
  if (!(error instanceof FrameTooLargeError)) return [error.name, error.offset];
  return [error.name, error.offset, error.length, error.limit];
}

interface Case {
  readonly protocol: Protocol<unknown>;
  readonly stream: string;
  readonly messages: readonly unknown[];
  readonly invalid: readonly unknown[];
}

const numbers: Protocol<unknown> = { framer: lines(), codec: json(), maxFrameLength: 8 };
const short: Protocol<unknown> = {
  framer: lengthPrefixed(uint8),
  codec: text() as never,
  maxFrameLength: 3,
};
const cases: Readonly<Record<string, Case>> = {
  "a message that cannot be decoded": {
    protocol: numbers,
    stream: "1\n{\n2\n",
    messages: [1, 2],
    invalid: [["CodecError", "{"]],
  },
  "a line over the limit": {
    protocol: numbers,
    stream: "1\n1234567890\n2\n",
    messages: [1, 2],
    invalid: [["FrameTooLargeError", 2, 9, 8]],
  },
  "an announced length over the limit": {
    protocol: short,
    stream: "\x02ab\x05vwxyz\x01c",
    messages: ["ab", "c"],
    invalid: [["FrameTooLargeError", 3, 5, 3]],
  },
  "several messages in a row": {
    protocol: numbers,
    stream: "}\n{\n1234567890\n[\n3\n123456789\n?\n",
    messages: [3],
    invalid: [
      ["CodecError", "}"],
      ["CodecError", "{"],
      ["FrameTooLargeError", 4, 9, 8],
      ["CodecError", "["],
      ["FrameTooLargeError", 19, 9, 8],
      ["CodecError", "?"],
    ],
  },
};

for (const face of faces) {
  for (const [name, { protocol, stream, messages, invalid }] of Object.entries(cases)) {
    test(`${face.name} reports ${name} to onInvalid once, and continues`, bounded, async () => {
      for (const chunks of cuts(bytes(stream))) {
        const read: unknown[] = [];
        const reported: unknown[] = [];
        const report = (error: Invalid) => void reported.push(facts(error));
        await face.read(streamOf(...chunks), protocol, report, read);
        assert.deepEqual([read, reported], [messages, invalid], sizes(chunks));
      }
    });
  }

  test(
    `${face.name} uses onInvalid of the protocol, and reports once`,
    bounded,
    async () => {
      for (const both of [false, true]) {
        const reported: unknown[] = [];
        const onInvalid = (error: Invalid) => void reported.push(facts(error));
        const read: unknown[] = [];
        await face.read(
          streamOf("1\n{\n1234567890\n2\n"),
          { ...numbers, onInvalid },
          both ? onInvalid : undefined,
          read,
        );
        assert.deepEqual(read, [1, 2]);
        assert.deepEqual(reported, [["CodecError", "{"], ["FrameTooLargeError", 4, 9, 8]]);
      }
    },
  );

  test(`${face.name} skips an announced frame that spans many chunks`, bounded, async () => {
    const reported: unknown[] = [];
    const read: unknown[] = [];
    const large = new Uint8Array(50_000);
    const chunks = Array.from({ length: 50 }, (_, index) => {
      return large.slice(index * 1000, (index + 1) * 1000);
    });
    // 50,000 is 0xc350.
    const header = [bytes("\xc3"), bytes("\x50")];
    const stream = streamOf("\0\x01a", ...header, ...chunks, "\0\x01b");
    const protocol = { ...short, framer: lengthPrefixed(uint16) };
    await face.read(stream, protocol, (error) => void reported.push(facts(error)), read);
    assert.deepEqual(read, ["a", "b"]);
    assert.deepEqual(reported, [["FrameTooLargeError", 3, 50_000, 3]]);
  });

  for (
    const [how, protocol, stream, messages] of [
      ["announced", short, "\x02ab\x05vw", ["ab"]],
      ["delimited", { ...numbers, framer: lines({ strict: true }) }, "1\n123456789", [1]],
    ] as const
  ) {
    test(
      `${face.name} fails if the stream ends inside a skipped frame: ${how}`,
      bounded,
      async () => {
        let expected: unknown;
        for (const chunks of cuts(bytes(stream))) {
          const reported: unknown[] = [];
          const read: unknown[] = [];
          const report = (error: Invalid) => void reported.push(facts(error));
          const reading = face.read(streamOf(...chunks), protocol, report, read);
          const error = await reading.then(() => undefined, (error) => error);
          assert.ok(error instanceof TruncatedFrameError, `${error}, ${sizes(chunks)}`);
          assert.equal(error.partial.length, 0);
          assert.deepEqual(read, messages);
          assert.deepEqual(reported, expected ??= reported, sizes(chunks));
        }
      },
    );
  }

  test(
    `${face.name} fails if the frame boundary is lost, even with onInvalid`,
    bounded,
    async () => {
      for (const chunks of cuts(bytes("1:a,x:b,"))) {
        const reported: unknown[] = [];
        const read: unknown[] = [];
        const reading = face.read(
          streamOf(...chunks),
          { framer: netstring(), codec: text() } as Protocol<unknown>,
          (error) => void reported.push(facts(error)),
          read,
        );
        await assert.rejects(reading, { name: "MalformedFrameError", offset: 4 });
        assert.deepEqual([read, reported], [["a"], []], sizes(chunks));
      }
    },
  );

  test(
    `${face.name} fails without onInvalid, after the messages before the invalid one`,
    bounded,
    async () => {
      for (const stream of ["1\n{\n2\n", "1\n1234567890\n2\n"]) {
        for (const chunks of cuts(bytes(stream))) {
          const read: unknown[] = [];
          await assert.rejects(
            face.read(streamOf(...chunks), numbers, undefined, read),
            (error) => {
              return error instanceof CodecError || error instanceof FrameTooLargeError;
            },
          );
          assert.deepEqual(read, [1], sizes(chunks));
        }
      }
    },
  );

  test(`${face.name} fails if onInvalid throws`, bounded, async () => {
    const enough = new Error("enough");
    const report = () => {
      throw enough;
    };
    const reading = face.read(streamOf("{\n2\n"), numbers, report, []);
    await assert.rejects(reading, (error) => error === enough);
  });

  test(`${face.name} throws a TypeError if a codec returns undefined`, bounded, async () => {
    for (const codec of withoutEmpty) {
      for (const chunks of cuts(bytes("one\n\ntwo\n"))) {
        const read: unknown[] = [];
        const reading = face.read(streamOf(...chunks), { framer: lines(), codec }, undefined, read);
        await assert.rejects(reading, TypeError);
        assert.deepEqual(read, ["one"], sizes(chunks));
      }
    }
  });
}

/** Invalid codecs that decode an empty frame to `undefined`. */
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

test("readFrames() continues after a codec has returned undefined", bounded, async () => {
  for (const codec of withoutEmpty) {
    const { readable, push, cancelled } = openStream();
    push("one\n\ntwo\n");
    const iterator = readFrames(readable, { framer: lines(), codec });
    assert.equal((await iterator.next()).value, "one");
    await assert.rejects(iterator.next(), TypeError);
    assert.equal((await iterator.next()).value, "two");
    assert.deepEqual(cancelled, []);
  }
});

test("FrameReader continues after a codec has returned undefined", bounded, async () => {
  for (const codec of withoutEmpty) {
    const reader = new FrameReader(openStreamOf("one\n\ntwo\n"));
    const protocol = { framer: lines(), codec };
    assert.equal(await reader.read(protocol), "one");
    await assert.rejects(reader.read(protocol), TypeError);
    assert.equal(await reader.read(protocol), "two");
  }
});

test("FrameReader continues after a message that cannot be decoded", bounded, async () => {
  const reader = new FrameReader(openStreamOf("1\n{\n2\n"));
  assert.equal(await reader.read(numbers), 1);
  await assert.rejects(reader.read(numbers), CodecError);
  assert.equal(await reader.read(numbers), 2);
});

test(
  "readFrames() does not cancel the stream for messages reported to onInvalid",
  bounded,
  async () => {
    const { readable, push, cancelled } = openStream();
    push("{\n1234567890\n1\n");
    const iterator = readFrames(readable, numbers, () => {});
    assert.equal((await iterator.next()).value, 1);
    assert.deepEqual(cancelled, []);
  },
);

/** Returns an open stream with one chunk. */
function openStreamOf(chunk: string): ReadableStream<Uint8Array> {
  const { readable, push } = openStream();
  push(chunk);
  return readable;
}
