import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ByteReader,
  type Codec,
  CodecError,
  contentLength,
  delimited,
  fixed,
  FrameDecoder,
  type Framer,
  FrameTooLargeError,
  json,
  lengthPrefixed,
  lines,
  MalformedFrameError,
  netstring,
  owned,
  tagged,
  text,
  TruncatedFrameError,
  uint16,
  uint24,
  uint32,
  uint48,
  uint64,
  uint8,
  untilClose,
} from "../mod.ts";
import { bytes, chunksOf, hex, latin1, numbered } from "./support/bytes.ts";
import { allocated } from "./support/counting.ts";
import { decode, failure } from "./support/framing.ts";

function decoderOf(framer: Framer, stream: string, maxFrameLength?: number): FrameDecoder {
  const protocol = maxFrameLength === undefined ? { framer } : { framer, maxFrameLength };
  const decoder = new FrameDecoder(protocol);
  decoder.push(bytes(stream));
  return decoder;
}

function read(decoder: FrameDecoder): string | undefined {
  const frame = decoder.read();
  return frame && latin1(frame);
}

/** A framer that only reads. */
function measured(measure: Framer["measure"]): Framer {
  return { measure, write: () => {} };
}

// Reading.

test("FrameDecoder.read() returns one frame at a time, and undefined until one is complete", () => {
  const decoder = new FrameDecoder({ framer: lines() });
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("on"));
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("e\ntwo\nth"));
  assert.equal(read(decoder), "one");
  assert.equal(read(decoder), "two");
  assert.equal(decoder.read(), undefined);
  assert.equal(decoder.read(), undefined);
});

test("FrameDecoder iterates over all buffered frames, and again over later ones", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text() });
  decoder.push(bytes("one\ntwo\nth"));
  const iterator = decoder[Symbol.iterator]();
  assert.equal(iterator.next().value, "one");
  assert.deepEqual([...iterator], ["two"]);
  decoder.push(bytes("ree\n"));
  assert.deepEqual([...iterator], ["three"]);
  assert.deepEqual([...decoder], []);
});

test("FrameDecoder loses nothing when a loop exits early", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text() });
  decoder.push(bytes("one\ntwo\nthree\n"));
  for (const line of decoder) if (line === "one") break;
  assert.deepEqual([...decoder], ["two", "three"]);
});

test("FrameDecoder delivers empty frames", () => {
  assert.deepEqual(decode(lines(), "\n\n"), ["", ""]);
  assert.deepEqual(decode(lengthPrefixed(uint8), "\0\0"), ["", ""]);
});

test("FrameDecoder ignores empty chunks", () => {
  const decoder = new FrameDecoder({ framer: lines() });
  for (const chunk of ["", "a", "", "", "\n", ""]) decoder.push(bytes(chunk));
  assert.equal(read(decoder), "a");
});

test("FrameDecoder.push() refuses a chunk that is not a Uint8Array", () => {
  const decoder = new FrameDecoder({ framer: lines() });
  for (
    const chunk of [
      null,
      undefined,
      "text",
      [1],
      {},
      new ArrayBuffer(1),
      new DataView(new ArrayBuffer(1)),
      new Uint16Array(1),
      new Int8Array(1),
    ]
  ) {
    const error = failure(() => decoder.push(chunk as unknown as Uint8Array));
    assert.ok(error instanceof TypeError);
    assert.equal(error.message, "Cannot push chunk: expected a Uint8Array");
  }
});

// The end of the stream.

test("FrameDecoder ends cleanly between two frames, and only there", () => {
  const decoder = decoderOf(lines({ strict: true }), "one\n");
  decoder.end();
  assert.equal(read(decoder), "one");
  assert.equal(decoder.read(), undefined);
  decoder.end();
  assert.equal(decoder.read(), undefined);
  assert.deepEqual([...decoder], []);
  const empty = new FrameDecoder({ framer: lengthPrefixed(uint8) });
  empty.end();
  assert.equal(empty.read(), undefined);
});

test("FrameDecoder.push() refuses chunks after the end", () => {
  const decoder = decoderOf(lines(), "one\n");
  decoder.end();
  assert.throws(() => decoder.push(bytes("x")), /^TypeError: Cannot push chunk: the stream has/);
  assert.equal(read(decoder), "one");
});

