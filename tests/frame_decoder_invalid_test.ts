import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Codec,
  CodecError,
  delimited,
  fixed,
  FrameDecoder,
  type Framer,
  FrameTooLargeError,
  json,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  marked,
  netstring,
  tagged,
  text,
  TruncatedFrameError,
  uint32,
  uint8,
  untilClose,
} from "../mod.ts";
import type { ProtocolParts } from "../src/protocol.ts";
import { FrameFinder } from "../src/frame_finder.ts";
import { bytes, chunksOf, latin1 } from "./support/bytes.ts";
import { failure } from "./support/framing.ts";
import { heldBy } from "./support/held.ts";

/** Returns a decoder and the list of the errors that it reports. */
function reporting<In = Uint8Array>(
  protocol: ProtocolParts<In>,
): { decoder: FrameDecoder<In>; reports: Error[] } {
  const reports: Error[] = [];
  return { decoder: new FrameDecoder(protocol, (error) => reports.push(error)), reports };
}

/** Frames of nested braces, found by a framer that keeps its position in `memo`. */
const braces: Framer = {
  measure(input) {
    let { at, depth } = (input.memo ?? { at: 0, depth: 0 }) as { at: number; depth: number };
    for (let byte = input.peek(at); byte !== undefined; byte = input.peek(++at)) {
      if (byte === 0x7b) depth++;
      else if (depth === 0) throw new MalformedFrameError("a brace is missing");
      else if (byte === 0x7d && --depth === 0) return at + 1;
    }
    input.memo = { at, depth };
    return undefined;
  },
  write: () => {},
};

// Reports.

test("FrameDecoder reports a frame that cannot be decoded, and reads the next one", () => {
  const { decoder, reports } = reporting({ framer: lines(), codec: json() });
  decoder.push(bytes("1\n{\n}\n2\n"));
  assert.equal(decoder.read(), 1);
  assert.equal(decoder.read(), 2);
  assert.equal(decoder.read(), undefined);
  assert.ok(reports.every((error) => error instanceof CodecError));
  assert.deepEqual(reports.map((error) => latin1((error as CodecError).frame)), ["{", "}"]);
});

test("FrameDecoder reports the error that it would throw without a handler", () => {
  const protocol = { framer: lines(), codec: json(), maxFrameLength: 4 };
  for (const stream of ["{\n", "12345\n", "123456789\n"]) {
    const { decoder, reports } = reporting(protocol);
    decoder.push(bytes(`${stream}7\n`));
    assert.deepEqual(decoder.readAll(), [7]);
    const strict = new FrameDecoder(protocol);
    strict.push(bytes(stream));
    assert.deepEqual(reports, [failure(() => strict.read())]);
  }
});

test("FrameDecoder reports to the protocol's onInvalid, or to its own handler instead", () => {
  const calls: string[] = [];
  const protocol = {
    framer: lines(),
    codec: json(),
    onInvalid: () => void calls.push("protocol"),
  };
  const read = (decoder: FrameDecoder<unknown>) => {
    decoder.push(bytes("{\n1\n"));
    assert.deepEqual(decoder.readAll(), [1]);
    return calls.splice(0);
  };
  assert.deepEqual(read(new FrameDecoder(protocol)), ["protocol"]);
  assert.deepEqual(read(new FrameDecoder(protocol, () => void calls.push("argument"))), [
    "argument",
  ]);
  assert.deepEqual(read(new FrameDecoder(protocol, protocol.onInvalid)), ["protocol"]);
});

test("FrameDecoder.switchTo() uses the protocol's onInvalid unless the decoder has its own handler", () => {
  const calls: string[] = [];
  const named = (name: string) => ({
    framer: lines(),
    codec: json(),
    onInvalid: () => void calls.push(name),
  });
  const decoder = new FrameDecoder(named("first"));
  decoder.push(bytes("{\n{\n{\n"));
  decoder.switchTo(named("second")).read();
  assert.deepEqual(calls.splice(0), ["second", "second", "second"]);
  decoder.push(bytes("{\n"));
  assert.throws(() => decoder.switchTo({ framer: lines(), codec: json() }).read(), CodecError);
  const own = new FrameDecoder(named("first"), () => void calls.push("own"));
  own.push(bytes("{\n"));
  own.switchTo(named("second")).read();
  assert.deepEqual(calls, ["own"]);
});

