import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type ByteReader,
  type Codec,
  CodecError,
  compose,
  connect,
  Connection,
  ConnectionError,
  contentLength,
  decimal,
  decimalUntil,
  delimited,
  fixed,
  FrameDecoder,
  type Framer,
  FramingError,
  headed,
  hex,
  inclusive,
  json,
  lengthField,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  marked,
  netstring,
  tagged,
  text,
  uint16,
  uint32,
  uint64,
  uint8,
  untilClose,
  varint,
} from "../../mod.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import { good } from "../support/certificates.ts";
import { child } from "../support/child.ts";
import { bounded } from "../support/limits.ts";
import { openStream } from "../support/streams.ts";

/** Terminal controls: a color, a title, a bell, C1 controls as bytes and as UTF-8, line breaks, … */
const controls = [
  "\x1b[31mred\x1b[0m",
  "\x1b]0;title\x07",
  "\x07",
  "\x9b31m",
  "\xc2\x9b31m",
  "\xc2\x85",
  "\x7f",
  "\0",
  "\r\n",
  "\b\b\b",
];

/** Invalid input for each server. */
const hostile: Readonly<Record<string, readonly string[]>> = {
  json: [
    '{"a": "\x1b[31m"}\n',
    "\x1b[31mred\n",
    "\x07\n\x07\n",
    `{"secret": ${"s".repeat(100)}\n`,
    "\xc2\x9b31m\n",
    "x".repeat(2000),
    "1\n2\n{",
  ],
  text: ["\x9b31m\n", "\xff\xfe\x1b\n", "\x1b\x80\x07"],
  decimal: ["\x1b[31m", "GET / HTTP/1.1\r\n\r\n", "00005he", "-0001"],
  uint32: ["\x1b]0;x", "\x16\x03\x01\x02\0", "\0\0\0\x05he"],
  netstring: ["\x1b:", "5:hello\x07", "99999999999999999999:", "5:\x9b\x9b\x9b\x9b\x9b,"],
  contentLength: ["\x1b[31m: 5\r\n\r\n", "Content-Length: \x075\r\n\r\n", "\x9b\x9b\n"],
  marked: ["\x1b", "\x0b\x9b\x1c\r", "\x0bMSH"],
  tls: ["\x1b[31m plain text\n", "\x16\x03\x01\x02\0garbage", "GET / HTTP/1.1\r\n\r\n"],
};

/** Sends a stream, and waits until the server ends the connection, or resets it. */
async function send(port: number, stream: string, resets: boolean): Promise<void> {
  const connection = await connect({ port, framer: untilClose(), maxFrameLength: Infinity });
  try {
    await connection.send(bytes(stream));
    if (resets) {
      await connection.flush();
      return;
    }
    await connection.closeWrite();
    await connection.receive();
  } catch (error) {
    assert.ok(error instanceof ConnectionError, `${error}`);
  } finally {
    connection.abort();
  }
}

test(
  "serve() prints errors of handlers, and nothing about invalid input",
  bounded,
  async () => {
    const process = child("default_errors serve", { tls: { key: good.key, cert: good.cert } });
    const ports = await process.next() as Readonly<Record<string, number>>;
    for (const [name, streams] of Object.entries(hostile)) {
      for (const stream of streams) {
        await send(ports[name]!, stream, false);
        await send(ports[name]!, stream, true);
      }
      assert.equal(process.errors, "", name);
    }
    await send(ports["bug"]!, "one\n", false);
    process.go();
    assert.equal(await process.next(), "closed");
    await process.ended;
    assert.match(process.errors, /a bug of the handler/);
    for (const line of process.errors.split("\n")) assert.doesNotMatch(line, /\p{Cc}/u);
    assert.equal(process.lines.length, 2);
  },
);

/** Returns an error message with its escaped bytes decoded. */
function unescaped(message: string): string {
  return message
    .replaceAll(/\\x([0-9a-f]{2})|\\u\{?([0-9a-f]{4,6})\}?/gi, (_, byte, unit) => {
      return String.fromCodePoint(parseInt(byte ?? unit, 16));
    })
    .replaceAll(/(?:\b[0-9a-f]{2}\b ?){2,}/gi, (list) => latin1(hexBytes(list)));
}

function hexBytes(list: string): Uint8Array {
  return Uint8Array.from(list.trim().split(/ +/), (byte) => parseInt(byte, 16));
}

/**
 * Checks the messages of an error and of those causes that are errors of Framewright.
 *
 * @param quotes Whether the program itself has quoted its input, which may be long.
 */