test("FrameDecoder reports truncation with the partial frame and the expected length", () => {
  for (
    const [framer, stream, expected] of [
      [fixed(3), "ab", 3],
      [lengthPrefixed(uint16), "\0", undefined],
      [lengthPrefixed(uint16), "\0\x03", 5],
      [lengthPrefixed(uint16), "\0\x03ab", 5],
      [netstring(), "3:abc", 6],
      [delimited("\r\n"), "ab\r", undefined],
      [contentLength(), "Content-Length: 1\r\n\r\n", 22],
    ] as const
  ) {
    const decoder = decoderOf(framer, stream);
    assert.equal(decoder.read(), undefined);
    decoder.end();
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError);
    assert.equal(latin1(error.partial), stream);
    assert.deepEqual([error.offset, error.expectedLength], [0, expected]);
    assert.equal(failure(() => decoder.read()), error);
  }
});

test('FrameDecoder shows a framer the end only after it has answered "not yet" to all bytes', () => {
  const ended: boolean[] = [];
  const decoder = new FrameDecoder({
    framer: measured((input) => {
      ended.push(input.ended);
      return input.ended ? input.length : undefined;
    }),
  });
  decoder.push(bytes("x"));
  decoder.end();
  assert.equal(read(decoder), "x");
  assert.deepEqual(ended, [false, true]);
});

test("FrameDecoder reports truncation if a framer's answer at the end exceeds the bytes received", () => {
  const framer = measured((input) => input.ended ? input.length + 1 : undefined);
  const decoder = decoderOf(framer, "ab");
  decoder.end();
  const error = failure(() => decoder.read());
  assert.ok(error instanceof TruncatedFrameError);
  assert.equal(latin1(error.partial), "ab");
});

test("FrameDecoder does not call the framer at the end of an empty stream", () => {
  const framer = measured((input) => input.ended ? 0 : undefined);
  const decoder = new FrameDecoder({ framer });
  decoder.end();
  assert.equal(decoder.read(), undefined);
});

test("FrameDecoder applies the limit to a frame that ends with the stream", () => {
  const framer = measured((input) => input.ended ? input.length : undefined);
  const decoder = decoderOf(framer, "abcd", 3);
  assert.equal(decoder.read(), undefined);
  decoder.end();
  const error = failure(() => decoder.read());
  assert.ok(error instanceof FrameTooLargeError);
  assert.deepEqual([error.length, error.limit], [4, 3]);
});

// Sticky errors.

test("FrameDecoder delivers the frames before an error, then throws the same error on every call", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text(), maxFrameLength: 3 });
  decoder.push(bytes("one\ntwo\nthree\nx\n"));
  assert.equal(decoder.read(), "one");
  assert.equal(decoder.read(), "two");
  const error = failure(() => decoder.read());
  assert.ok(error instanceof FrameTooLargeError);
  assert.deepEqual([error.offset, error.length, error.limit], [8, 4, 3]);
  decoder.push(bytes("more\n"));
  decoder.end();
  for (
    const again of [
      () => decoder.read(),
      () => decoder.visit(() => {}),
      () => [...decoder],
      () => decoder.detach(),
      () => decoder.switchTo({ framer: untilClose() }).read(),
    ]
  ) {
    assert.equal(failure(again), error);
  }
});

test("FrameDecoder adds the offset to a framer's error, which becomes the cause", () => {
  const reason = new MalformedFrameError("no such type");
  const framer = measured((input) => {
    const byte = input.readUint(1);
    if (byte === 0x78) throw reason;
    return byte === undefined ? undefined : 0;
  });
  const decoder = decoderOf(framer, "abx");
  assert.equal(read(decoder), "");
  assert.equal(read(decoder), "");
  const error = failure(() => decoder.read());
  assert.ok(error instanceof MalformedFrameError);
  assert.equal(error.offset, 2);
  assert.equal(error.message, "Cannot read frame at offset 2: no such type");
  assert.equal(error.cause, reason);
});

test("FrameDecoder reports every FramingError of a framer as a MalformedFrameError", () => {
  const framer = measured(() => {
    throw new FrameTooLargeError("a limit of its own", { length: 1, limit: 0 });
  });
  const error = failure(() => decode(framer, "x"));
  assert.equal(error.constructor, MalformedFrameError);
  assert.equal(error.message, "Cannot read frame at offset 0: a limit of its own");
});

test("FrameDecoder throws a framer's own error unchanged, on every call", () => {
  for (
    const measure of [
      () => NaN,
      () => -1,
      () => 1.5,
      () => Infinity,
      () => {
        throw new SyntaxError("bug");
      },
    ]
  ) {
    const framer = measured(measure);
    const decoder = new FrameDecoder({ framer, maxFrameLength: Infinity });
    decoder.push(bytes("abc"));
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TypeError || error instanceof SyntaxError, `${error}`);
    assert.equal(failure(() => decoder.read()), error);
  }
});