test("FrameDecoder throws an error that loses the frame boundary, even with a handler", () => {
  const { decoder, reports } = reporting({ framer: netstring() });
  decoder.push(bytes("1:a,x:"));
  assert.equal(latin1(decoder.read()!), "a");
  const error = failure(() => decoder.read());
  assert.ok(error instanceof MalformedFrameError);
  assert.equal(failure(() => decoder.read()), error);
  assert.deepEqual(reports, []);
});

test("FrameDecoder.visit() reports and skips frames over the limit", () => {
  const { decoder, reports } = reporting({ framer: lines(), codec: json(), maxFrameLength: 2 });
  decoder.push(bytes("{\nabc\n}\nlong\nxy\n"));
  const seen: string[] = [];
  decoder.visit((bytes, start, end) => seen.push(latin1(bytes.subarray(start, end))));
  assert.deepEqual(seen, ["{", "}", "xy"]);
  assert.deepEqual(reports.map(({ name }) => name), ["FrameTooLargeError", "FrameTooLargeError"]);
});

// Handlers.

test("FrameDecoder throws the errors of its handler, and continues after them", () => {
  const mine = new Error("enough");
  const decoder = new FrameDecoder({ framer: lines(), codec: json(), maxFrameLength: 4 }, () => {
    throw mine;
  });
  decoder.push(bytes("1\n{\n2\n12345"));
  assert.equal(decoder.read(), 1);
  assert.equal(failure(() => decoder.read()), mine);
  assert.equal(decoder.read(), 2);
  assert.equal(failure(() => decoder.read()), mine);
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("678\n3\n{\n4\n"));
  assert.deepEqual(decoder.readAll(), [3]);
  assert.equal(failure(() => decoder.readAll()), mine);
  assert.deepEqual(decoder.readAll(), [4]);
});

test("FrameDecoder allows its handler to read and to switch to another protocol", () => {
  const events: unknown[] = [];
  const decoder: FrameDecoder<unknown> = new FrameDecoder<unknown>(
    { framer: lines(), codec: json(), maxFrameLength: 4 },
    ({ name }) => {
      events.push(name, decoder.read());
      if (name === "FrameTooLargeError") decoder.switchTo({ framer: lengthPrefixed(uint8) });
    },
  );
  decoder.push(bytes("{\n1\n12345\n2\n\x02ab"));
  events.push(...decoder.readAll());
  assert.deepEqual(events, ["CodecError", 1, "FrameTooLargeError", 2, bytes("ab")]);
});

// Skipping frames over the limit.

const skipped: readonly (readonly [name: string, framer: Framer, long: string, short: string])[] = [
  ["lengthPrefixed()", lengthPrefixed(uint32), `\0\x04\0\0${"x".repeat(262_144)}`, "\0\0\0\x01a"],
  ["netstring()", netstring(), `262144:${"1:a,".repeat(65_536)},`, "1:a,"],
  ["lines()", lines(), `${"x".repeat(262_144)}\r\n`, "a\n"],
  ["lines({ strict })", lines({ strict: true }), `${"\r".repeat(262_144)}\n`, "a\n"],
  ["delimited()", delimited("aab"), `${"aa\0".repeat(90_000)}aab`, "aaab"],
  ["delimited() of several", delimited(["\r\n", "\n", ";;"]), `${"\r;".repeat(131_072)}\n`, "a;;"],
  ["delimited({ keep })", delimited("\n", { keep: true }), `${"x".repeat(262_144)}\n`, "\n"],
  ["marked()", marked("<<", ">>"), `<<${"><".repeat(131_072)}>>`, "<<a>>"],
  ["tagged() over lines()", tagged({ 0x2b: lines() }), `+${"+".repeat(262_144)}\r\n`, "+\n"],
  [
    "tagged() over marked()",
    tagged({ 0x2b: marked("(", "))") }),
    `+(${"+(".repeat(131_072)}))`,
    "+())",
  ],
  ["a scanning framer", braces, `${"{".repeat(131_072)}${"}".repeat(131_072)}`, "{}"],
  ["a scanning framer in tagged()", tagged({ 0x2b: braces }), `+{${"{}".repeat(131_072)}}`, "+{}"],
];

