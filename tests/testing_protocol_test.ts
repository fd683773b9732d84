import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asymmetric,
  type Codec,
  CodecError,
  delimited,
  fixed,
  type Framer,
  FrameTooLargeError,
  json,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  netstring,
  part,
  type ProtocolParts,
  sequence,
  text,
  uint16,
  uint8,
  untilClose,
} from "../mod.ts";
import { type ProtocolCase, verifyProtocol } from "../testing.ts";
import { bytes, latin1 } from "./support/bytes.ts";
import { bounded } from "./support/limits.ts";
import { crlf, imap, line, resp } from "./support/sequences.ts";

/** Requires that verification fails with a message that matches. */
async function fails<In>(
  protocol: ProtocolParts<In, never> | (() => ProtocolParts<In, never>),
  cases: readonly ProtocolCase<In>[],
  message: RegExp,
): Promise<void> {
  const error = await verifyProtocol(protocol, cases).then(() => undefined, (error) => error);
  assert.match(String(error), /^Error: Protocol fails verification: case 0/);
  assert.match(String(error), message);
}

const strict = lines({ strict: true });
const pair = [["a", "b"], ["c", "d"]];
const pairBytes = "a\r\nb\r\nc\r\nd\r\n";

/** Its content is private. */
class Secret {
  readonly #content: number;

  constructor(content: number) {
    this.#content = content;
  }

  content(): number {
    return this.#content;
  }
}

/** Two lines a message. */
function* two() {
  return [yield* line, yield* line];
}

test("verifyProtocol() accepts correct protocols", bounded, async () => {
  await verifyProtocol(strict, [{ messages: [bytes("one"), bytes("")], bytes: "one\n\n" }]);
  await verifyProtocol({ framer: lines(), codec: json() }, [
    { messages: [{ id: 1, tags: [] }, null, "text", 1.5], endsAnywhere: true },
    { messages: [1, 2], bytes: "1\r\n2", written: false, endsAnywhere: true },
  ]);
  await verifyProtocol(imap, [{ messages: [["a{3}", "abc", ""], ["b"]] }, { messages: [] }]);
  await verifyProtocol(resp, [{
    messages: ["a", ["b", null]],
    bytes: "+a\r\n*2\r\n+b\r\n$-1\r\n",
    written: false,
  }]);
  await verifyProtocol({ framer: untilClose(), codec: text() }, [
    { messages: ["all"], bytes: "all", endsAnywhere: true },
  ]);
});

test("verifyProtocol() accepts a protocol of each stream from a function", async () => {
  /** Its messages are numbered. */
  const create = () => {
    let count = 0;
    return sequence({
      *read() {
        const text = yield* line;
        return `${++count}${text}`;
      },
      write(text: string, output) {
        output.write(bytes(`${text.slice(1)}\r\n`));
      },
    });
  };
  await verifyProtocol(create, [{ messages: ["1a", "2b"] }, { messages: ["1c"], bytes: "c\r\n" }]);
});

test("verifyProtocol() verifies each direction of asymmetric protocols", async () => {
  const client = asymmetric({
    read: { framer: strict, codec: text() },
    write: { framer: netstring(), codec: json<number>() },
  });
  await verifyProtocol<string, number>(client, [
    { messages: ["a", "b"], bytes: "a\nb\n", written: false },
  ]);
});

test("verifyProtocol() accepts the expected error after the messages", async () => {
  await verifyProtocol(netstring(), [
    { messages: [bytes("a")], bytes: "1:a,-1:", error: MalformedFrameError },
    { messages: [bytes("a")], bytes: "1:a,9999999:", error: FrameTooLargeError },
  ]);
  await verifyProtocol({ framer: lines(), codec: json() }, [
    { messages: [1], bytes: "1\n{\n2\n", error: CodecError },
  ]);
  await fails(
    { framer: strict, codec: text() },
    [{ messages: ["a"], bytes: "a\nb\n", error: MalformedFrameError }],
    /at the end: expected MalformedFrameError, not undefined/,
  );
  await fails(
    netstring() as never,
    [{ messages: [bytes("a")], bytes: "1:a,-1:" }],
    /failed: Malformed/,
  );
});