test("FrameDecoder refuses a framer that drops or discards a part of a byte", () => {
  for (
    const remove of [
      (input: ByteReader) => input.drop(0.5),
      (input: ByteReader) => input.drop(-1),
      (input: ByteReader) => input.discard(0.5),
    ]
  ) {
    const framer = measured((input) => {
      remove(input);
      return 1;
    });
    const error = failure(() => decoderOf(framer, "abc").read());
    assert.ok(error instanceof RangeError, `${error}`);
  }
});

test("FrameDecoder keeps the error of a framer that fails only once", () => {
  let calls = 0;
  const framer = measured(() => {
    if (++calls === 1) throw new MalformedFrameError("once");
    return 1;
  });
  const decoder = decoderOf(framer, "abc");
  const error = failure(() => decoder.read());
  assert.equal(error.message, "Cannot read frame at offset 0: once");
  assert.equal(failure(() => decoder.read()), error);
});

// Limits.

test("FrameDecoder enforces the limit to the byte", () => {
  for (
    const [framer, stream, length] of [
      [lines(), "abc\n", 3],
      [delimited("\r\n", { keep: true }), "abc\r\n", 5],
      [lengthPrefixed(uint16), "\0\x03abc", 3],
      [netstring(), "3:abc,", 3],
      [tagged({ 0x61: 2 }), "abc", 3],
      [fixed(3), "abc", 3],
      [contentLength(), "Content-Length: 3\r\n\r\nabc", 3],
    ] as const
  ) {
    assert.equal(decode(framer, stream, length).length, 1);
    assert.equal(decode(framer, stream, length + 1).length, 1);
    assert.equal(decode(framer, stream, Infinity).length, 1);
    const error = failure(() => decode(framer, stream, length - 1));
    assert.ok(error instanceof FrameTooLargeError);
    assert.deepEqual([error.length, error.limit, error.offset], [length, length - 1, 0]);
  }
});

test("FrameDecoder limits frames to 1 MiB by default", () => {
  const decoder = decoderOf(lengthPrefixed(uint32), "\0\x10\0\0");
  assert.equal(decoder.read(), undefined);
  const other = decoderOf(lengthPrefixed(uint32), "\0\x10\0\x01");
  assert.throws(() => other.read(), FrameTooLargeError);
});

test("FrameDecoder counts offsets from the start of the stream, including headers", () => {
  const decoder = decoderOf(netstring(), "1:a,", 3);
  assert.equal(read(decoder), "a");
  decoder.push(bytes("0:,4:"));
  assert.equal(read(decoder), "");
  const error = failure(() => decoder.read());
  assert.ok(error instanceof FrameTooLargeError);
  assert.equal(error.offset, 7);
});

test("FrameDecoder refuses an unterminated frame at the byte that proves it too long", () => {
  for (
    const [framer, stream] of [
      [lines(), "abcd"],
      [lines(), "abc\rx"],
      [delimited("\r\n"), "abc\rx"],
      [untilClose(), "abcd"],
      [tagged({ 0x61: lines() }), "abcd"],
    ] as const
  ) {
    const decoder = decoderOf(framer, stream.slice(0, -1), 3);
    assert.equal(decoder.read(), undefined);
    decoder.push(bytes(stream.slice(-1)));
    const error = failure(() => decoder.read());
    assert.ok(error instanceof FrameTooLargeError);
    assert.deepEqual([error.length, error.limit], [4, 3]);
    assert.equal(
      error.message,
      "Cannot read frame of more than 3 bytes at offset 0: limit is 3",
    );
  }
});

test("FrameDecoder allocates nothing for an announced length before its bytes arrive", () => {
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint48), maxFrameLength: Infinity });
  const sum = allocated(() => {
    for (const byte of "\x01\0\0\0\0\0ab") {
      decoder.push(bytes(byte));
      assert.equal(decoder.read(), undefined);
    }
  });
  assert.ok(sum < 2048, `${sum} bytes`);
  decoder.end();
  const error = failure(() => decoder.read());
  assert.ok(error instanceof TruncatedFrameError);
  assert.equal(error.expectedLength, 2 ** 40 + 6);
  assert.equal(error.partial.length, 8);
});

