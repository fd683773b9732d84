import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Codec,
  CodecError,
  compose,
  decimalUntil,
  fixed,
  FrameDecoder,
  FrameTooLargeError,
  FramingError,
  hex,
  json,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  netstring,
  type Part,
  part,
  type ProtocolParts,
  sequence,
  type SequenceProtocol,
  text,
  uint16LE,
  uint64,
  uint8,
  untilClose,
  varint,
} from "../../mod.ts";
import { bytes, chunksOf, latin1 } from "../support/bytes.ts";
import { failure } from "../support/framing.ts";
import { bounded } from "../support/limits.ts";
import {
  crlf,
  imap,
  line,
  outcome,
  outcomeOfAnyCut,
  resp,
  type Value,
} from "../support/sequences.ts";

/** A sequence of one part between two lines. */
function around<Message>(
  inner: ProtocolParts<Message, never>,
): SequenceProtocol<[string, Message, string]> {
  return sequence({
    *read() {
      return [yield* line, yield* part(inner), yield* line];
    },
  });
}

test("part() is typed by what it reads", () => {
  const frame: Part<Uint8Array> = part(lines());
  const string: Part<string> = part({ framer: lines(), codec: text() });
  const parts: Part<string[]> = part(imap);
  // @ts-expect-error: the message is text.
  const wrong: Part<number> = part({ framer: lines(), codec: text() });
  assert.ok(frame && string && parts && wrong);
});

test("part() refuses what is not a protocol", () => {
  for (const wrong of [undefined, {}, lines, { framer: lines }, { framer: lines(), codec: {} }]) {
    assert.throws(() => part(wrong as never), TypeError);
  }
  assert.throws(() => part({ framer: lines(), maxFrameLength: -1 }), RangeError);
});

test("part() reads integers of every encoding", () => {
  const numbers = sequence({
    *read() {
      return [
        yield* part(uint8),
        yield* part(uint16LE),
        yield* part(varint),
        yield* part(decimalUntil("\r\n")),
        yield* part(hex(4)),
        yield* part(uint64),
      ];
    },
  });
  const one = "\x01\x02\x01\xac\x0212345\r\n00ff\0\0\0\x01\0\0\0\0";
  const values = [1, 258, 300, 12345, 255, 2 ** 32];
  assert.deepEqual(outcomeOfAnyCut(numbers, one + one), [values, values]);
  const [error] = outcomeOfAnyCut(numbers, "\x01\x02\x01\xac\x02-5\r\n");
  assert.match(
    String(error),
    /^MalformedFrameError: Cannot read frame at offset 0: unexpected "-"/,
  );
  assert.match(
    String(outcomeOfAnyCut(numbers, "\x01\x02\x01\x011\r\n00ff\xff1234567")),
    /^Malformed/,
  );
  assert.match(String(outcomeOfAnyCut(numbers, one.slice(0, 9))), /^TruncatedFrameError/);
  const count: Part<number> = part(uint8);
  // @ts-expect-error: the part is a number.
  const wrong: Part<string> = part(uint8);
  assert.ok(count && wrong);
});

test("part() reads a number of bytes", () => {
  const sized = sequence({
    *read() {
      return latin1(yield* part(Number(yield* line)));
    },
  });
  assert.deepEqual(outcomeOfAnyCut(sized, "3\r\nabc0\r\n1\r\nx"), ["abc", "", "x"]);
  for (const wrong of ["-1", "1.5", "x", "1e400", "9007199254740992"]) {
    assert.deepEqual(outcomeOfAnyCut(sized, `1\r\na${wrong}\r\nabc`), [
      "a",
      `MalformedFrameError: Cannot read frame at offset 4: a part of ${
        Number(wrong)
      } bytes, offset 4`,
    ]);
  }
  assert.match(
    String(outcomeOfAnyCut(sized, "1048577\r\n")),
    /^FrameTooLargeError.*length 1048586$/,
  );
});