test("verifyProtocol() requires a case", async () => {
  await assert.rejects(verifyProtocol(imap, []), TypeError);
});

test("verifyProtocol() compares messages by what they contain", async () => {
  const values: Record<string, () => unknown> = {
    a: () => new Map([["x", [1]]]),
    b: () => new Set([1, 2]),
    c: () => new Date(5),
    d: () => Uint8Array.of(1, 2),
    e: () => 5n,
    f: () => ({ nan: NaN, none: undefined }),
    g: () => new RangeError("one"),
    h: () => Object.assign(new Error("one"), { code: 1 }),
    i: () => Uint8Array.of(1, 2).buffer,
    j: () => new DataView(Uint8Array.of(1, 2).buffer, 1),
    k: () => Float64Array.of(NaN, -0),
    l: () => [{}, [], Object.create(null)],
  };
  const different: Record<string, unknown> = {
    a: new Map([["x", [2]]]),
    b: new Set([1, 3]),
    c: new Date(6),
    d: Uint8Array.of(1, 3),
    e: 6n,
    f: { nan: NaN },
    g: new TypeError("one"),
    h: Object.assign(new Error("one"), { code: 2 }),
    i: Uint8Array.of(1, 3).buffer,
    j: new DataView(Uint8Array.of(2, 1).buffer, 1),
    k: Float64Array.of(NaN, 0),
    l: [{}, [], new Secret(1)],
  };
  const codec: Codec<Uint8Array, unknown, never> = {
    decode: (frame) => values[latin1(frame)]!() as {},
    encode: () => bytes(""),
  };
  const protocol = { framer: strict, codec };
  for (const [key, create] of Object.entries(values)) {
    await verifyProtocol(protocol, [{ messages: [create()], bytes: `${key}\n`, written: false }]);
    const wrong = { messages: [different[key]], bytes: `${key}\n`, written: false } as const;
    await fails(protocol, [wrong], /message 0 is .*, not /);
  }
});

test("verifyProtocol() rejects messages whose content it cannot see", async () => {
  const same = new Secret(1);
  const codec: Codec<Uint8Array, object, never> = {
    decode: (frame) => frame.length === 0 ? same : frame.length === 1 ? new Secret(1) : /a/,
    encode: () => bytes(""),
  };
  const protocol = { framer: strict, codec };
  await verifyProtocol(protocol, [{ messages: [same], bytes: "\n", written: false }]);
  await fails(protocol, [{ messages: [new Secret(2)], bytes: "1\n", written: false }], /message 0/);
  await fails(protocol, [{ messages: [/b/], bytes: "re\n", written: false }], /message 0/);
});

test("verifyProtocol() rejects wrong messages", async () => {
  await fails(
    imap,
    [{ messages: [["a"]], bytes: "a\r\nb\r\n" }],
    /whole, by read\(\): message 1 is \["b"\]/,
  );
  await fails(
    imap,
    [{ messages: [["a"], ["b"]], bytes: "a\r\n" }],
    /message 1 is missing, not \["b"\]/,
  );
});

test("verifyProtocol() rejects a protocol that does not read what it writes", async () => {
  const protocol = {
    ...imap,
    codec: { ...imap.codec, encodeTo: undefined, encode: () => bytes("x") },
  };
  await fails(protocol as never, [{ messages: [["a"]] }], /TruncatedFrameError/);
});

test("verifyProtocol() rejects a writer that keeps state between messages", async () => {
  let count = 0;
  const counting = sequence({
    read: two,
    write(message: string[], output) {
      output.write(bytes(`${message[0]}\r\n${count++}\r\n`));
    },
  });
  await fails(counting, [{ messages: [["a", "0"], ["b", "1"]] }], /differ from messages/);
});