test("FrameDecoder requires a framer to return or declare a length within 65,536 bytes", () => {
  const LF = bytes("\n");
  const far: readonly (readonly [name: string, measure: Framer["measure"]])[] = [
    ["never", () => undefined],
    ["a field far away", (input) => input.peek(69_999) === undefined ? undefined : 70_000],
    ["a long header", (input) => {
      if (input.length < 70_000) return undefined;
      input.skip(70_000);
      return 1;
    }],
    ["bytes after the frame", (input) => input.length < 65_537 ? undefined : 1],
    ["a search beyond its bound", (input) => input.find(LF, { within: 100 })],
  ];
  const message = "Cannot read frame at offset 4: its header is over 65536 bytes";
  const stream = new Uint8Array(80_000);
  for (const [name, measure] of far) {
    for (const size of [1, 1000, 65_535, 65_536, 65_537, 80_000]) {
      const decoder = new FrameDecoder({ framer: fixed(4), maxFrameLength: 10 });
      decoder.push(new Uint8Array(4));
      assert.ok(decoder.read());
      decoder.switchTo({ framer: measured(measure), maxFrameLength: 70_000 });
      let pushed = 0;
      const error = failure(() => {
        for (const chunk of chunksOf(stream, size)) {
          decoder.push(chunk);
          pushed += chunk.length;
          assert.equal(decoder.read(), undefined);
        }
      });
      assert.ok(error instanceof MalformedFrameError, `${name}: ${error}`);
      assert.equal(error.message, message, name);
      assert.ok(pushed >= 65_536 && pushed < 65_536 + size, name);
    }
  }
});

test("FrameDecoder accepts a longer header if the framer declares it", () => {
  const END = bytes("\n");
  const declared: readonly Framer["measure"][] = [
    (input) => {
      const at = input.find(END, { within: 100_000 });
      if (at !== undefined) input.skip(at + 1);
      return at && 2;
    },
    (input) => {
      if (input.length < 70_001) return void input.atLeast(2);
      input.skip(70_001);
      return 2;
    },
    (input) => {
      input.memo = 1;
      return input.length < 70_001 ? undefined : 70_003;
    },
  ];
  const stream = new Uint8Array(2 * 70_003);
  stream[70_000] = stream[140_003] = 10;
  for (const measure of declared) {
    for (const size of [1000, 65_536, 70_001, 200_000]) {
      const decoder = new FrameDecoder({ framer: measured(measure), maxFrameLength: 70_003 });
      let frames = 0;
      for (const chunk of chunksOf(stream, size)) {
        decoder.push(chunk);
        decoder.visit(() => frames++);
      }
      assert.equal(frames, 2);
    }
  }
});

test("FrameDecoder reports truncation after many bytes even if its framer declares nothing at the end", () => {
  const framer = measured((input) => {
    if (!input.ended) input.atLeast(1);
    return undefined;
  });
  for (const size of [1000, 65_536, 100_000]) {
    const decoder = new FrameDecoder({ framer });
    for (const chunk of chunksOf(new Uint8Array(100_000), size)) decoder.push(chunk);
    decoder.end();
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError, `${error}`);
    assert.equal(error.partial.length, 100_000);
  }
});

test("FrameDecoder keeps all bytes of a long partial frame, at the end of the stream and on detach()", () => {
  const stream = bytes(`\0\x03\0\0${"x".repeat(100_000)}`);
  for (const size of [1000, 65_536, stream.length]) {
    const decoder = new FrameDecoder({ framer: lengthPrefixed(uint32) });
    for (const chunk of chunksOf(stream, size)) {
      decoder.push(chunk);
      assert.equal(decoder.read(), undefined);
    }
    for (const framer of [lines(), lengthPrefixed(uint32)]) {
      const other = new FrameDecoder({ framer });
      for (const chunk of chunksOf(stream, size)) other.push(chunk);
      assert.equal(other.read(), undefined);
      assert.deepEqual(other.detach(), stream);
    }
    decoder.end();
    const error = failure(() => decoder.read());
    assert.ok(error instanceof TruncatedFrameError);
    assert.deepEqual(error.partial, stream);
    assert.equal(error.expectedLength, 196_612);
  }
});

// Error messages.

test("FrameDecoder says what the bytes look like if a length is over the limit", () => {
  const message = (framer: Framer, start: Uint8Array) => {
    const decoder = new FrameDecoder({ framer });
    decoder.push(start);
    return failure(() => decoder.read()).message;
  };
  const framer = lengthPrefixed(uint32);
  assert.equal(
    message(framer, hex("15 03 03 00")),
    "Cannot read frame of 352518912 bytes at offset 0: limit is 1048576; " +
      "the bytes 15 03 03 00 look like a TLS record",
  );
  assert.equal(
    message(framer, bytes("GET / HTTP/1.1\r\n")),
    "Cannot read frame of 1195725856 bytes at offset 0: limit is 1048576; " +
      'the bytes "GET " look like an HTTP request',
  );
  assert.match(
    message(framer, bytes("HTTP/1.1 400")),
    /; the bytes "HTTP" look like an HTTP reply$/,
  );
  assert.match(message(framer, bytes("SSH-2.0")), /; the bytes "SSH-" look like an SSH greeting$/);
  assert.match(message(framer, bytes("hello")), /; the bytes "hell" look like printable text$/);
  assert.match(
    message(lengthPrefixed(uint24), bytes("GET")),
    /; the bytes 47 45 54 look like an HT/,
  );
  assert.match(message(lengthPrefixed(uint64), bytes("SSH-2.0-")), /; the bytes "SSH-" look like/);
  assert.match(message(framer, hex("ff fe ff fe")), /: limit is 1048576$/);
});

