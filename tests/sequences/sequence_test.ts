import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Codec,
  CodecError,
  compose,
  delimited,
  fixed,
  FrameDecoder,
  FrameEncoder,
  type Framer,
  FrameTooLargeError,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  netstring,
  part,
  type Protocol,
  sequence,
  type SequenceProtocol,
  tagged,
  text,
  TruncatedFrameError,
  uint32,
  uint8,
  untilClose,
} from "../../mod.ts";
import { bytes, chunksOf, latin1, numbered } from "../support/bytes.ts";
import { failure } from "../support/framing.ts";
import {
  crlf,
  described,
  imap,
  line,
  outcome,
  outcomeOfAnyCut,
  resp,
} from "../support/sequences.ts";

const imapCopies: Codec<string[], string[]> = {
  decode: (parts) => [...parts],
  encode: (parts) => [...parts],
};
const login = "A1 LOGIN {3}\r\nabc {2}\r\nxy\r\n";
const loginMessage = ["A1 LOGIN {3}", "abc", " {2}", "xy", ""];

/** Returns a decoder that has received these bytes. */
function decoderOf<Message>(
  protocol: SequenceProtocol<Message, never>,
  ...chunks: string[]
): FrameDecoder<Message> {
  const decoder = new FrameDecoder<Message>(protocol);
  for (const chunk of chunks) decoder.push(bytes(chunk));
  return decoder;
}

test("sequence() is a protocol, typed by what its generator returns", () => {
  const protocol: Protocol<string[]> = imap;
  const limited: Protocol<string[]> = { ...imap, maxFrameLength: 65_536 };
  const received = sequence({
    *read() {
      const name: string = yield* line;
      const [age] = yield* part(fixed(1));
      return { name, age };
    },
  });
  const message: { name: string; age: number | undefined } | undefined = decoderOf(
    received,
    "Ada\r\n\x24",
  ).read();
  assert.deepEqual(message, { name: "Ada", age: 36 });
  // @ts-expect-error: the messages are arrays of strings.
  const wrong: Protocol<number> = imap;
  assert.ok(protocol && limited && wrong);
});

test("sequence() refuses a read that is not a function", () => {
  assert.throws(() => sequence({} as never), TypeError);
});

test("sequence() gives the same messages however the stream is cut", () => {
  assert.deepEqual(outcomeOfAnyCut(imap, `${login}A2 NOOP\r\n`), [loginMessage, ["A2 NOOP"]]);
  assert.deepEqual(outcomeOfAnyCut(resp, "*2\r\n*1\r\n$3\r\nabc\r\n$-1\r\n:5\r\n"), [
    [["abc"], null],
    5,
  ]);
});

test("sequence() writes messages as its write function does", () => {
  const encoder = new FrameEncoder(imap);
  encoder.write(loginMessage);
  encoder.write(["A2 NOOP"]);
  assert.equal(encoder.drain().map(latin1).join(""), `${login}A2 NOOP\r\n`);
});

test("sequence() writes nothing if its write function throws or is missing", () => {
  const failing = sequence({
    *read() {
      return yield* line;
    },
    write(_: string, output) {
      output.write(bytes("lost"));
      throw new RangeError("no");
    },
  });
  const encoder = new FrameEncoder(failing);
  assert.throws(() => encoder.write(""), /^RangeError: no$/);
  assert.equal(encoder.pending, 0);
  const mute = new FrameEncoder(resp);
  assert.throws(
    () => mute.write("x"),
    /^TypeError: Cannot write message: the sequence has no write$/,
  );
});

test("sequence() limits the whole of a sent message", () => {
  const encoder = new FrameEncoder({ ...imap, maxFrameLength: 10 });
  encoder.write(["12345678"]);
  assert.throws(() => encoder.write(["123456789"]), /^RangeError: .* 11 bytes: limit is 10$/);
  assert.equal(encoder.drain().map(latin1).join(""), "12345678\r\n");
});