test("verifyProtocol() rejects a sequence that keeps state in the protocol", async () => {
  let first: string | undefined;
  const shared = sequence({
    *read() {
      // Kept between messages, where another stream finds it.
      first ??= yield* line;
      const second = yield* line;
      const message = [first, second];
      first = undefined;
      return message;
    },
  });
  await fails(shared, [{ messages: pair, bytes: pairBytes, written: false }], /message|gave/);

  const reused: string[] = [];
  const mutated = sequence({
    *read() {
      reused.length = 0;
      reused.push(yield* line, yield* line);
      return reused;
    },
  });
  await fails(
    mutated,
    [{ messages: pair, bytes: pairBytes, written: false }],
    /message 0 is \["c","d"\]/,
  );
});

test("verifyProtocol() rejects a stateful protocol that is shared by two streams only", async () => {
  // Correct in one stream, whose messages come one after another: the counter is reset by the last one.
  let count = 0;
  const numbered = sequence({
    *read() {
      const text = yield* line;
      const number = text === "a" ? (count = 0) : ++count;
      return [String(number), yield* line];
    },
  });
  const cases: ProtocolCase<string[]>[] = [{
    messages: [["0", "x"], ["1", "y"], ["2", "z"]],
    bytes: "a\r\nx\r\nb\r\ny\r\nc\r\nz\r\n",
    written: false,
  }];
  await fails(numbered, cases, /together with others|switchTo/);
});

test("verifyProtocol() rejects a sequence that depends on where the stream is cut", async () => {
  /** Everything that has arrived is a frame. */
  const greedy: Framer = { measure: (input) => input.length || undefined, write() {} };
  const depends = sequence({
    *read() {
      return [yield* line, latin1(yield* part(greedy))];
    },
  });
  await fails(
    depends,
    [{ messages: [["a", "bcd"]], bytes: "a\r\nbcd", written: false }],
    /message 0 is \["a","b"\]/,
  );
});

test("verifyProtocol() rejects a framer that loses bytes", async () => {
  const losing: Framer = {
    measure(input) {
      const at = input.find(bytes(";"));
      if (at === undefined) return undefined;
      input.drop(Math.min(2, input.length - at));
      return at;
    },
    write() {},
  };
  await fails(
    { framer: losing, codec: text() },
    [{ messages: ["a", "b"], bytes: "a;b;", written: false }],
    /message/,
  );
});

test("verifyProtocol() rejects a protocol whose error depends on where the stream is cut", async () => {
  let calls = 0;
  const counting: Framer = {
    measure(input) {
      calls++;
      if (input.peek() === 0x21) throw new MalformedFrameError(`bad, call ${calls}`);
      return strict.measure(input);
    },
    write() {},
  };
  await fails(
    { framer: counting, codec: text() },
    [{ messages: ["a"], bytes: "a\n!", error: MalformedFrameError }],
    /failed: MalformedFrameError.*not MalformedFrameError/,
  );
});

test("verifyProtocol() rejects a protocol whose limit is not exact", async () => {
  // The framer announces more than the frame has.
  const announcing: Framer = {
    measure(input) {
      const length = strict.measure(input);
      if (length === undefined) input.atLeast(3);
      return length;
    },
    write: (frame, output) => strict.write(frame, output),
  };
  await fails({ framer: announcing, codec: text() }, [{ messages: ["ab"] }], /with a limit of 2/);
});

test("verifyProtocol() rejects a message that the end of the stream completes wrongly", async () => {
  const lenient = sequence({
    *read() {
      const values: string[] = [];
      for (;;) {
        try {
          const text = latin1(yield* part(lines()));
          values.push(text);
          if (text === ".") return values;
        } catch (error) {
          values.push(String(error));
        }
      }
    },
  });
  await verifyProtocol(lenient, [{ messages: [["a", "."]], bytes: "a\n.\n", written: false }]);
  const failing = sequence({
    *read() {
      const text = latin1(yield* part(lines()));
      if (text !== "whole") throw new MalformedFrameError("not whole");
      return text;
    },
  });
  await fails(
    failing,
    [{ messages: ["whole"], bytes: "whole\n", written: false }],
    /not TruncatedFrameError/,
  );
});