test("FrameDecoder bases its error on exactly the bytes that prove it", () => {
  for (const size of [1, 2, 3, 4, 100]) {
    const decoder = new FrameDecoder({ framer: lengthPrefixed(uint16), maxFrameLength: 100 });
    const error = failure(() => {
      for (const chunk of chunksOf(bytes("GET / HTTP/1.1\r\n"), size)) {
        decoder.push(chunk);
        decoder.read();
      }
    });
    assert.equal(error.message, "Cannot read frame of 18245 bytes at offset 0: limit is 100");
  }
});

test("FrameDecoder says nothing about text where lines were expected", () => {
  for (const framer of [lines(), delimited("\r\n"), tagged({ 0x61: lines() })]) {
    const error = failure(() => decode(framer, "abcdefgh\r\n", 4));
    assert.equal(error.message, "Cannot read frame of more than 4 bytes at offset 0: limit is 4");
  }
});

test("FrameDecoder reports the earliest error, whatever follows", () => {
  // The fourth byte is over the limit; the framer fails at the ninth.
  const framer = measured((input) => {
    for (let at = 0; at < input.length; at++) {
      if (input.peek(at) === 0x21) throw new MalformedFrameError("no");
      if (input.peek(at) === 0x7d) return at + 1;
    }
    input.memo = 1;
    return undefined;
  });
  for (const size of [1, 2, 5, 100]) {
    const decoder = new FrameDecoder({ framer, maxFrameLength: 3 });
    const error = failure(() => {
      for (const chunk of chunksOf(bytes("{abcdefg!"), size)) {
        decoder.push(chunk);
        decoder.read();
      }
    });
    assert.ok(error instanceof FrameTooLargeError);
    assert.deepEqual([error.length, error.limit], [4, 3]);
    assert.equal(error.message, "Cannot read frame of more than 3 bytes at offset 0: limit is 3");
  }
});

test("FrameDecoder reports the same error at all chunk sizes if a scanning framer exceeds the limit", () => {
  const framer = measured((input) => {
    let at = input.memo as number ?? 0;
    while (at < input.length && input.peek(at) !== 0x7d) at++;
    input.memo = at;
    return at < input.length ? at + 1 : undefined;
  });
  for (const size of [1, 3, 7, 100]) {
    const decoder = new FrameDecoder({ framer, maxFrameLength: 5 });
    const error = failure(() => {
      for (const chunk of chunksOf(bytes("{12345678}"), size)) {
        decoder.push(chunk);
        decoder.read();
      }
    });
    assert.ok(error instanceof FrameTooLargeError);
    assert.deepEqual([error.length, error.limit], [6, 5]);
  }
});

// Codecs.

test("FrameDecoder continues after a message that cannot be decoded", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: json() });
  decoder.push(bytes("1\n{\n2\n"));
  assert.equal(decoder.read(), 1);
  const error = failure(() => decoder.read());
  assert.ok(error instanceof CodecError && error.cause instanceof SyntaxError);
  assert.equal(latin1(error.frame), "{");
  assert.match(error.message, /^Cannot decode frame of 1 byte: /);
  assert.equal(decoder.read(), 2);
  assert.equal(decoder.read(), undefined);
});

test("FrameDecoder can be iterated over again after a message that cannot be decoded", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: json() });
  decoder.push(bytes("1\n{\n2\n3\n"));
  const seen: unknown[] = [];
  assert.throws(() => {
    for (const message of decoder) seen.push(message);
  }, CodecError);
  for (const message of decoder) seen.push(message);
  assert.deepEqual(seen, [1, 2, 3]);
});

test("FrameDecoder wraps anything that a codec throws in a CodecError", () => {
  const codec: Codec<Uint8Array, string> = {
    decode: () => {
      throw "no reason";
    },
    encode: bytes,
  };
  const decoder = new FrameDecoder({ framer: lines(), codec });
  decoder.push(bytes("1\n"));
  const error = failure(() => decoder.read());
  assert.ok(error instanceof CodecError);
  assert.equal(error.message, "Cannot decode frame of 1 byte: no reason");
  assert.equal(error.cause, "no reason");
});