function checkText(error: unknown, stream: Uint8Array, quotes: boolean): void {
  for (let one = error; isOurs(one); one = one.cause) {
    assert.doesNotMatch(one.message, /\p{Cc}/u, JSON.stringify(one.message));
    if (quotes) return;
    // A codec cannot have quoted the header before its frame.
    const bytes = one instanceof CodecError ? one.frame : stream;
    // The quotation marks around what is quoted are not the peer's.
    const unquoted = one.message.replaceAll('"', "\ue000");
    for (const text of [unquoted, unescaped(unquoted)]) {
      for (const sent of [latin1(bytes), new TextDecoder().decode(bytes)]) {
        const quoted = commonRun(text, sent, 33);
        assert.equal(quoted, undefined, `"${quoted}" is quoted in ${JSON.stringify(one.message)}`);
      }
    }
  }
}

function isOurs(error: unknown): error is Error {
  return error instanceof FramingError || error instanceof CodecError ||
    error instanceof ConnectionError;
}

/** Returns the first run of `length` characters that both texts contain. */
function commonRun(text: string, other: string, length: number): string | undefined {
  for (let at = 0; at + length <= text.length; at++) {
    const run = text.slice(at, at + length);
    if (other.includes(run)) return run;
  }
  return undefined;
}

/** Returns all errors of a decoder that receives a stream in two chunks. */
function errorsOf(
  framer: Framer,
  codec: Codec<Uint8Array, unknown> | undefined,
  stream: Uint8Array,
  cut: number,
): unknown[] {
  const protocol = { framer, maxFrameLength: 200, ...codec && { codec } };
  const decoder = new FrameDecoder<unknown>(protocol as never);
  const errors: unknown[] = [];
  const drain = () => {
    for (let count = 0; count < 1000; count++) {
      try {
        if (decoder.read() === undefined) return;
      } catch (error) {
        errors.push(error);
        if (!(error instanceof CodecError)) return;
      }
    }
  };
  decoder.push(stream.slice(0, cut));
  drain();
  decoder.push(stream.slice(cut));
  drain();
  decoder.end();
  drain();
  return errors;
}

/** Throws an error that quotes a whole frame, as a program may. */
function quoting(frame: Uint8Array): never {
  throw new Error(`unknown command ${latin1(frame)}`);
}

/** A framer that quotes its input. */
const quotingFramer: Framer = {
  measure(input: ByteReader) {
    if (input.length < 3) return undefined;
    throw new MalformedFrameError(`unknown command ${latin1(input.look(input.length)!)}`);
  },
  write() {},
};

/** Framers, with valid beginnings of streams so that more than their first check is reached. */
const framers: Readonly<Record<string, readonly [framer: Framer, begin: string[]]>> = {
  "fixed(40)": [fixed(40), [""]],
  "lines()": [lines(), [""]],
  "lines({ strict })": [lines({ strict: true }), [""]],
  "delimited(CRLF)": [delimited("\r\n"), [""]],
  "untilClose()": [untilClose(), [""]],
  "netstring()": [netstring(), ["", "5:", "5:hello", "01:", "9".repeat(40)]],
  "lengthPrefixed(decimal(5))": [lengthPrefixed(decimal(5)), ["", "000", "00050"]],
  "lengthPrefixed(decimal(15))": [lengthPrefixed(decimal(15)), ["", "000000000000"]],
  "lengthPrefixed(decimalUntil)": [
    lengthPrefixed(decimalUntil("\r\n")),
    ["", "5", "9".repeat(40), "0".repeat(60)],
  ],
  "lengthPrefixed(hex(8))": [lengthPrefixed(hex(8)), ["", "0000", "0000002f"]],
  "lengthPrefixed(uint8)": [lengthPrefixed(uint8), [""]],
  "lengthPrefixed(inclusive(uint16, 2))": [lengthPrefixed(inclusive(uint16, 2)), ["", "\0\x01"]],
  "lengthPrefixed(uint32)": [lengthPrefixed(uint32), ["", "\0\0\0\x20"]],
  "lengthPrefixed(uint64)": [lengthPrefixed(uint64), ["", "\xff".repeat(8)]],
  "lengthPrefixed(varint)": [lengthPrefixed(varint), ["", "\xff".repeat(12)]],
  "lengthField()": [lengthField({ offset: 2, size: 2 }), ["", "\0\0\0\x30"]],
  "tagged()": [tagged({ 0x23: 40, 0x2b: lines(), 0x2c: netstring() }), ["", "#", "+", ",5:"]],
  "headed()": [
    headed("\r\n", (header) => Number(/(\d)$/.exec(latin1(header))?.[1])),
    ["", "MSG 5\r\n", "MSG \x1b\r\n"],
  ],
  "headed() that quotes": [
    headed("\r\n", (header) => {
      throw new MalformedFrameError(`no length in ${latin1(header)}`);
    }),
    [""],
  ],
  "contentLength()": [
    contentLength(),
    ["", "Content-Length: ", "Content-Length: 5\r\n\r\n", "Content-Length: 5\r\nX-"],
  ],
  "marked()": [marked("\x0b", "\x1c\r"), ["", "\x0b"]],
  "a framer that quotes": [quotingFramer, [""]],
};
const codecs: Readonly<Record<string, Codec<Uint8Array, unknown> | undefined>> = {
  "no codec": undefined,
  "json()": json(),
  "text()": text() as never,
  "a codec that quotes": { decode: quoting, encode: () => new Uint8Array(0) },
  "a composed codec that quotes": compose(text(), {
    decode: (line: string): never => quoting(bytes(line)),
    encode: () => "",
  }),
};

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      ...controls,
      "\n",
      "{",
      '"',
      ":",
      ",",
      "1",
      "abcdefghijklmnopqrstuvwxyz".repeat(2),
    ),
    fc.constantFrom("0123456789".repeat(5), "\u00e4\u00f6\u00fc", "-", " ", "\x0b", "\x1c\r"),
    fc.uint8Array({ minLength: 1, maxLength: 40 }).map(latin1),
  ),
  { minLength: 1, maxLength: 8 },
).map((parts) => parts.join(""));