test("sequence() applies its limit to every byte of a message, as soon as a length is announced", () => {
  const { length } = login;
  assert.deepEqual(outcomeOfAnyCut({ ...imap, maxFrameLength: length }, login), [loginMessage]);
  assert.deepEqual(outcomeOfAnyCut({ ...imap, maxFrameLength: length - 1 }, login), [
    `FrameTooLargeError: Cannot read frame of more than ${length - 1} bytes at offset 0: ` +
    `limit is ${length - 1}, offset 0, length ${length}`,
  ]);
  const decoder = decoderOf(imap, "A1 {1073741824}\r\n");
  const error = failure(() => decoder.read());
  assert.ok(error instanceof FrameTooLargeError);
  assert.deepEqual([error.length, error.limit, error.offset], [1_073_741_841, 1_048_576, 0]);
});

test("sequence() applies its limit to a part whose end has not arrived", () => {
  for (const size of [1, 7, 21]) {
    const decoder = new FrameDecoder({ ...imap, maxFrameLength: 20 });
    const read = (text: string) => {
      for (const chunk of chunksOf(bytes(text), size)) {
        decoder.push(chunk);
        decoder.read();
      }
    };
    read("a {3}\r\nabc0123456");
    assert.throws(() => read("7890"), FrameTooLargeError);
  }
});

test("sequence() keeps what a part's framer knows for this part only", () => {
  const [braces, marks] = ["{}", "<>"].map((pair) =>
    part({
      measure(input) {
        let { at, depth } = (input.memo ?? { at: 0, depth: 0 }) as { at: number; depth: number };
        for (let byte = input.peek(at); byte !== undefined; byte = input.peek(++at)) {
          if (byte === pair.charCodeAt(0)) depth++;
          else if (byte === pair.charCodeAt(1) && --depth === 0) return at + 1;
        }
        input.memo = { at, depth };
        return undefined;
      },
      write() {},
    })
  );
  const protocol = sequence({
    *read() {
      return [
        latin1(yield* braces!),
        yield* part(uint8),
        latin1(yield* marks!),
        latin1(yield* braces!),
      ];
    },
  });
  assert.deepEqual(outcomeOfAnyCut(protocol, "{{}}\x05<a>{}{}\x01<>{{b}}"), [
    ["{{}}", 5, "<a>", "{}"],
    ["{}", 1, "<>", "{{b}}"],
  ]);
});

test("sequence() ends the stream at a message over the limit, even with onInvalid", () => {
  const reported: unknown[] = [];
  const limited = { ...imap, maxFrameLength: 20 };
  const [first, error] = outcomeOfAnyCut(limited, `A0\r\n${login}`, (one) => reported.push(one));
  assert.deepEqual(first, ["A0"]);
  assert.match(String(error), /^FrameTooLargeError: .* offset 4: limit is 20/);
  assert.deepEqual(reported, []);
});

test("sequence() reports a stream that ends inside a message, with the bytes of the message", () => {
  for (let end = 1; end < login.length; end++) {
    const [error] = outcomeOfAnyCut(imap, `A0\r\n${login.slice(0, end)}`).slice(1);
    const partial = JSON.stringify(login.slice(0, end));
    assert.match(String(error), /^TruncatedFrameError: Cannot read frame at offset 4/);
    assert.ok(String(error).includes(`offset 4, partial ${partial} of `), String(error));
  }
});

test("TruncatedFrameError.expectedLength counts from the first byte of the message", () => {
  const decoder = decoderOf(imap, "A1 {5}\r\nab");
  assert.equal(decoder.read(), undefined);
  assert.equal(decoder.expectedLength, 13);
  decoder.end();
  const error = failure(() => decoder.read());
  assert.ok(error instanceof TruncatedFrameError);
  assert.equal(error.expectedLength, 13);
});

test("sequence() ends cleanly between two messages, and at the end of a last part", () => {
  const last = sequence({
    *read() {
      return [yield* line, latin1(yield* part(untilClose()))];
    },
  });
  assert.deepEqual(outcomeOfAnyCut(imap, ""), []);
  assert.deepEqual(outcomeOfAnyCut(last, "head\r\nall the rest\r\n"), [[
    "head",
    "all the rest\r\n",
  ]]);
  assert.deepEqual(outcomeOfAnyCut(last, "head\r\n"), [["head", ""]]);
  assert.match(String(outcomeOfAnyCut(last, "head\r")[0]), /^TruncatedFrameError/);
});