// Visiting.

test("FrameDecoder.visit() visits all complete frames in place", () => {
  const chunk = bytes("one\n\ntwo\nth");
  const decoder = new FrameDecoder({ framer: lines() });
  decoder.push(chunk);
  const seen: unknown[] = [];
  decoder.visit((bytes, start, end) => {
    seen.push([bytes === chunk, start, end]);
  });
  assert.deepEqual(seen, [[true, 0, 3], [true, 4, 4], [true, 5, 8]]);
  decoder.push(bytes("ree\n"));
  let last = "";
  decoder.visit((bytes, start, end) => last = latin1(bytes.subarray(start, end)));
  assert.equal(last, "three");
});

test("FrameDecoder.visit() bypasses the codec", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: json() });
  decoder.push(bytes("{\n"));
  let length = 0;
  decoder.visit((_, start, end) => length = end - start);
  assert.equal(length, 1);
});

test("FrameDecoder.visit() visits the frames before an error, then throws it", () => {
  const decoder = decoderOf(lines(), "a\nb\nlong\n", 3);
  let seen = "";
  const visit = () => decoder.visit((bytes, start, end) => seen += latin1(bytes.slice(start, end)));
  const error = failure(visit);
  assert.ok(error instanceof FrameTooLargeError);
  assert.equal(seen, "ab");
  assert.equal(failure(visit), error);
});

test("FrameDecoder.visit() continues after a frame whose visitor threw", () => {
  const decoder = decoderOf(lines(), "one\ntwo\nthree\n");
  const error = new Error("visitor");
  const thrown = failure(() =>
    decoder.visit((bytes, start) => {
      if (bytes[start] === 0x74) throw error;
    })
  );
  assert.equal(thrown, error);
  assert.equal(read(decoder), "three");
});

test("FrameDecoder.visit() allows its visitor to push, read and visit", () => {
  const decoder = decoderOf(lines(), "a\nb\n");
  const seen: string[] = [];
  decoder.visit((bytes_, start, end) => {
    seen.push(latin1(bytes_.subarray(start, end)));
    if (seen.length === 1) {
      seen.push(read(decoder)!);
      assert.equal(decoder.read(), undefined);
      for (let count = 0; count < 300; count++) decoder.push(bytes("c\n"));
      seen.push(read(decoder)!);
      decoder.visit((inner, from, to) => seen.push(latin1(inner.subarray(from, to))));
      decoder.push(bytes("d\n"));
    }
  });
  assert.deepEqual(seen, ["a", "b", ...Array(300).fill("c"), "d"]);
});

test("FrameDecoder.visit() allows its visitor to switch to another protocol", () => {
  const decoder = decoderOf(lines(), "upgrade\n\x02ab\x01c");
  const seen: string[] = [];
  decoder.visit((bytes, start, end) => {
    const frame = latin1(bytes.subarray(start, end));
    seen.push(frame);
    if (frame === "upgrade") decoder.switchTo({ framer: lengthPrefixed(uint8) });
  });
  assert.deepEqual(seen, ["upgrade", "ab", "c"]);
});

test("FrameDecoder.visit() allows its visitor to end and detach", () => {
  const decoder = decoderOf(lines(), "a\nrest");
  let rest = "";
  decoder.visit(() => rest = latin1(decoder.detach()));
  assert.equal(rest, "rest");
  const other = decoderOf(lines(), "a\nlast");
  const seen: string[] = [];
  other.visit((bytes, start, end) => {
    seen.push(latin1(bytes.subarray(start, end)));
    other.end();
  });
  assert.deepEqual(seen, ["a", "last"]);
});

// Switching protocols.

test("FrameDecoder.switchTo() keeps the unread bytes and the offset", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text() });
  decoder.push(bytes("one\n\0\x02abxxxx"));
  assert.equal(decoder.read(), "one");
  const frames = decoder.switchTo({ framer: lengthPrefixed(uint16), maxFrameLength: 100 });
  assert.equal(read(frames), "ab");
  const error = failure(() => frames.read());
  assert.ok(error instanceof FrameTooLargeError);
  assert.deepEqual([error.offset, error.limit], [8, 100]);
});

test("FrameDecoder.switchTo() offers unread bytes to the new framer", () => {
  const decoder = decoderOf(lengthPrefixed(uint8), "\x20ab\n");
  assert.equal(decoder.read(), undefined);
  assert.equal(read(decoder.switchTo({ framer: lines() })), "\x20ab");
});

