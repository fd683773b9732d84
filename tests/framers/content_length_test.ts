import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  contentLength,
  FrameDecoder,
  FrameTooLargeError,
  MalformedFrameError,
  TruncatedFrameError,
} from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes, latin1 } from "../support/bytes.ts";
import {
  decode,
  decodeToEnd,
  encode,
  failure,
  malformed,
  refuses,
  roundTrips,
} from "../support/framing.ts";
import { bounded } from "../support/limits.ts";
import { deliveries, outcome } from "../support/outcomes.ts";
import { drip, watch } from "../support/watched.ts";

test("contentLength() passes verification", bounded, () => {
  verifyFramer(contentLength(), [
    { frames: ["one", "", "x".repeat(600)] },
    {
      frames: ["abc", ""],
      bytes: "X: y\r\ncontent-length:\t3 \r\n\r\nabcContent-Length:0\r\n\r\n",
    },
    {
      frames: ["ab"],
      bytes: `X: \xff\t~\r\nY:\r\nContent-Length: 2\r\nZ: ${"z".repeat(600)}\r\n\r\nab`,
    },
  ]);
});

test("contentLength() reads what it writes", bounded, () => {
  roundTrips(contentLength(), fc.string({ unit: "binary-ascii", maxLength: 60 }));
});

test("contentLength() writes the header of the Language Server Protocol", bounded, () => {
  assert.equal(
    encode(contentLength(), "{}", ""),
    "Content-Length: 2\r\n\r\n{}Content-Length: 0\r\n\r\n",
  );
});

test("contentLength() counts bytes, not characters", bounded, () => {
  assert.equal(encode(contentLength(), "\xe2\x82\xac"), "Content-Length: 3\r\n\r\n\xe2\x82\xac");
  assert.deepEqual(decode(contentLength(), "Content-Length: 3\r\n\r\n\xe2\x82\xac"), [
    "\xe2\x82\xac",
  ]);
});

test(
  "contentLength() reads field names in either case and ignores other fields",
  bounded,
  () => {
    for (
      const header of [
        "content-length: 2",
        "CONTENT-LENGTH: 2",
        "Content-Length:2",
        "Content-Length:  2\t",
        "Content-Length: \t 2 \t ",
        "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2",
        "Content-Length: 2\r\nX-Empty:",
        "Content-Length: 2\r\nX-Content-Length: 3\r\nContent-Lengths: 4\r\nContent_Length: 5",
        "Content-Length: 0002",
        "!#$%&'*+-.^_`|~09azAZ: \x80\xff\r\nContent-Length: 0000000000000002",
      ]
    ) {
      assert.deepEqual(decode(contentLength(), `${header}\r\n\r\nab`), ["ab"], header);
    }
  },
);

/** Streams that become malformed at their last byte, and the reason. */
const invalid: readonly (readonly [stream: string, reason: string])[] = [
  // Invalid field names.
  ["Listening ", 'invalid header line "Listening "'],
  ["ready\n", 'invalid header line "ready\\n"'],
  ["ready\r", 'invalid header line "ready\\r"'],
  ["[", 'invalid header line "["'],
  ["{", 'invalid header line "{"'],
  [" ", 'invalid header line " "'],
  ["\t", 'invalid header line "\\t"'],
  [":", 'invalid header line ":"'],
  ["\0", 'invalid header line "\\x00"'],
  ["\x1b", 'invalid header line "\\x1b"'],
  ["\xef", 'invalid header line "\\xef"'],
  ["Content-Length ", 'invalid header line "Content-Length "'],
  ["Content ", 'invalid header line "Content "'],
  ["GET ", 'invalid header line "GET "'],
  ["Content-Length: 2\r\n ", 'invalid header line " "'],
  ["Content-Length: 2\r\n{", 'invalid header line "{"'],
  [`${"x".repeat(31)} `, `invalid header line "${"x".repeat(31)} "`],
  [`${"x".repeat(500)} `, `invalid header line "${"x".repeat(32)}"…`],
  // Control characters in a value.
  ["X: a\0", 'invalid header line "X: a\\x00"'],
  ["X: a\x7f", 'invalid header line "X: a\\x7f"'],
  ["X: \x1b", 'invalid header line "X: \\x1b"'],
  // Line ends.
  ["\n", "header line ends with LF, expected CRLF"],
  ["X: 1\n", "header line ends with LF, expected CRLF"],
  ["Content-Length:\n", "header line ends with LF, expected CRLF"],
  ["Content-Length: 2\n", "header line ends with LF, expected CRLF"],
  ["Content-Length: 2 \n", "header line ends with LF, expected CRLF"],
  ["Content-Length: 2\r\n\n", "header line ends with LF, expected CRLF"],
  ["Content-Length: 2\r\nX: 1\n", "header line ends with LF, expected CRLF"],
  ["Content-Length: 2\r\r", "header has a CR without LF"],
  ["Content-Length: 2\rX", "header has a CR without LF"],
  ["X: 1\r\r", "header has a CR without LF"],
  ["Content-Length: 2\r\n\r\r", "header has a CR without LF"],
  ["Content-Length: 2\r\n\rX", "header has a CR without LF"],
  ["\rX", "header has a CR without LF"],
  // Content-Length.
  ["Content-Length:\r", 'invalid Content-Length ""'],
  ["Content-Length: \t\r", 'invalid Content-Length ""'],
  ["Content-Length: a", 'invalid Content-Length "a"'],
  ["Content-Length: 2a", 'invalid Content-Length "2a"'],
  ["Content-Length: 0x", 'invalid Content-Length "0x"'],
  ["Content-Length: -", 'invalid Content-Length "-"'],
  ["Content-Length: +", 'invalid Content-Length "+"'],
  ["Content-Length: 1e", 'invalid Content-Length "1e"'],
  ["Content-Length: 1.", 'invalid Content-Length "1."'],
  ["Content-Length: 1,", 'invalid Content-Length "1,"'],
  ["Content-Length: 1 2", 'invalid Content-Length "1 2"'],
  ['Content-Length: "', 'invalid Content-Length "\\""'],
  ["Content-Length: \xb2", 'invalid Content-Length "\\xb2"'],
  ["Content-Length: 1\0", 'invalid Content-Length "1\\x00"'],
  [`Content-Length: 1${" ".repeat(99)}x`, `invalid Content-Length "1${" ".repeat(31)}"…`],
  [`Content-Length: ${"1".repeat(17)}`, `invalid Content-Length "${"1".repeat(17)}"`],
  ["Content-Length: 00000000000000001", 'invalid Content-Length "00000000000000001"'],
  ["Content-Length: 9007199254740992", "Content-Length is over 2^53 - 1"],
  ["Content-Length: 2\r\ncontent-length:", "header has two Content-Length fields"],
  ["Content-Length: 2\r\nX: 1\r\nCONTENT-LENGTH:", "header has two Content-Length fields"],
  ["X: 1\r\n\r\n", "header has no Content-Length"],
];