test("sequence() is truncated if the stream ends a part that is not the last one", () => {
  const two = sequence({
    *read() {
      return [latin1(yield* part(lines())), latin1(yield* part(lines()))];
    },
  });
  assert.deepEqual(outcomeOfAnyCut(two, "a\nb\nc\nd"), [["a", "b"], ["c", "d"]]);
  for (const rest of ["c", "c\n"]) {
    const [, error] = outcomeOfAnyCut(two, `a\nb\n${rest}`);
    assert.ok(String(error).includes(`offset 4, partial ${JSON.stringify(rest)}`), String(error));
  }
});

test("sequence() does not read parts forever at the end of the stream", () => {
  for (const framer of [untilClose(), lines()]) {
    const endless = sequence({
      *read() {
        for (;;) yield* part(framer);
      },
    });
    assert.match(String(outcomeOfAnyCut(endless, "a\nb")[0]), /^TruncatedFrameError/);
  }
});

test("sequence() fails after 65,536 parts in a row without a byte", () => {
  const empty = part(fixed(0));
  const endless = (count: number) =>
    sequence({
      *read() {
        yield* part(fixed(1));
        for (let left = count; left > 0; left--) yield* empty;
        return "x";
      },
    });
  assert.equal(decoderOf(endless(65_000), "x").read(), "x");
  const error = failure(() => decoderOf(endless(Infinity), "x").read());
  assert.ok(error instanceof MalformedFrameError);
  assert.match(error.message, /offset 0: 65536 parts in a row have no bytes$/);
});

test("sequence() that reads no byte is refused where all messages are read, like fixed(0)", () => {
  const none = sequence({
    // deno-lint-ignore require-yield
    *read(): Generator<never, string> {
      return "";
    },
  });
  const empty = sequence({
    *read() {
      return latin1(yield* part(fixed(0)));
    },
  });
  for (const protocol of [none, empty, { framer: fixed(0), codec: text() }]) {
    const decoder = new FrameDecoder<string>(protocol);
    decoder.push(bytes("ab"));
    assert.equal(decoder.read(), "");
    assert.throws(() => decoder.readAll(), /^RangeError: Cannot iterate over empty frames/);
    assert.throws(() => [...decoder], /^RangeError: Cannot iterate over empty frames/);
  }
});

test("sequence() starts its generator when the first byte of a message arrives", () => {
  let started = 0;
  const counted = sequence({
    *read() {
      started++;
      return yield* line;
    },
  });
  const decoder = new FrameDecoder(counted);
  for (
    const [chunk, count] of [["", 0], ["a", 1], ["\r\n", 1], ["b", 2], ["\r\nc\r\n", 3]] as const
  ) {
    decoder.push(bytes(chunk));
    decoder.readAll();
    assert.equal(started, count);
  }
  decoder.end();
  assert.equal(decoder.read(), undefined);
  assert.equal(started, 3);
});

test("sequence() keeps its state with the stream: two streams share one protocol", () => {
  const [one, other] = [new FrameDecoder(imap), new FrameDecoder(imap)];
  for (const character of login) {
    one.push(bytes(character));
    const first = one.read();
    other.push(bytes(character.replace("abc", "xyz")));
    assert.deepEqual(other.read(), first);
    if (first !== undefined) assert.deepEqual(first, loginMessage);
  }
  assert.equal(one.buffered + other.buffered, 0);
});

test("sequence() gives a MalformedFrameError the offset of the message", () => {
  for (const onInvalid of [undefined, () => {}]) {
    const [first, error] = outcomeOfAnyCut(resp, "+OK\r\n*2\r\n+x\r\n?\r\n+y\r\n", onInvalid);
    assert.equal(first, "OK");
    assert.equal(
      error,
      "MalformedFrameError: Cannot read frame at offset 5: unknown type, offset 5",
    );
  }
});

test("sequence() ends the stream with any other error of its generator, unchanged", () => {
  const broken = sequence({
    *read() {
      yield* line;
      throw new RangeError("broken");
    },
  });
  const decoder = decoderOf(broken, "a\r\nb\r\n");
  const error = failure(() => decoder.read());
  assert.equal(`${error}`, "RangeError: broken");
  assert.equal(failure(() => decoder.read()), error);
});