test("verifyProtocol() rejects frames whose bytes change while more arrive", async () => {
  const codec: Codec<Uint8Array, Uint8Array> = {
    decode: (frame) => scratch.subarray(0, (scratch.set(frame), frame.length)),
    encode: (message) => message,
  };
  const scratch = new Uint8Array(100);
  await fails(
    { framer: lengthPrefixed(uint8), codec },
    [{ messages: [bytes("ab"), bytes("cd")] }],
    /message 0 is "<99 100>", not "<97 98>"/,
  );
});

test("verifyProtocol() rejects state that is correct until two streams are read at once", async () => {
  let current: string[] = [];
  const shared = sequence({
    *read() {
      current = [];
      for (let count = 0; count < 2; count++) current.push(yield* line);
      return [...current];
    },
  });
  await fails(
    shared,
    [{ messages: pair, bytes: pairBytes, written: false }],
    /together with others/,
  );
});

test("verifyProtocol() rejects messages that asynchronous methods cannot deliver", async () => {
  const thenable = { then: (resolve: (value: unknown) => void) => resolve("resolved") };
  const codec: Codec<Uint8Array, object> = { decode: () => thenable, encode: () => bytes("") };
  await fails(
    { framer: strict, codec },
    [{ messages: [thenable], bytes: "a\n", written: false }],
    /, by .*message 0 is "resolved"/,
  );
});

test("verifyProtocol() rejects a codec that changes the bytes of the stream", async () => {
  const codec: Codec<Uint8Array, number> = {
    decode: (frame) => frame.fill(0).length,
    encode: () => bytes(""),
  };
  await fails(
    { framer: fixed(2), codec },
    [{ messages: [2], bytes: "ab", written: false }],
    /changed the bytes/,
  );
});

test("verifyProtocol() rejects a framer that ends several messages at the end of the stream", async () => {
  const splitting: Framer = {
    measure: (input) => strict.measure(input) ?? (input.ended ? 1 : undefined),
    write() {},
  };
  await fails(
    { framer: splitting, codec: text() },
    [{ messages: ["abc"], bytes: "abc\n", written: false, endsAnywhere: true }],
    /ended after 2 bytes: the end ended more than one message/,
  );
});

test("verifyProtocol() rejects an end that depends on where the stream is cut", async () => {
  let calls = 0;
  const counting: Framer = {
    measure(input) {
      calls++;
      if (input.offset === 0 && input.length === 1 && !input.ended) calls = 0;
      return strict.measure(input) ?? (input.ended && calls % 2 === 1 ? input.length : undefined);
    },
    write() {},
  };
  await fails(
    { framer: counting, codec: text() },
    [{ messages: ["abcd"], bytes: "abcd\n", written: false, endsAnywhere: true }],
    /ended after \d bytes: gave .* in pieces/,
  );
});

test("verifyProtocol() accepts sequences of every kind of part", bounded, async () => {
  const mixed = sequence({
    *read() {
      const size = new DataView((yield* part(fixed(2))).slice().buffer).getUint16(0);
      const body = latin1(yield* part(fixed(size)));
      return [body, latin1(yield* part(delimited(["\n", ";"]))), yield* part(imap)];
    },
    write([body, tail, command]: [string, string, string[]], output) {
      lengthPrefixed(uint16).write(bytes(body), output);
      delimited(["\n", ";"]).write(bytes(tail), output);
      output.write(imap.codec.encode(command));
    },
  });
  await verifyProtocol(mixed, [{ messages: [["", "", ["a"]], ["abc", "de", ["x{1}", "y", ""]]] }]);
  await verifyProtocol({ framer: crlf, codec: text() }, [{ messages: ["", "a\nb"] }]);
});

