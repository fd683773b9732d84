import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contentLength, FrameDecoder, FrameTooLargeError, TruncatedFrameError } from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { decode, decodeToEnd, encode, failure, malformed, roundTrips } from "../support/framing.ts";

test("contentLength() passes verification", () => {
  verifyFramer(contentLength(), [
    { frames: ["one", "", "x".repeat(600)] },
    {
      frames: ["abc", ""],
      bytes: "X: y\r\ncontent-length:\t3 \r\n\r\nabcContent-Length:0\r\n\r\n",
    },
  ]);
});

test("contentLength() finds again what it writes", () => {
  roundTrips(contentLength(), fc.string({ unit: "binary-ascii", maxLength: 60 }));
});

test("contentLength() writes the header that the Language Server Protocol wants", () => {
  assert.equal(
    encode(contentLength(), "{}", ""),
    "Content-Length: 2\r\n\r\n{}Content-Length: 0\r\n\r\n",
  );
});

test("contentLength() counts bytes, not characters", () => {
  assert.equal(encode(contentLength(), "\xe2\x82\xac"), "Content-Length: 3\r\n\r\n\xe2\x82\xac");
  assert.deepEqual(decode(contentLength(), "Content-Length: 3\r\n\r\n\xe2\x82\xac"), [
    "\xe2\x82\xac",
  ]);
});

test("contentLength() reads field names in either case, and reads over other fields", () => {
  for (
    const header of [
      "content-length: 2",
      "CONTENT-LENGTH: 2",
      "Content-Length:2",
      "Content-Length:  2\t",
      "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2",
      "Content-Length: 2\r\nX-Empty:",
      "Content-Length: 0002",
    ]
  ) {
    assert.deepEqual(decode(contentLength(), `${header}\r\n\r\nab`), ["ab"], header);
  }
});

test("contentLength() refuses anything but plain digits", () => {
  for (
    const value of [
      "2abc",
      "0x10",
      "-5",
      "+5",
      "1e20",
      "1.5",
      "",
      " ",
      "1 2",
      "1,1",
      "1".repeat(17),
      "\xb2",
      '"2"',
    ]
  ) {
    const told = JSON.stringify(value.trim());
    malformed(contentLength(), `Content-Length: ${value}\r\n\r\n`, `Content-Length is ${told}`);
  }
  malformed(
    contentLength(),
    "Content-Length: 9007199254740992\r\n\r\n",
    "header tells no length of its body",
  );
});

test("contentLength() refuses two lengths, equal ones too", () => {
  for (const second of ["3", "2"]) {
    malformed(
      contentLength(),
      `Content-Length: 2\r\ncontent-length: ${second}\r\n\r\n`,
      "Content-Length is given twice",
    );
  }
});

test("contentLength() refuses a header without a length", () => {
  malformed(contentLength(), "X: 1\r\n\r\n", "header has no Content-Length");
});

test("contentLength() refuses lines that are no fields", () => {
  for (
    const line of [
      "nothing",
      "",
      ": 2",
      "Content-Length : 2",
      " Content-Length: 2",
      "Content Length: 2",
      "X: a\0b",
      "X: a\x7fb",
      "X: a\rb",
      "GET / HTTP/1.1",
    ]
  ) {
    const shown = JSON.stringify(line);
    malformed(contentLength(), `${line}\r\n\r\n`, `header has the line ${shown}`);
  }
  const long = JSON.stringify("x".repeat(40));
  malformed(contentLength(), `${"x".repeat(100)}\r\n\r\n`, `header has the line ${long}`);
});

test("contentLength() refuses bare line feeds at once, since who sends them waits for an answer", () => {
  const reason = "header has a line that ends with LF alone";
  malformed(contentLength(), "Content-Length: 2\n", reason);
  malformed(contentLength(), "\n", reason);
  malformed(
    contentLength(),
    "Content-Length: 2\r\nX: 1\nY: 2\r\n\r\n",
    'header has the line "X: 1\\nY: 2"',
  );
});

test("contentLength() bounds its header", () => {
  const framer = contentLength({ maxHeaderLength: 20 });
  assert.deepEqual(decode(framer, "Content-Length: 0001\r\n\r\na"), ["a"]);
  malformed(framer, "Content-Length: 00001\r\n\r", "header has more than 20 bytes");
  malformed(contentLength(), "x".repeat(8196), "header has more than 8192 bytes");
  assert.throws(() => contentLength({ maxHeaderLength: -1 }), RangeError);
});

test("contentLength() holds the body against the limit before it has come", () => {
  const error = failure(() => decode(contentLength(), "Content-Length: 4\r\n\r\n", 3));
  assert.ok(error instanceof FrameTooLargeError);
  assert.deepEqual([error.length, error.limit], [4, 3]);
});

test("contentLength() is truncated in its header, behind it and in its body", () => {
  const stream = "Content-Length: 2\r\n\r\na";
  for (let end = 1; end <= stream.length; end++) {
    const error = failure(() => decodeToEnd(contentLength(), stream.slice(0, end)));
    assert.ok(error instanceof TruncatedFrameError);
    assert.equal(error.partial.length, end);
    assert.equal(error.expectedLength, end < 21 ? undefined : 23);
  }
});

test("contentLength() reads a header that drips", () => {
  const decoder = new FrameDecoder({ framer: contentLength() });
  let frames = 0;
  for (const byte of "Content-Length: 2\r\n\r\n{}".repeat(3)) {
    decoder.push(bytes(byte));
    for (const _ of decoder) frames++;
  }
  assert.equal(frames, 3);
});