test("sequence() loses only the message whose generator ends with a CodecError", () => {
  const reported: string[] = [];
  const decoder = decoderOf(resp, "!a\r\n+b\r\n");
  const error = failure(() => decoder.read());
  assert.ok(error instanceof CodecError);
  assert.equal(error.message, "Cannot decode frame of 4 bytes: no meaning");
  assert.equal(latin1(error.frame as Uint8Array), "!a\r\n");
  assert.equal(decoder.read(), "b");
  const handled = outcomeOfAnyCut(resp, "!a\r\n+b\r\n!c\r\n", (one) => reported.push(one.message));
  assert.deepEqual(handled, ["b"]);
  assert.ok(reported.every((text) => text === "Cannot decode frame of 4 bytes: no meaning"));
});

test("sequence() that returns undefined is a TypeError for this message", () => {
  const nothing = sequence({
    *read() {
      yield* line;
      return undefined as unknown as string;
    },
  });
  const decoder = decoderOf(nothing, "a\r\n");
  assert.throws(
    () => decoder.read(),
    /^TypeError: Cannot decode frame: its codec returned undefined$/,
  );
  assert.equal(decoder.buffered, 0);
});

test("sequence() reads null, false, 0 and empty strings", () => {
  const falsy = [null, false, 0, ""];
  const flags = sequence({
    *read() {
      return falsy[Number(yield* line)]!;
    },
  });
  assert.deepEqual(outcomeOfAnyCut(flags, "0\r\n1\r\n2\r\n3\r\n"), falsy);
});

test("sequence() refuses a generator that yields anything but a part", () => {
  const wrong = sequence({
    *read() {
      yield lines() as never;
      return "";
    },
  });
  assert.throws(() => decoderOf(wrong, "a").read(), /^TypeError: .* must yield\* part\(framer\)$/);
});

test("sequence() requires a generator", () => {
  for (const result of [5, undefined, null, "a", ["a"], {}]) {
    const decoder = decoderOf(sequence({ read: (() => result) as never }), "a");
    assert.throws(() => decoder.read(), /^TypeError: .* its read must be a generator function$/);
  }
  const read = (async function* () {}) as never;
  const decoder = decoderOf(sequence({ read }), "a");
  assert.throws(() => decoder.read(), /^TypeError: .* must yield\* part\(framer\)$/);
});

test("sequence() cannot be visited", () => {
  const text = /^TypeError: Cannot visit frames: the protocol is a sequence$/;
  const decoder = decoderOf(imap, "a\r\n");
  assert.throws(() => decoder.visit(() => {}), text);
  assert.deepEqual(decoder.read(), ["a"]);
  // A visitor that switches to a sequence has visited its own frame.
  const mixed = new FrameDecoder(lines());
  mixed.push(bytes("go\nA1\r\n"));
  const seen: string[] = [];
  const visit = () =>
    mixed.visit((all, start, end) => {
      seen.push(latin1(all.slice(start, end)));
      mixed.switchTo(imap);
    });
  assert.throws(visit, text);
  assert.deepEqual(seen, ["go"]);
  assert.deepEqual(mixed.read() as unknown, ["A1"]);
});

test("sequence() cannot be inside another framer", () => {
  const inside = tagged({ 0x2b: imap.framer });
  assert.throws(() => {
    const decoder = new FrameDecoder(inside);
    decoder.push(bytes("+a\r\n"));
    decoder.read();
  }, /^TypeError: Cannot read sequence: another framer is around it$/);
});

test("FrameDecoder.switchTo() continues with a sequence, or after one, in the middle of a message", () => {
  for (let cut = 0; cut <= login.length; cut++) {
    const before = decoderOf(imap, login.slice(0, cut));
    if (cut < login.length) assert.equal(before.read(), undefined);
    const raw = before.switchTo(lines());
    raw.push(bytes(login.slice(cut)));
    if (cut < login.length) assert.equal(latin1(raw.read()!), "A1 LOGIN {3}");

    const after = new FrameDecoder(fixed(100));
    after.push(bytes(login.slice(0, cut)));
    assert.equal(after.read(), undefined);
    const next = after.switchTo(imap);
    next.push(bytes(login.slice(cut)));
    assert.deepEqual(next.read(), loginMessage);

    const again = decoderOf(imap, login.slice(0, cut));
    if (cut < login.length) again.readAll();
    again.switchTo(imap).push(bytes(login.slice(cut)));
    assert.deepEqual(again.read(), loginMessage);
  }
});