test("FrameDecoder.switchTo() clears the memo of the old framer", () => {
  const decoder = new FrameDecoder({
    framer: measured((input) => {
      input.memo = "theirs";
      return undefined;
    }),
  });
  decoder.push(bytes("ab"));
  assert.equal(decoder.read(), undefined);
  let found: unknown;
  const framer = measured((input) => {
    found = input.memo;
    return 1;
  });
  assert.equal(read(decoder.switchTo({ framer })), "a");
  assert.equal(found, undefined);
});

test("FrameDecoder.switchTo() finds a delimiter that an earlier framer has searched for", () => {
  const decoder = decoderOf(lines(), "ab");
  assert.equal(decoder.read(), undefined);
  decoder.switchTo({ framer: fixed(1) });
  assert.equal(read(decoder), "a");
  decoder.switchTo({ framer: lines() });
  decoder.push(bytes("c\nd\n"));
  assert.deepEqual([...decoder].map(latin1), ["bc", "d"]);
});

test("FrameDecoder.switchTo() works after the end of the stream", () => {
  const decoder = decoderOf(fixed(2), "abrest");
  decoder.end();
  assert.equal(read(decoder), "ab");
  const rest = decoder.switchTo({ framer: untilClose() });
  assert.equal(read(rest), "rest");
  assert.equal(rest.read(), undefined);
});

test("FrameDecoder.detach() returns all unread bytes, including headers", () => {
  const decoder = decoderOf(lengthPrefixed(uint16), "\0\x01a\0\x05bc");
  assert.equal(read(decoder), "a");
  assert.equal(decoder.read(), undefined);
  decoder.push(bytes("d"));
  assert.equal(latin1(decoder.detach()), "\0\x05bcd");
  assert.equal(decoder.read(), undefined);
  assert.deepEqual(decoder.detach(), new Uint8Array(0));
  assert.throws(() => decoder.push(bytes("x")), TypeError);
});

test("FrameDecoder.detach() returns the bytes after the last frame of an ended stream", () => {
  const decoder = decoderOf(lines({ strict: true }), "a\nrest");
  decoder.end();
  assert.equal(read(decoder), "a");
  assert.equal(latin1(decoder.detach()), "rest");
  assert.equal(decoder.read(), undefined);
});

// Views.

test("FrameDecoder delivers views of one chunk, and copies of frames across chunks", () => {
  const decoder = new FrameDecoder({ framer: fixed(400) });
  const [first, second] = [numbered(1000), numbered(1000)];
  decoder.push(first);
  decoder.push(second);
  const frames = [...decoder];
  assert.deepEqual(frames.map((frame) => frame.buffer === first.buffer), [
    true,
    true,
    false,
    false,
    false,
  ]);
  assert.equal(frames[3]!.buffer, second.buffer);
  assert.deepEqual(frames[2]!.subarray(199, 202), Uint8Array.of(999 % 251, 0, 1));
});

test("FrameDecoder does not change delivered frames while more bytes arrive", () => {
  const decoder = new FrameDecoder({ framer: lines() });
  const frames: Uint8Array[] = [];
  for (let count = 0; count < 2000; count++) {
    for (const byte of `${count}\n`) decoder.push(bytes(byte));
    for (const frame of decoder) frames.push(frame);
  }
  assert.deepEqual(frames.map(latin1), Array.from({ length: 2000 }, (_, count) => `${count}`));
});

test("FrameDecoder delivers and visits plain Uint8Arrays whatever the class of the chunks", () => {
  class Chunk extends Uint8Array {
    override slice(): Uint8Array<ArrayBuffer> {
      throw new Error("not like a Uint8Array's");
    }
  }
  for (const size of [3, 600]) {
    const decoder = new FrameDecoder({ framer: fixed(2) });
    const chunk = new Chunk(size);
    decoder.push(chunk);
    const frame = decoder.read()!;
    assert.equal(Object.getPrototypeOf(frame), Uint8Array.prototype);
    decoder.push(new Chunk(size));
    decoder.visit((bytes) => assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype));
    const rest = new FrameDecoder({ framer: lines() });
    rest.push(new Chunk(size));
    assert.equal(Object.getPrototypeOf(rest.detach()), Uint8Array.prototype);
  }
});

test("FrameDecoder reads chunks that are views of larger buffers", () => {
  const buffer = bytes("xxone\ntwo\nxx");
  const decoder = new FrameDecoder({ framer: lines() });
  decoder.push(buffer.subarray(2, 8));
  decoder.push(buffer.subarray(8, 10));
  assert.deepEqual([...decoder].map(latin1), ["one", "two"]);
});