for (const [name, framer, long, short] of skipped) {
  test(`FrameDecoder skips exactly the frames over the limit: ${name}`, () => {
    const stream = bytes(short + long + short + short + long + long + short);
    const expected = new FrameDecoder({ framer });
    expected.push(bytes(short));
    const frame = latin1(expected.read()!);
    for (const size of [997, 4096, 65_536, 300_000, stream.length]) {
      const { decoder, reports } = reporting({ framer, maxFrameLength: 10 });
      const frames: string[] = [];
      for (const chunk of chunksOf(stream, size)) {
        decoder.push(chunk);
        for (const one of decoder) frames.push(latin1(one));
      }
      decoder.end();
      assert.deepEqual([...decoder], []);
      assert.deepEqual(frames, [frame, frame, frame, frame], `chunks of ${size}`);
      assert.deepEqual(
        reports.map((error) => (error as FrameTooLargeError).offset),
        [short.length, 3 * short.length + long.length, 3 * short.length + 2 * long.length],
      );
    }
  });

  test(`FrameDecoder skips frames over the limit in bounded memory: ${name}`, () => {
    const size = 4096;
    const start = bytes(long.slice(0, -3));
    const finder = new FrameFinder();
    let reports = 0;
    finder.switchTo({ framer, maxFrameLength: 10 }, () => reports++);
    for (const chunk of chunksOf(start, size)) {
      finder.queue.push(chunk);
      assert.equal(finder.next(1), -1);
      assert.ok(heldBy(finder.queue) <= 2 * 65_536 + 4 * size, `${heldBy(finder.queue)} bytes`);
    }
    assert.equal(reports, 1);
    assert.deepEqual([finder.queue.pending, finder.queue.frameOffset], [start.length, 0]);
  });
}

test("FrameDecoder counts the bytes of a skipped frame as buffered until the frame is complete", () => {
  const { decoder } = reporting({ framer: lengthPrefixed(uint32), maxFrameLength: 10 });
  decoder.push(bytes("\0\0\0\x01a\0\x01\0\0xyz"));
  assert.equal(latin1(decoder.read()!), "a");
  assert.equal(decoder.read(), undefined);
  assert.deepEqual([decoder.offset, decoder.buffered, decoder.expectedLength], [5, 7, 65_540]);
  decoder.push(new Uint8Array(65_533));
  assert.equal(decoder.read(), undefined);
  assert.deepEqual([decoder.offset, decoder.buffered, decoder.expectedLength], [
    65_545,
    0,
    undefined,
  ]);
});

test("FrameDecoder requires the trailer of a skipped frame", () => {
  for (const size of [1, 2, 100]) {
    const { decoder, reports } = reporting({ framer: netstring(), maxFrameLength: 2 });
    const error = failure(() => {
      for (const chunk of chunksOf(bytes("1:a,3:abc;1:b,"), size)) {
        decoder.push(chunk);
        decoder.readAll();
      }
      decoder.read();
    });
    assert.ok(error instanceof MalformedFrameError);
    assert.equal(error.message, "Cannot read frame at offset 4: its trailer is missing");
    assert.equal(reports.length, 1);
  }
});