for (const [name, [framer, begins]] of Object.entries(framers)) {
  const quotation = name.includes("quotes") ? "" : ", and at most 32 bytes of input";
  test(
    `${name} puts no control characters into errors${quotation}`,
    bounded,
    () => {
      fc.assert(
        fc.property(fc.constantFrom(...begins), pieces, fc.nat(60), (begin, rest, cut) => {
          const stream = bytes(begin + rest);
          for (const [codecName, codec] of Object.entries(codecs)) {
            const quotes = `${name} ${codecName}`.includes("quotes");
            for (const error of errorsOf(framer, codec, stream, cut)) {
              checkText(error, stream, quotes);
            }
          }
        }),
        { numRuns: 150 },
      );
    },
  );
}

test(
  "CodecError contains no control characters, and at most 32 bytes of input",
  bounded,
  () => {
    for (const [name, codec] of Object.entries(codecs)) {
      // V8 quotes JSON of up to 40 characters in full, and ten characters around the error in longer JSON.
      for (const length of [1, 10, 33, 39, 40, 41, 100]) {
        for (const begin of ["", '"', "{", '{"key":', "[1,", ...controls]) {
          const secret = "abcdefghijklmnopqrstuvwxyz".repeat(4).slice(0, length);
          for (const sent of [begin + secret, secret + begin]) {
            const stream = bytes(sent.replaceAll("\n", ""));
            for (const error of errorsOf(untilClose(), codec, stream, 0)) {
              checkText(error, stream, name.includes("quotes"));
            }
          }
        }
      }
    }
  },
);

test("ConnectionError contains no control characters of a stream's error", bounded, async () => {
  for (const control of controls) {
    const { readable, fail } = openStream();
    const lost = new Error(`lost ${control}${"secret".repeat(10)}`);
    const writable = new WritableStream<Uint8Array>();
    const connection = new Connection({ readable, writable }, { framer: lines(), codec: text() });
    const receiving = connection.receive().then(() => undefined, (error) => error);
    fail(lost);
    const error = await receiving;
    assert.ok(error instanceof ConnectionError, `${error}`);
    assert.equal(error.cause, lost);
    assert.doesNotMatch(error.message, /\p{Cc}/u, JSON.stringify(error.message));
    const sender = new Connection({
      readable: openStream().readable,
      writable: new WritableStream<Uint8Array>({
        write() {
          throw lost;
        },
      }),
    }, { framer: lines(), codec: text() });
    void sender.send("one").catch(() => {});
    const failed = await sender.flush().then(() => undefined, (error) => error);
    assert.ok(failed instanceof ConnectionError, `${failed}`);
    assert.doesNotMatch(failed.message, /\p{Cc}/u, JSON.stringify(failed.message));
  }
});