test("contentLength() refuses a header at the byte that proves it invalid", bounded, () => {
  for (const [stream, reason] of invalid) malformed(contentLength(), stream, reason);
});

test(
  "contentLength() reports the same error however an invalid header is cut and whatever follows",
  bounded,
  () => {
    for (const [stream, reason] of invalid) {
      for (const rest of ["", "\r\n\r\n", "x".repeat(9000), "\n".repeat(40)]) {
        const whole = bytes(`Content-Length: 1\r\n\r\n-${stream}${rest}`);
        const cuts = [[whole]];
        for (let cut = 1; cut < stream.length + 24; cut++) {
          cuts.push([whole.slice(0, cut), whole.slice(cut)]);
        }
        cuts.push(Array.from(whole.subarray(0, stream.length + 24), (byte) => Uint8Array.of(byte)));
        for (const chunks of cuts) {
          const decoder = new FrameDecoder(contentLength());
          const frames: string[] = [];
          const error = failure(() => {
            for (const chunk of chunks) {
              decoder.push(chunk);
              for (const frame of decoder) frames.push(latin1(frame));
            }
          });
          assert.deepEqual(frames, ["-"]);
          assert.ok(error instanceof MalformedFrameError, `${error}`);
          assert.equal(error.offset, 22);
          assert.ok(
            error.message.startsWith(`Cannot read frame at offset 22: ${reason}`),
            error.message,
          );
        }
      }
    }
  },
);

test(
  "contentLength() quotes at most 32 bytes of the peer in an error, and no control character",
  bounded,
  () => {
    for (let byte = 0; byte < 256; byte++) {
      const character = String.fromCharCode(byte);
      for (const start of ["", "X", "X: ", "Content-Length: ", "Content-Length: 1", "X: 1\r"]) {
        const stream = start + character.repeat(100) + "\n\n\r\r";
        const { message } = failure(() => decode(contentLength(), stream));
        assert.match(message, /^[ -~…]+$/);
        const shown = /"(.*)"/.exec(message.split(";")[0]!)?.[1] ?? "";
        const count = shown.replaceAll(/\\x..|\\./g, "?").length;
        assert.ok(count <= 32, message);
      }
    }
  },
);

test("contentLength() refuses log output on a stdio channel immediately", bounded, () => {
  for (
    const log of [
      "Listening on port 7000\n",
      "[info] ready\n",
      '{"level":30,"msg":"ready"}\n',
      "\x1b[32mready\x1b[0m\n",
      "(node:1) Warning: deprecated\n",
      "ready\n",
      "\n",
      "Server: ready\n",
      "\ufeffContent-Length: 2\r\n\r\n{}",
    ]
  ) {
    for (const before of ["", "Content-Length: 2\r\n\r\n{}"]) {
      const decoder = new FrameDecoder(contentLength());
      decoder.push(new TextEncoder().encode(before + log));
      const error = failure(() => [...decoder, ...decoder]);
      assert.ok(error instanceof MalformedFrameError, `${log}: ${error}`);
      assert.equal(error.offset, before.length);
    }
  }
});