test("part() is a constant that many messages and streams can share", () => {
  const three = sequence({
    *read() {
      return [yield* line, yield* line, yield* line].join();
    },
  });
  assert.deepEqual(outcomeOfAnyCut(three, "a\r\nb\r\nc\r\nd\r\ne\r\nf\r\n"), ["a,b,c", "d,e,f"]);
});

test("part() throws the error of its codec at yield*, where the generator can handle it", () => {
  const number = part({ framer: crlf, codec: json<number>() });
  const errors: unknown[] = [];
  const numbers = sequence({
    *read() {
      const values: number[] = [];
      while (values.length < 2) {
        try {
          values.push(yield* number);
        } catch (error) {
          errors.push(error);
        }
      }
      return values;
    },
  });
  assert.deepEqual(outcomeOfAnyCut(numbers, "1\r\nx\r\n2\r\n3\r\n4\r\n"), [[1, 2], [3, 4]]);
  for (const error of errors) {
    assert.ok(error instanceof CodecError);
    assert.equal(latin1(error.frame as Uint8Array), "x");
  }
});

test("part() whose codec's error is not handled ends the stream, with and without onInvalid", () => {
  const number = sequence({
    *read() {
      return [yield* line, yield* part({ framer: crlf, codec: json<number>() })];
    },
  });
  for (const onInvalid of [undefined, () => {}]) {
    const [message, error] = outcomeOfAnyCut(number, "a\r\n1\r\nb\r\nx\r\nc\r\n2\r\n", onInvalid);
    assert.deepEqual(message, ["a", 1]);
    assert.match(
      String(error),
      /^MalformedFrameError: Cannot read frame at offset 6: Cannot decode frame of 1 byte: .*offset 6$/,
    );
  }
});

test("part() whose codec returns undefined is a TypeError that ends the stream", () => {
  const codec: Codec<Uint8Array, string> = {
    decode: () => undefined as unknown as string,
    encode: () => bytes(""),
  };
  assert.deepEqual(outcomeOfAnyCut(around({ framer: crlf, codec }), "a\r\nb\r\nc\r\n"), [
    "TypeError: Cannot decode frame: its codec returned undefined",
  ]);
});

test("part() refuses a frame over a maxFrameLength of its own, at the message's offset", () => {
  const announced = around({ framer: netstring(), codec: text(), maxFrameLength: 3 });
  assert.deepEqual(outcomeOfAnyCut(announced, "a\r\n3:abc,b\r\nc\r\n4:abcd,d\r\n"), [
    ["a", "abc", "b"],
    "FrameTooLargeError: Cannot read frame at offset 12: " +
    "a part of 4 bytes is over its limit of 3, offset 12, length 4",
  ]);
  const searched = around({ framer: crlf, codec: text(), maxFrameLength: 3 });
  const expected = [
    ["a", "abc", "b"],
    "FrameTooLargeError: Cannot read frame at offset 11: " +
    "a part of more than 3 bytes is over its limit of 3, offset 11, length 4",
  ];
  for (const rest of ["c\r\nabcd\r\nd\r\n", `c\r\n${"x".repeat(100)}`]) {
    assert.deepEqual(outcomeOfAnyCut(searched, `a\r\nabc\r\nb\r\n${rest}`), expected);
  }
  const long = bytes(`a\r\n${"x".repeat(300_000)}`);
  const limited = around({ framer: crlf, codec: text(), maxFrameLength: 100_000 });
  for (const size of [700, 65_536, 100_003, 100_004, 100_005, 300_003]) {
    assert.match(String(outcome(limited, chunksOf(long, size))), /^FrameTooLargeError.*100001$/);
  }
});

test("part() refuses an announced length with the same error, wherever the stream is cut", () => {
  const limited = sequence({
    *read() {
      yield* part(fixed(1));
      return yield* part({ framer: lengthPrefixed(uint8), maxFrameLength: 3 });
    },
  });
  assert.deepEqual(outcomeOfAnyCut(limited, "aaaaa"), [
    "FrameTooLargeError: Cannot read frame at offset 0: " +
    "a part of 97 bytes is over its limit of 3, offset 0, length 97",
  ]);
});