/** JSON on lines, between which blank lines and comments are discarded. */
const commented: ProtocolParts<unknown> = {
  framer: {
    measure(input) {
      const first = input.peek();
      if (first === 0x0a) input.discard(1);
      else if (first === 0x23) {
        const end = input.find(bytes("\n"));
        if (end !== undefined) input.discard(end + 1, "comment");
      } else return strict.measure(input);
      return undefined;
    },
    write: (frame, output) => strict.write(frame, output),
  },
  codec: json(),
};

test("verifyProtocol() accepts bytes that belong to no message", async () => {
  await verifyProtocol(commented, [
    { messages: [1, 2], bytes: "\n1\n\n\n2\n\n", written: false },
    { messages: [], bytes: "\n\n" },
  ]);
  const lost: Framer = {
    measure(input) {
      const length = strict.measure(input);
      if (length === undefined) input.discard(input.length);
      return length;
    },
    write: strict.write,
  };
  await fails({ framer: lost, codec: text() }, [{ messages: ["ab"] }], /message 0 is "", not "ab"/);
});

test("verifyProtocol() accepts the expected reports, at their offsets", async () => {
  await verifyProtocol({ ...commented, maxFrameLength: 5 }, [
    {
      messages: [1, 2, 3],
      bytes: "1\n{\n\n#a\n2\n123456\n3\n",
      invalid: [
        { type: CodecError, offset: 2, message: /^Cannot decode frame of 1 byte/ },
        { type: MalformedFrameError, offset: 5, message: /comment$/ },
        { type: FrameTooLargeError, offset: 10 },
      ],
    },
    { messages: [1, 2], bytes: "1\n{\n[\n2\n", invalid: [CodecError, CodecError] },
  ]);
  await verifyProtocol<unknown>({ framer: netstring(), codec: json() }, [
    {
      messages: [1],
      bytes: "1:{,1:1,-1:",
      invalid: [CodecError],
      error: { type: MalformedFrameError, offset: 8 },
    },
  ]);
});