test("FrameDecoder.switchTo() continues with another sequence, also in the middle of a message", () => {
  for (const unread of ["", "+a\r", "*2\r\n+a\r\n"]) {
    const decoder = decoderOf(resp, `+OK\r\n${unread}`);
    assert.equal(decoder.read(), "OK");
    assert.equal(decoder.read(), undefined);
    const next = decoder.switchTo(imap);
    next.push(bytes(unread === "+a\r" ? "\n" : "+b\r\n"));
    assert.deepEqual(next.readAll()[0], [unread === "" ? "+b" : unread.split("\r")[0]]);
  }
});

test("FrameDecoder.switchTo() applies another limit to an unfinished message", () => {
  const decoder = decoderOf(imap, "A1 {9}\r\nabc");
  assert.equal(decoder.read(), undefined);
  decoder.switchTo({ ...imap, maxFrameLength: 10 });
  assert.throws(() => decoder.read(), FrameTooLargeError);
});

test("FrameDecoder.detach() returns the bytes of an unfinished message", () => {
  for (let end = 0; end < login.length; end++) {
    for (const size of [1, 3, login.length]) {
      const decoder = new FrameDecoder(imap);
      for (const chunk of chunksOf(bytes(`A0\r\n${login.slice(0, end)}`), size)) {
        decoder.push(chunk);
        decoder.readAll();
      }
      assert.equal(latin1(decoder.detach()), login.slice(0, end));
    }
  }
});

test("sequence() works with a codec around its own", () => {
  const { codec } = imap;
  const wrapped: Protocol<string> = {
    ...imap,
    codec: {
      decode: (frame) => codec.decode(frame).join("|"),
      encode: (message) => codec.encode(message.split("|")),
    },
  };
  const composed: Protocol<string> = {
    ...imap,
    codec: compose(codec, {
      decode: (parts: string[]) => parts.join("|"),
      encode: (message: string) => message.split("|"),
    }),
  };
  for (const protocol of [wrapped, composed]) {
    const message = loginMessage.join("|");
    assert.deepEqual(outcomeOfAnyCut(protocol, `${login}A2\r\n`), [message, "A2"]);
    const encoder = new FrameEncoder(protocol);
    encoder.write(message);
    assert.equal(encoder.drain().map(latin1).join(""), login);
  }
});

test("sequence().codec decodes exactly one message", () => {
  const { codec } = imap;
  assert.deepEqual(codec.decode(bytes(login)), loginMessage);
  assert.equal(latin1(codec.encode(loginMessage)), login);
  const rest = sequence({
    *read() {
      return latin1(yield* part(untilClose()));
    },
  });
  assert.equal(rest.codec.decode(bytes("all")), "all");
  const sized = sequence({
    *read() {
      const [size] = yield* part(fixed(1));
      return yield* part(fixed(size!));
    },
  });
  for (const frame of ["", login.slice(0, -1), `${login}A2\r\n`]) {
    assert.throws(() => codec.decode(bytes(frame)), /^TypeError: .* expected exactly one$/);
  }
  assert.throws(() => sized.codec.decode(bytes("\x02a")), /^TypeError: .* expected exactly one$/);
  assert.throws(() => resp.codec.decode(bytes("!\r\n")), CodecError);
});

test("sequence().codec reads and writes messages inside the frames of another framer", () => {
  const wrapped = { framer: netstring(), codec: imap.codec };
  const composed = { framer: netstring(), codec: compose(imap.codec, imapCopies) };
  for (const protocol of [wrapped, composed]) {
    const encoder = new FrameEncoder(protocol);
    encoder.write(loginMessage);
    const stream = encoder.drain().map(latin1).join("");
    assert.equal(stream, `${login.length}:${login},`);
    const decoder = new FrameDecoder(protocol);
    decoder.push(bytes(`${stream}1:a,${stream}`));
    assert.deepEqual(decoder.read(), loginMessage);
    assert.throws(() => decoder.read(), /^CodecError: .* expected exactly one$/);
    assert.deepEqual(decoder.read(), loginMessage);
  }
});