test(
  "contentLength() yields the same frames and errors however a hostile stream is cut",
  bounded,
  () => {
    const pieces = fc.constantFrom(
      "Content-Length:2\r\n\r\n",
      "content-length: 0",
      "Content-Length:",
      "X:y\r\n",
      "\r\n",
      "\r",
      "\n",
      " ",
      "1",
      "ab",
      "\0",
      "GET ",
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 7 }),
        fc.constantFrom(0, 2, Infinity),
        fc.constantFrom(0, 17, 30),
        (parts, limit, maxHeaderLength) => {
          const framer = contentLength({ maxHeaderLength });
          const stream = bytes(parts.join(""));
          const whole = outcome(framer, limit, { chunks: [stream], asks: true });
          for (const delivery of deliveries(stream, [{ size: 3, asks: true }])) {
            assert.deepEqual(outcome(framer, limit, delivery), whole);
          }
        },
      ),
      { numRuns: 200 },
    );
  },
);

test("contentLength() limits its header", bounded, () => {
  const framer = contentLength({ maxHeaderLength: 20 });
  assert.deepEqual(decode(framer, "Content-Length: 0001\r\n\r\na"), ["a"]);
  malformed(framer, "Content-Length: 00001\r\n\r", "header has more than 20 bytes");
  malformed(contentLength(), "x".repeat(8196), "header has more than 8192 bytes");
  malformed(contentLength(), `x:${"y".repeat(8194)}`, "header has more than 8192 bytes");
  for (const maxHeaderLength of [-1, 0.5, NaN, Infinity]) {
    const error = failure(() => contentLength({ maxHeaderLength }));
    assert.ok(error instanceof RangeError);
    assert.equal(
      error.message,
      `Invalid maxHeaderLength ${maxHeaderLength}: expected a non-negative integer`,
    );
  }
});

test("contentLength() accepts a header longer than the limit on frames", bounded, () => {
  const framer = contentLength({ maxHeaderLength: 200_000 });
  const stream = `X: ${"x".repeat(150_000)}\r\nContent-Length: 1\r\n\r\na`;
  assert.deepEqual(decode(framer, stream, 1), ["a"]);
  const decoder = new FrameDecoder({ framer, maxFrameLength: 1 });
  const frames: string[] = [];
  for (let at = 0; at < stream.length; at += 1000) {
    decoder.push(bytes(stream.slice(at, at + 1000)));
    for (const frame of decoder) frames.push(latin1(frame));
  }
  assert.deepEqual(frames, ["a"]);
});

test("contentLength() refuses to write a header over its limit", bounded, () => {
  refuses(
    contentLength({ maxHeaderLength: 16 }),
    "a",
    RangeError,
    "Cannot write header of 17 bytes: limit is 16",
  );
  assert.equal(encode(contentLength({ maxHeaderLength: 17 }), "a"), "Content-Length: 1\r\n\r\na");
});

test("contentLength() refuses a body over the limit before it arrives", bounded, () => {
  const error = failure(() => decode(contentLength(), "Content-Length: 4\r\n\r\n", 3));
  assert.ok(error instanceof FrameTooLargeError);
  assert.deepEqual([error.length, error.limit], [4, 3]);
});

test(
  "contentLength() reports truncation in its header, after it and in its body",
  bounded,
  () => {
    const stream = "Content-Length: 2\r\n\r\na";
    for (let end = 1; end <= stream.length; end++) {
      const error = failure(() => decodeToEnd(contentLength(), stream.slice(0, end)));
      assert.ok(error instanceof TruncatedFrameError);
      assert.equal(error.partial.length, end);
      assert.equal(error.expectedLength, end < 21 ? undefined : 23);
    }
  },
);

test("contentLength() reads a header that arrives byte by byte", bounded, () => {
  const decoder = new FrameDecoder({ framer: contentLength() });
  const frames: string[] = [];
  for (const byte of "Content-Length: 2\r\n\r\n{}X: 1\r\nContent-Length: 0\r\n\r\n".repeat(3)) {
    decoder.push(bytes(byte));
    for (const frame of decoder) frames.push(latin1(frame));
  }
  assert.deepEqual(frames, ["{}", "", "{}", "", "{}", ""]);
});

test(
  "contentLength() looks at each byte of a header once, however slowly it arrives",
  bounded,
  () => {
    const fields = "a:\r\n".repeat(2000);
    const long = `X: ${"x".repeat(20_000)}\r\n`;
    const stream = bytes(`${fields}${long}Content-Length: 100\r\n\r\n${"x".repeat(100)}`.repeat(2));
    for (const size of [1, 7, 700]) {
      const watched = watch(contentLength({ maxHeaderLength: 40_000 }));
      assert.equal(drip(watched.framer, stream, size), 2);
      // One more look for each call of measure, and some for the name Content-Length.
      assert.ok(
        watched.calls() <= stream.length + watched.asked() + 50,
        `${watched.calls()} calls`,
      );
    }
  },
);

test("contentLength() ignores a memo that another framer left", bounded, () => {
  const inner = contentLength();
  const framer = {
    ...inner,
    measure(input: Parameters<typeof inner.measure>[0]) {
      input.memo ??= { at: 5 };
      return inner.measure(input);
    },
  };
  assert.deepEqual(decode(framer, "Content-Length: 1\r\n\r\na"), ["a"]);
});