test("FrameDecoder reports truncation inside a skipped frame, without its bytes", () => {
  const cases: readonly (readonly [Framer, string, number | undefined])[] = [
    [lengthPrefixed(uint8), "\x05abc", 6],
    [lengthPrefixed(uint8), "\x05", 6],
    [netstring(), "5:abcde", 8],
    [lines({ strict: true }), "abcdef", undefined],
    [delimited("\r\n"), "abcdef\r", undefined],
    [braces, "{{{{}}", undefined],
  ];
  for (const [framer, stream, expectedLength] of cases) {
    for (const readsFirst of [true, false]) {
      const { decoder, reports } = reporting({ framer, maxFrameLength: 2 });
      decoder.push(bytes(stream));
      if (readsFirst) assert.equal(decoder.read(), undefined);
      decoder.end();
      const error = failure(() => decoder.read());
      assert.ok(error instanceof TruncatedFrameError, `${error}`);
      assert.deepEqual([error.partial.length, error.expectedLength, error.offset], [
        0,
        expectedLength,
        0,
      ]);
      assert.match(
        error.message,
        new RegExp(`ended after ${stream.length} (of \\d+ )?bytes of it$`),
      );
      assert.equal(reports.length, 1);
      assert.equal(failure(() => decoder.read()), error);
    }
  }
});

test("FrameDecoder ends cleanly after a skipped frame that ends with the stream", () => {
  for (const framer of [lines(), untilClose()]) {
    for (const readsFirst of [true, false]) {
      const { decoder, reports } = reporting({ framer, maxFrameLength: 2 });
      decoder.push(bytes("abcdef"));
      if (readsFirst) assert.equal(decoder.read(), undefined);
      decoder.end();
      assert.equal(decoder.read(), undefined);
      assert.equal(decoder.buffered, 0);
      assert.deepEqual(reports.map(({ name }) => name), ["FrameTooLargeError"]);
    }
  }
});

test("FrameDecoder.switchTo() takes effect after a frame that is being skipped", () => {
  const { decoder, reports } = reporting({ framer: lines(), maxFrameLength: 4 });
  decoder.push(bytes("abcdefgh"));
  assert.equal(decoder.read(), undefined);
  decoder.switchTo({ framer: lengthPrefixed(uint8), maxFrameLength: 2 });
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("ij\r\n\x02ab\x03"));
  assert.deepEqual(decoder.readAll().map(latin1), ["ab"]);
  decoder.switchTo({ framer: lines() });
  decoder.push(bytes("xyzq\n"));
  assert.deepEqual(decoder.readAll().map(latin1), ["q"]);
  assert.deepEqual(reports.map((error) => (error as FrameTooLargeError).limit), [4, 2]);
});

test("FrameDecoder.detach() throws the error of a frame that is being skipped", () => {
  const { decoder, reports } = reporting({ framer: lines(), maxFrameLength: 4 });
  decoder.push(bytes("abcdefgh"));
  assert.equal(decoder.read(), undefined);
  assert.equal(failure(() => decoder.detach()), reports[0]);
  decoder.push(bytes("\nrest"));
  assert.equal(decoder.read(), undefined);
  assert.equal(latin1(decoder.detach()), "rest");
});

test("FrameDecoder fails if a framer looks at released bytes of a skipped frame", () => {
  const framer: Framer = {
    measure(input) {
      input.atLeast(input.length);
      for (let at = 0; at < input.length; at++) if (input.peek(at) === 0x0a) return at + 1;
      return undefined;
    },
    write: () => {},
  };
  const { decoder, reports } = reporting({ framer, maxFrameLength: 10 });
  const error = failure(() => {
    for (let count = 0; count < 100; count++) {
      decoder.push(new Uint8Array(5000));
      decoder.read();
    }
  });
  assert.ok(error instanceof MalformedFrameError);
  assert.equal(error.message, "Cannot read frame at offset 0: skipped bytes have been released");
  assert.equal(reports.length, 1);
});

test("FrameDecoder skips many frames in one call", () => {
  const { decoder, reports } = reporting({ framer: lines(), codec: text(), maxFrameLength: 4 });
  decoder.push(bytes("12345\n".repeat(50_000) + "ok\n"));
  assert.equal(decoder.read(), "ok");
  assert.equal(reports.length, 50_000);
});