test("verifyProtocol() rejects other reports than the expected ones", async () => {
  const one = { messages: [1], bytes: "{\n1\n" };
  await fails(commented, [one], /whole, by read\(\): reported \["CodecError: .*"\], not \[\]$/);
  await fails(commented, [{ ...one, invalid: [] }], /reported \["CodecError: .*, not 0 errors$/);
  for (
    const [expected, message] of [
      [{ type: MalformedFrameError }, /report 0: expected MalformedFrameError, not CodecError/],
      [{ type: CodecError, offset: 2 }, /report 0: offset of CodecError: .* is 0, not 2$/],
      [{ type: CodecError, message: /comment/ }, /report 0: expected \/comment\/, not CodecError/],
    ] as const
  ) {
    await fails(commented, [{ ...one, invalid: [expected] }], message);
  }
  await fails(
    { framer: strict },
    [{
      messages: [],
      bytes: "abc",
      error: { type: MalformedFrameError, offset: 1 },
    }],
    /at the end: expected MalformedFrameError, not TruncatedFrameError/,
  );
  await fails(
    { framer: netstring() },
    [{ messages: [], bytes: "x", error: { type: MalformedFrameError, offset: 1 } }],
    /at the end: offset of MalformedFrameError: .* is 0, not 1$/,
  );
});

test("verifyProtocol() rejects a message whose error depends on how the message is read", async () => {
  let calls = 0;
  const codec: Codec<Uint8Array, string> = {
    decode(frame) {
      if (frame[0] === 0x21) throw new MalformedFrameError(`bad, call ${calls++}`);
      return latin1(frame);
    },
    encode: bytes,
  };
  await fails(
    { framer: strict, codec },
    [{ messages: ["a"], bytes: "!\na\n", invalid: [CodecError] }],
    /reported \["CodecError: .*call 1"\], not \["CodecError: .*call 0"\]$/,
  );
});

test("verifyProtocol() rejects other bytes than the messages are written as", async () => {
  const protocol = { framer: strict, codec: text() };
  const one = { messages: ["a", "b"], bytes: "a\r\nb\n" };
  const other = /messages are written as "<97 10 98 10>", not as "<97 13 10 98 10>"$/;
  await fails({ ...protocol, framer: lines() }, [{ ...one, endsAnywhere: true }], other);
  const lax = lines({ cr: true });
  await verifyProtocol({ framer: lax, codec: text() }, [
    { ...one, written: false, endsAnywhere: true },
  ]);
  await verifyProtocol({ framer: strict, codec: text() }, [
    { messages: ["a"], bytes: "a\n", written: ["a"] },
  ]);
  await fails(
    protocol,
    [{ messages: ["a"], bytes: "a\n", written: ["b"] }],
    /messages are written as "<98 10>", not as "<97 10>"$/,
  );
  await fails(
    protocol,
    [{ messages: ["a"], bytes: "a\n", written: ["a\nb"] }],
    /message 0 cannot be written: TypeError: Cannot write frame/,
  );
});

test("verifyProtocol() rejects a message that is discarded at the end of the stream", async () => {
  const discarding: Framer = {
    measure(input) {
      const length = strict.measure(input);
      if (length === undefined && input.ended) input.discard(input.length);
      return length;
    },
    write: strict.write,
  };
  const protocol = { framer: discarding, codec: text() };
  await fails(
    protocol,
    [{ messages: ["ab"] }],
    /ended after 1 bytes: the unfinished message was discarded, without TruncatedFrameError$/,
  );
  await verifyProtocol(protocol, [{ messages: ["ab"], endsAnywhere: true }]);
});

test("verifyProtocol() rejects a message that the end of the stream cuts short", async () => {
  const protocol = { framer: lines(), codec: text() };
  await fails(protocol, [{ messages: ["ab"] }], /ended after 1 bytes: gave \["a"\]$/);
  await verifyProtocol(protocol, [{ messages: ["ab"], endsAnywhere: true }]);
});

test("verifyProtocol() rejects a limit that is not exact for one of several messages", async () => {
  // The framer announces more than a short frame has; the longest one is exact.
  const announcing: Framer = {
    measure(input) {
      const length = strict.measure(input);
      if (length === undefined) input.atLeast(3);
      return length;
    },
    write: strict.write,
  };
  await fails(
    { framer: announcing, codec: text() },
    [{ messages: ["abcd", "e"] }],
    /message 1 with a limit of 1: gave FrameTooLargeError/,
  );
});

test("verifyProtocol() rejects a complete message that the end of the stream loses", async () => {
  const late: Framer = {
    measure(input) {
      const length = strict.measure(input);
      // The first message needs another byte after it, others may end with the stream.
      const alone = length !== undefined && input.length === length + 1;
      if (!alone || (input.ended && input.offset > 0)) return length;
      input.drop(0);
      return undefined;
    },
    write: strict.write,
  };
  await fails(
    { framer: late, codec: text() },
    [{ messages: ["a", "b"] }],
    /ended after 2 bytes: message 0 is missing$/,
  );
});

test("verifyProtocol() rejects a truncation that loses bytes of the message", async () => {
  const losing: Framer = {
    measure(input) {
      const length = strict.measure(input);
      const first = input.offset === 0 && input.length > 1;
      if (length === undefined && input.ended && first) input.discard(1);
      return length;
    },
    write: strict.write,
  };
  await fails(
    { framer: losing, codec: text() },
    [{ messages: ["abc"] }],
    /ended after 2 bytes: partial of TruncatedFrameError: .* is not the unfinished message$/,
  );
});

test("verifyProtocol() rejects a limit whose error depends on where the stream is cut", async () => {
  const LF = bytes("\n");
  let calls = 0;
  const wavering: Framer = {
    measure(input) {
      let at: number | undefined = 0;
      if (calls++ % 3 === 0) at = input.find(LF);
      else while (at < input.length && input.peek(at) !== 0x0a) at++;
      if (at === undefined || at === input.length) return undefined;
      input.drop(1);
      return at;
    },
    write: strict.write,
  };
  await fails(
    { framer: wavering, codec: text() },
    [{ messages: ["abc", "", "abcdef"] }],
    /with a limit of 5: gave FrameTooLargeError: .*, not FrameTooLargeError: /,
  );
});

test("verifyProtocol() rejects messages that are written differently by one method", async () => {
  const methods = ["are written one by one", "a connection sends", "FrameEncoderStream writes"];
  for (const [index, method] of methods.entries()) {
    let count = 0;
    const codec: Codec<Uint8Array, string> = {
      decode: latin1,
      encode: (message) => bytes(count++ === index + 1 ? "other" : message),
    };
    await fails(
      { framer: strict, codec },
      [{ messages: ["a"] }],
      new RegExp(`messages that ${method} differ from messages that are written together$`),
    );
  }
});

test("verifyProtocol() rejects frames that consume no input, in place of reading them forever", async () => {
  const framer: Framer = { measure: () => 0, write: (frame, output) => output.write(frame) };
  for (const stream of ["", "a"]) {
    await fails(framer as never, [{ messages: [bytes("")], bytes: stream }], /consume no input/);
  }
});

test("verifyProtocol() rejects a codec that changes the messages it encodes", async () => {
  const codec: Codec<Uint8Array, string[]> = {
    decode: (frame) => latin1(frame).split(","),
    encode: (message) => bytes(message.sort().join(",")),
  };
  await fails({ framer: strict, codec }, [{ messages: [["b", "a"]] }], /has changed them/);
});

test("verifyProtocol() accepts several messages before an error", async () => {
  const error = MalformedFrameError;
  const messages = ["a", "b", "c"].map(bytes);
  await verifyProtocol(netstring(), [{ messages, bytes: "1:a,1:b,1:c,-1:", error }]);
});

test("verifyProtocol() accepts the offset of an error that costs one message", async () => {
  const protocol = { framer: strict, codec: json() };
  const error = { type: CodecError, offset: 2 };
  await verifyProtocol(protocol, [{ messages: [1], bytes: "1\n{\n", error }]);
  const wrong = { messages: [1], bytes: "1\n{\n", error: { ...error, offset: 1 } };
  await fails(protocol, [wrong], /offset of CodecError.* is 2, not 1/);
});

test("verifyProtocol() rejects a message that waits for the bytes after it", async () => {
  const framer: Framer = {
    ...strict,
    measure(input) {
      const end = input.find(bytes("\n"));
      if (end === undefined || (input.peek(end + 1) === undefined && !input.ended)) {
        return undefined;
      }
      input.drop(1);
      return end;
    },
  };
  await fails(
    { framer, codec: text() },
    [{ messages: ["a", "b"], bytes: "a\nb\n" }],
    /message 0 is complete, but was read only at the end of the stream/,
  );
});

test("verifyProtocol() rejects frames that are announced otherwise than written", async () => {
  const framer: Framer = {
    ...netstring(),
    announce: (length, output) => output.write(bytes(`${length}:`)) as undefined,
  };
  await fails(
    { framer, codec: text() },
    [{ messages: ["a"], bytes: "1:a," }],
    /announced differ from frames that are written/,
  );
});

test("verifyProtocol() shows messages that are not JSON", async () => {
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const throwing = {
    toJSON() {
      throw new Error("never");
    },
  };
  for (const message of [circular, throwing]) {
    const codec = { decode: () => message, encode: () => bytes("") };
    await fails(
      { framer: strict, codec },
      [{ messages: [{}], bytes: "\n" }],
      /message 0 is \[object Object\], not \{\}/,
    );
  }
});