test("FrameDecoder delivers copies if the codec is owned()", () => {
  const decoder = new FrameDecoder({ framer: fixed(1), codec: owned() });
  decoder.push(new Uint8Array(1000));
  assert.equal(decoder.read()!.buffer.byteLength, 1);
});

// Framers.

test("FrameDecoder does not call its framer again until an announced frame is complete", () => {
  let calls = 0;
  const prefixed = lengthPrefixed(uint16);
  const framer = measured((input) => {
    calls++;
    return prefixed.measure(input);
  });
  const decoder = new FrameDecoder({ framer });
  for (const byte of `\x03\xe8${"x".repeat(1000)}`) {
    decoder.push(bytes(byte));
    decoder.visit((_, start, end) => assert.equal(end - start, 1000));
  }
  // After each byte of the header, for the complete frame, and for the next one.
  assert.ok(calls <= 4, `${calls} calls`);
});

test('FrameDecoder undoes what a framer did before it answered "not yet"', () => {
  const framer = measured((input) => {
    const type = input.readUint(1);
    input.drop(1);
    const length = input.readUint(1);
    if (type === undefined || length === undefined) return undefined;
    return length;
  });
  const decoder = new FrameDecoder({ framer });
  const seen: string[] = [];
  for (const byte of "T\x02ab;T\0;") {
    decoder.push(bytes(byte));
    for (const frame of decoder) seen.push(latin1(frame));
  }
  assert.deepEqual(seen, ["ab", ""]);
});

test("FrameDecoder includes in the frame the bytes that its framer moves back over", () => {
  const framer = measured((input) => {
    const length = input.readUint(2);
    if (length === undefined) return undefined;
    input.skip(-2);
    return 2 + length;
  });
  assert.deepEqual(decode(framer, "\0\x01a\0\0"), ["\0\x01a", "\0\0"]);
});

test("FrameDecoder excludes from the frame the bytes that its framer skips before they arrive", () => {
  const framer = measured((input) => {
    input.skip(3);
    return 1;
  });
  const decoder = new FrameDecoder({ framer });
  const seen: string[] = [];
  for (const byte of "xxxaxxxb") {
    decoder.push(bytes(byte));
    for (const frame of decoder) seen.push(latin1(frame));
  }
  assert.deepEqual(seen, ["a", "b"]);
});

test("FrameDecoder refuses a frame that is not followed by the expected trailer", () => {
  const END = bytes("\r\n");
  const framer = measured((input) => {
    const length = input.readUint(1);
    if (length === undefined) return undefined;
    input.expect(END);
    return length;
  });
  for (const size of [1, 2, 100]) {
    const decoder = new FrameDecoder({ framer });
    const seen: string[] = [];
    const error = failure(() => {
      for (const chunk of chunksOf(bytes("\x01a\r\n\0\r\n\x01b\rx"), size)) {
        decoder.push(chunk);
        for (const frame of decoder) seen.push(latin1(frame));
      }
    });
    assert.deepEqual(seen, ["a", ""]);
    assert.ok(error instanceof MalformedFrameError);
    assert.equal(error.offset, 7);
    assert.equal(error.message, "Cannot read frame at offset 7: its trailer is missing");
  }
});

test("FrameDecoder keeps a framer's memo until the frame is taken", () => {
  const memos: unknown[] = [];
  const framer = measured((input) => {
    memos.push(input.memo);
    if (input.length < 3) {
      input.memo = input.length;
      return undefined;
    }
    return 3;
  });
  const decoder = new FrameDecoder({ framer });
  for (const byte of "abcd") {
    decoder.push(bytes(byte));
    decoder.read();
  }
  decoder.read();
  assert.deepEqual(memos, [undefined, 1, 2, undefined]);
});

test("FrameDecoder.failed is true while the next call throws a known error", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: json<number>(), maxFrameLength: 4 });
  decoder.push(bytes("1\n{\n2\n"));
  assert.equal(decoder.failed, false);
  assert.deepEqual(decoder.readAll(), [1]);
  assert.equal(decoder.failed, true);
  assert.throws(() => decoder.read(), CodecError);
  // The message after it can be read.
  assert.equal(decoder.failed, false);
  assert.equal(decoder.read(), 2);
  decoder.push(bytes("12345\n"));
  for (let count = 0; count < 2; count++) {
    assert.throws(() => decoder.read(), FrameTooLargeError);
    assert.equal(decoder.failed, true);
  }
});