test("sequence() reads lines over 64 KiB and messages of 10 MiB, in chunks of every size", () => {
  const long = sequence({
    *read() {
      const head = yield* line;
      const body = yield* part(lengthPrefixed(uint32));
      const tail = yield* part(delimited("\0"));
      return [head.length, body.length, tail.length];
    },
    maxFrameLength: 20_000_000,
  });
  const stream = (size: number, body: number) => {
    const encoder = new FrameEncoder(lengthPrefixed(uint32));
    return [
      bytes(`${"h".repeat(size)}\r\n`),
      Uint8Array.of(body >> 24, body >> 16, body >> 8, body),
      numbered(body),
      bytes(`${"t".repeat(size)}\0`),
      ...encoder.drain(),
    ];
  };
  const join = (parts: Uint8Array[]) => {
    const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const one of parts) {
      all.set(one, at);
      at += one.length;
    }
    return all;
  };
  const small = join(stream(70_000, 150_000));
  const twice = join([small, small]);
  for (const size of [7, 512, 1000, 4096, 65_535, 65_536, 65_537, 131_072, 300_000, 700_000]) {
    const messages = outcome(long, chunksOf(twice, size));
    assert.deepEqual(messages, [[70_000, 150_000, 70_000], [70_000, 150_000, 70_000]], `${size}`);
  }
  const large = join(stream(1_000_000, 10_485_760));
  for (const size of [1000, 65_536, large.length]) {
    const messages = outcome(long, chunksOf(large, size));
    assert.deepEqual(messages, [[1_000_000, 10_485_760, 1_000_000]], `${size}`);
  }
});

test("sequence() refuses a header over 64 KiB that implies no length, however it is cut", () => {
  const waiting: Framer = { measure: () => undefined, write() {} };
  const protocol = sequence({
    *read() {
      yield* line;
      return yield* part(waiting);
    },
  });
  const stream = bytes(`a\r\n${"x".repeat(70_000)}`);
  for (const size of [600, 65_536, 65_539, 70_003]) {
    assert.deepEqual(outcome(protocol, chunksOf(stream, size)), [
      "MalformedFrameError: Cannot read frame at offset 0: its header is over 65536 bytes, offset 0",
    ]);
  }
});

test("sequence() refuses a part that needs more than 64 KiB to answer, however it is cut", () => {
  const slow: Framer = {
    measure: (input) => input.length < 66_000 ? undefined : 66_000,
    write() {},
  };
  const protocol = sequence({
    *read() {
      yield* line;
      return yield* part(slow);
    },
  });
  for (const before of [1, 140_000]) {
    const stream = bytes(`${"a".repeat(before)}\r\n${"x".repeat(130_000)}`);
    for (const size of [600, 65_536, 66_003, stream.length]) {
      const message = String(outcome(protocol, chunksOf(stream, size)));
      assert.match(message, /its header is over 65536 bytes/);
    }
  }
});

test("sequence() gives a FrameTooLargeError of its generator the offset of the message", () => {
  const strict = sequence({
    *read() {
      const text = yield* line;
      if (text === "big") throw new FrameTooLargeError("too big", { length: 9, limit: 3 });
      return text;
    },
  });
  assert.deepEqual(outcomeOfAnyCut(strict, "a\r\nbig\r\nb\r\n", () => {}), [
    "a",
    "FrameTooLargeError: Cannot read frame at offset 3: too big, offset 3, length 9",
  ]);
});

test("sequence() reports a missing trailer of a part at the offset of the message", () => {
  const strict: Framer = {
    measure(input) {
      if (input.length < 1) return undefined;
      input.expect(bytes(";"));
      return 1;
    },
    write() {},
  };
  const protocol = sequence({
    *read() {
      return [yield* line, latin1(yield* part(strict))];
    },
  });
  assert.deepEqual(outcomeOfAnyCut(protocol, "a\r\nx;b\r\ny!"), [
    ["a", "x"],
    "MalformedFrameError: Cannot read frame at offset 5: its trailer is missing, offset 5",
  ]);
});