test("part() over its limit ends the stream, even with onInvalid", () => {
  const limited = around({ framer: crlf, codec: text(), maxFrameLength: 1 });
  assert.match(String(outcomeOfAnyCut(limited, "a\r\nbb\r\nc\r\n", () => {})), /^FrameTooLarge/);
});

test("part() reads another sequence, with its own codec or one around it", () => {
  assert.deepEqual(outcomeOfAnyCut(around(imap), "a\r\nb{2}\r\nxyz\r\nc\r\n"), [
    ["a", ["b{2}", "xy", "z"], "c"],
  ]);
  const joined: Codec<string[], string> = {
    decode: (parts) => parts.join("|"),
    encode: (message) => message.split("|"),
  };
  const composed = { ...imap, codec: compose(imap.codec, joined) };
  const { codec } = imap;
  const wrapped = {
    ...imap,
    codec: {
      decode: (frame: Uint8Array) => codec.decode(frame).join("|"),
      encode: () => bytes(""),
    },
  };
  for (const inner of [composed, wrapped]) {
    assert.deepEqual(outcomeOfAnyCut(around(inner), "a\r\nb{2}\r\nxyz\r\nc\r\n"), [
      ["a", "b{2}|xy|z", "c"],
    ]);
  }
  const frames = sequence({
    *read() {
      return [yield* line, latin1(yield* part(imap.framer))];
    },
  });
  assert.deepEqual(outcomeOfAnyCut(frames, "a\r\nb{2}\r\nxyz\r\n"), [["a", "b{2}\r\nxyz\r\n"]]);
});

test("part() of a large nested sequence with a codec around it reads all of its bytes", () => {
  const inner = { ...imap, codec: compose(imap.codec, { decode: String, encode: () => [] }) };
  const whole = sequence({
    *read() {
      return [yield* line, (yield* part(inner)).length, (yield* part(imap.framer)).length];
    },
  });
  const one = `b{200000}\r\n${"x".repeat(200_000)}\r\n`;
  for (const size of [511, 4096, 65_536, 500_000]) {
    assert.deepEqual(outcome(whole, chunksOf(bytes(`a\r\n${one}${one}`), size)), [
      ["a", 200_011, 200_013],
    ]);
  }
});

test("part() throws the error of a nested message at yield*, and other errors end the stream", () => {
  const list = sequence({
    *read() {
      const values: unknown[] = [];
      while (values.length < 3) {
        try {
          values.push(yield* part(resp));
        } catch (error) {
          values.push(String(error));
        }
      }
      return values;
    },
  });
  assert.deepEqual(outcomeOfAnyCut(list, "+a\r\n!\r\n*1\r\n+b\r\n"), [
    ["a", "CodecError: no meaning", ["b"]],
  ]);
  assert.match(
    String(outcomeOfAnyCut(list, "+a\r\n?\r\n+b\r\n")),
    /^MalformedFrameError.*unknown type/,
  );
  // In an array, the elements after it would be read as messages.
  assert.deepEqual(outcomeOfAnyCut(resp, "*2\r\n!\r\n+a\r\n+b\r\n", () => {}), [
    "MalformedFrameError: Cannot read frame at offset 0: no meaning, offset 0",
  ]);
});