// Frames that consume no input.

test("FrameDecoder reads frames that consume no input one by one, and refuses to read all", () => {
  const message = "Cannot iterate over empty frames: they consume no input";
  for (const stream of ["", "abc"]) {
    const decoder = new FrameDecoder({ framer: fixed(0) });
    decoder.push(bytes(stream));
    const all: readonly (() => unknown)[] = [
      () => decoder.readAll(),
      () => [...decoder],
      () => decoder.visit(() => {}),
    ];
    for (const read of all) {
      const error = failure(read);
      assert.ok(error instanceof RangeError);
      assert.equal(error.message, message);
      assert.deepEqual(decoder.read(), new Uint8Array(0));
    }
    assert.equal(latin1(decoder.switchTo({ framer: fixed(stream.length) }).read()!), stream);
  }
});

test("FrameDecoder reports a frame that consumes no input only once", () => {
  const { decoder, reports } = reporting({ framer: fixed(0), codec: json() });
  assert.throws(() => decoder.read(), RangeError);
  assert.equal(reports.length, 1);
});

// Codecs.

test("FrameDecoder refuses a codec that returns undefined, however it is read", () => {
  const codec: Codec<Uint8Array, string> = {
    decode: (frame) => frame.length === 0 ? undefined as never : latin1(frame),
    encode: bytes,
  };
  const message = "Cannot decode frame: its codec returned undefined";
  const reads: readonly ((decoder: FrameDecoder<string>) => unknown)[] = [
    (decoder) => decoder.read(),
    (decoder) => decoder.readAll(),
    (decoder) => [...decoder],
  ];
  for (const read of reads) {
    const reports: unknown[] = [];
    const decoder = new FrameDecoder({ framer: lines(), codec }, (error) => reports.push(error));
    decoder.push(bytes("\nb\n"));
    const error = failure(() => read(decoder));
    assert.ok(error instanceof TypeError && !(error instanceof CodecError));
    assert.equal(error.message, message);
    assert.equal(decoder.read(), "b");
    assert.deepEqual(reports, []);
  }
  const decoder = new FrameDecoder({ framer: lines(), codec });
  decoder.push(bytes("a\n\nb\n"));
  assert.deepEqual(decoder.readAll(), ["a"]);
  assert.throws(() => decoder.readAll(), TypeError);
  assert.deepEqual(decoder.readAll(), ["b"]);
});

test("FrameDecoder accepts null and other falsy messages", () => {
  const values = [null, 0, false, "", NaN];
  const codec: Codec<Uint8Array, unknown> = {
    decode: (frame) => values[frame.length] as null,
    encode: () => new Uint8Array(0),
  };
  const decoder = new FrameDecoder({ framer: lines(), codec });
  decoder.push(bytes("\na\nbb\nccc\ndddd\n"));
  assert.deepEqual([...decoder], values);
});

// readAll().

test("FrameDecoder.readAll() returns the messages before an error, which the next call throws", () => {
  const protocol = { framer: lines(), codec: json(), maxFrameLength: 4 };
  const next: readonly ((decoder: FrameDecoder<unknown>) => unknown)[] = [
    (decoder) => decoder.read(),
    (decoder) => decoder.readAll(),
    (decoder) => [...decoder],
    (decoder) => decoder.visit(() => {}),
  ];
  for (const read of next) {
    const decoder = new FrameDecoder(protocol);
    decoder.push(bytes("1\n2\n{\n3\n"));
    assert.deepEqual(decoder.readAll(), [1, 2]);
    const error = failure(() => read(decoder));
    assert.ok(error instanceof CodecError);
    assert.equal(decoder.read(), 3);
    decoder.push(bytes("4\n12345"));
    assert.deepEqual(decoder.readAll(), [4]);
    const fatal = failure(() => read(decoder));
    assert.ok(fatal instanceof FrameTooLargeError);
    assert.equal(failure(() => read(decoder)), fatal);
  }
  assert.deepEqual(new FrameDecoder(protocol).readAll(), []);
});