test("sequence() does not continue its generator while the decoder searches for the first error", () => {
  /** A byte of length, and bytes of which the last one is checked when all of them are there. */
  const checked: Framer = {
    measure(input) {
      const size = input.peek();
      if (size === undefined) return undefined;
      if (input.peek(size) === 0x21) throw new MalformedFrameError("it ends with !");
      return 1 + size;
    },
    write() {},
  };
  let continued = 0;
  const protocol = sequence({
    *read() {
      yield* line;
      const bytes = yield* part(checked);
      continued++;
      return bytes.length;
    },
  });
  assert.deepEqual(outcomeOfAnyCut(protocol, "a\r\n\x03ab!b\r\n"), [
    "MalformedFrameError: Cannot read frame at offset 0: it ends with !, offset 0",
  ]);
  assert.equal(continued, 0);
});

test("sequence() reports a length that is not a number as the framer's fault", () => {
  for (const length of [-1, NaN, 0.5]) {
    const protocol = sequence({
      *read() {
        yield* line;
        return yield* part({ measure: () => length, write() {} });
      },
    });
    assert.match(
      String(outcomeOfAnyCut(protocol, "abc\r\nx")[0]),
      /^TypeError: Cannot read frame of (-1|NaN|0.5) bytes: expected a non-negative integer/,
    );
  }
});

test("sequence() gives the same outcome at once and in chunks, whatever the stream", () => {
  const piece = fc.constantFrom(
    ..."+a\r\n *2\r\n *0\r\n $3\r\nabc\r\n $-1\r\n :1\r\n !\r\n \r\n ? $9\r\n \r \n *1\r\n".split(
      " ",
    ),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 10 }),
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
      fc.oneof(fc.constant(Infinity), fc.nat(30)),
      fc.boolean(),
      (pieces, sizes, maxFrameLength, handled) => {
        const stream = bytes(pieces.join(""));
        const chunks: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          chunks.push(stream.slice(at, at + size));
          at += size;
        }
        const protocol = { ...resp, maxFrameLength };
        const run = (given: Uint8Array[]) => {
          const reported: unknown[] = [];
          const onInvalid = handled ? (error: unknown) => reported.push(`${error}`) : undefined;
          return [outcome(protocol, given, onInvalid), reported];
        };
        const expected = run([stream]);
        assert.deepEqual(run(chunks), expected);
        assert.deepEqual(run(chunksOf(stream, 1)), expected);
      },
    ),
    { numRuns: 1500 },
  );
});

test("sequence() asks its framers and generator in linear time, refused or not, byte by byte", () => {
  let [calls, resumed] = [0, 0];
  const counting = (framer: Framer): Framer => ({
    measure(input) {
      calls++;
      return framer.measure(input);
    },
    write() {},
  });
  const [head, body] = [part(counting(crlf)), part(counting(lengthPrefixed(uint8)))];
  const many = sequence({
    *read() {
      const count = Number(latin1(yield* head));
      for (let left = count; left > 0; left--) {
        resumed++;
        yield* body;
      }
      return count;
    },
  });
  const stream = bytes(`20000\r\n${"\x02ab".repeat(20_000)}`);
  for (const size of [1, 5, 700, stream.length]) {
    for (const maxFrameLength of [Infinity, 50_000]) {
      [calls, resumed] = [0, 0];
      const [message] = outcome({ ...many, maxFrameLength }, chunksOf(stream, size));
      if (maxFrameLength === Infinity) assert.equal(message, 20_000);
      else assert.match(String(message), /^FrameTooLargeError/);
      assert.ok(calls <= 2 * stream.length + 100, `${calls} calls in chunks of ${size}`);
      assert.ok(resumed <= 20_000);
    }
  }
});

test("sequence() keeps only the error, not its generator, after a failure", () => {
  const decoder = decoderOf(resp, "?\r\n");
  const error = failure(() => decoder.read());
  decoder.push(bytes("+a\r\n"));
  assert.equal(failure(() => decoder.read()), error);
  assert.equal(
    described(error),
    "MalformedFrameError: Cannot read frame at offset 0: unknown type, offset 0",
  );
});