test("part() applies the limit of a nested sequence to all of its bytes", () => {
  const limited = around({ ...imap, maxFrameLength: 11 });
  assert.deepEqual(outcomeOfAnyCut(limited, "a\r\nb{2}\r\nxyz\r\nc\r\n"), [
    ["a", ["b{2}", "xy", "z"], "c"],
  ]);
  assert.deepEqual(outcomeOfAnyCut(limited, "a\r\nb{9}\r\nxyz"), [
    "FrameTooLargeError: Cannot read frame at offset 0: " +
    "a part of 15 bytes is over its limit of 11, offset 0, length 15",
  ]);
  assert.match(
    String(outcomeOfAnyCut(limited, "a\r\nb{2}\r\nxyzz\r\nc\r\n")),
    /a part of more than 11 bytes is over its limit of 11, offset 0, length 12$/,
  );
  // The limit of an outer sequence applies inside of an inner one.
  const outer = around({ ...around({ ...imap, maxFrameLength: 100 }), maxFrameLength: 8 });
  assert.match(String(outcomeOfAnyCut(outer, "a\r\nb\r\nc{9}\r\n")), /is over its limit of 8,/);
});

test("part() reads recursive formats of any depth, in linear time", () => {
  const depth = 100_000;
  const stream = bytes("*1\r\n".repeat(depth) + "+x\r\n".repeat(2));
  const decoder = new FrameDecoder({ ...resp, maxFrameLength: Infinity });
  for (const chunk of chunksOf(stream, 1000)) decoder.push(chunk);
  let value: Value | undefined = decoder.read();
  let levels = 0;
  for (; Array.isArray(value); value = value[0]) levels++;
  assert.deepEqual([levels, value, decoder.read()], [depth, "x", "x"]);
  const wide = bytes("*1\r\n".repeat(5000) + "*100000\r\n" + "+x\r\n".repeat(100_000));
  const [message] = outcome({ ...resp, maxFrameLength: Infinity }, [wide]);
  assert.ok(Array.isArray(message));
});

test(
  "Generators nested so deeply that the stack overflows are a MalformedFrameError",
  bounded,
  () => {
    function* value(): Generator<Part, Value, unknown> {
      const head = yield* line;
      if (head[0] !== "*") return head;
      const values: Value[] = [];
      while (values.length < Number(head.slice(1))) values.push(yield* value());
      return values;
    }
    const nested = sequence({ read: value });
    const deep = (depth: number) => {
      const decoder = new FrameDecoder({ ...nested, maxFrameLength: Infinity });
      decoder.push(bytes(`${"*1\r\n".repeat(depth)}+x\r\n`));
      return decoder;
    };
    assert.ok(Array.isArray(deep(500).read()));
    const decoder = deep(100_000);
    const error = failure(() => decoder.read());
    assert.ok(error instanceof MalformedFrameError);
    assert.match(error.message, /offset 0: its generators are nested too deeply$/);
    assert.equal(failure(() => decoder.read()), error);
  },
);

test("A sequence that requests itself without a byte in between is a MalformedFrameError", () => {
  const endless: SequenceProtocol<string> = sequence({
    *read(): Generator<Part, string, unknown> {
      return yield* part(endless);
    },
  });
  assert.match(String(outcomeOfAnyCut(endless, "ab")), /^MalformedFrameError: .* have no bytes/);
});

test("part() reads frames of every kind, the last one up to the end of the stream", () => {
  const mixed = sequence({
    *read() {
      return [
        latin1(yield* part(lengthPrefixed(uint8))),
        yield* part({ framer: netstring(), codec: json() }),
        latin1(yield* part(lines())),
        latin1(yield* part(fixed(2))),
        latin1(yield* part(untilClose())),
      ];
    },
  });
  assert.deepEqual(outcomeOfAnyCut(mixed, "\x01a2:12,b\nccrest"), [["a", 12, "b", "cc", "rest"]]);
});

test("An error of a part is the same FramingError however the bytes were cut", () => {
  const protocol = around({ framer: netstring(), codec: text() });
  const [error] = outcomeOfAnyCut(protocol, "a\r\n03:abc,");
  assert.match(String(error), /^MalformedFrameError: Cannot read frame at offset 0/);
  const decoder = new FrameDecoder(protocol);
  decoder.push(bytes("a\r\n03"));
  assert.ok(failure(() => decoder.read()) instanceof FramingError);
  assert.ok(!(failure(() => decoder.read()) instanceof FrameTooLargeError));
});
