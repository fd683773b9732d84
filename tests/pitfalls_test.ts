/**
 * Common mistakes in hand-written framing.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  contentLength,
  delimited,
  fixed,
  FrameDecoder,
  FrameEncoder,
  type Framer,
  FramingError,
  json,
  lengthPrefixed,
  lines,
  text,
  TruncatedFrameError,
  uint16,
  uint32,
  uint48,
  varint,
} from "../mod.ts";
import { concat } from "../src/bytes/concat.ts";
import { bytes, latin1 } from "./support/bytes.ts";
import { allocated } from "./support/counting.ts";
import { decodeToEnd, failure } from "./support/framing.ts";

/** Returns the frames of a stream that arrives in these chunks. */
function receive(framer: Framer, ...chunks: string[]): string[] {
  const decoder = new FrameDecoder({ framer });
  const frames: string[] = [];
  for (const chunk of chunks) {
    decoder.push(bytes(chunk));
    for (const frame of decoder) frames.push(latin1(frame));
  }
  return frames;
}

test("pitfall: a varint length split across two chunks", () => {
  const long = "x".repeat(300);
  assert.deepEqual(receive(lengthPrefixed(varint), "\xac", `\x02${long}`), [long]);
  assert.deepEqual(receive(lengthPrefixed(varint), "\x01a\xac", "\x02", long), ["a", long]);
});

test("pitfall: a CRLF split between CR and LF", () => {
  assert.deepEqual(receive(delimited("\r\n"), "a\r", "\nb\r\n"), ["a", "b"]);
  assert.deepEqual(receive(lines(), "a\r", "\nb\r\n"), ["a", "b"]);
});

test("pitfall: a terminator in a chunk of its own", () => {
  assert.deepEqual(receive(delimited("\r\n"), "a", "\r\n", "b", "\r", "\n"), ["a", "b"]);
  assert.deepEqual(receive(lines(), "a", "\n"), ["a"]);
});

test("pitfall: half a message, three messages, and the end of one with the start of the next", () => {
  assert.deepEqual(receive(lines(), "on", "e\ntwo\nthree\nfo", "ur\n"), [
    "one",
    "two",
    "three",
    "four",
  ]);
});

test("pitfall: a four-byte length split across two chunks", () => {
  assert.deepEqual(receive(lengthPrefixed(uint32), "\0\0", "\0\x05hel", "lo"), ["hello"]);
});

test("pitfall: lengths counted in characters instead of bytes", () => {
  const encoder = new FrameEncoder({ framer: lengthPrefixed(uint16), codec: text() });
  encoder.write("5 €");
  assert.equal(latin1(concat(encoder.drain())), "\0\x055 \xe2\x82\xac");
  const messages = new FrameEncoder({ framer: contentLength(), codec: json() });
  messages.write({ price: "5 €" });
  assert.match(latin1(concat(messages.drain())), /^Content-Length: 17\r\n\r\n/);
});

test("pitfall: a UTF-8 character split across chunks", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text() });
  const stream = new TextEncoder().encode("€uro 😀\n");
  const seen: string[] = [];
  for (const byte of stream) {
    decoder.push(Uint8Array.of(byte));
    seen.push(...decoder);
  }
  assert.deepEqual(seen, ["€uro 😀"]);
});

test("pitfall: a Content-Length of 2abc, 0x10, -5 or 1e20, two of them, or bare LF", () => {
  for (
    const header of [
      "Content-Length: 2abc\r\n",
      "Content-Length: 0x10\r\n",
      "Content-Length: -5\r\n",
      "Content-Length: 1e20\r\n",
      "Content-Length: 2\r\nContent-Length: 3\r\n",
      "Content-Length: 2\n",
      "X: y\r\nContent-Length: 2\n",
    ]
  ) {
    const end = header.endsWith("\r\n") ? "\r\n" : "\n";
    assert.throws(() => decodeToEnd(contentLength(), `${header}${end}{}`), FramingError, header);
  }
});

test("pitfall: allocating the 1 GiB that six bytes announce", () => {
  const sum = allocated(() => {
    const decoder = new FrameDecoder({ framer: lengthPrefixed(uint48), maxFrameLength: Infinity });
    decoder.push(Uint8Array.of(0, 0, 0x40, 0, 0, 0));
    assert.equal(decoder.read(), undefined);
  });
  assert.ok(sum < 1024, `${sum} bytes`);
  const limited = new FrameDecoder({ framer: lengthPrefixed(uint48) });
  limited.push(Uint8Array.of(0, 0, 0x40, 0, 0, 0));
  assert.throws(
    () => limited.read(),
    /Cannot read frame of 1073741824 bytes at offset 0: limit is/,
  );
});

test("pitfall: losing bytes read ahead when the framing changes", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text() });
  decoder.push(bytes("SIZE 3\nabcDONE\n"));
  assert.equal(decoder.read(), "SIZE 3");
  const body = decoder.switchTo({ framer: fixed(3), codec: text() });
  assert.equal(body.read(), "abc");
  assert.equal(body.switchTo({ framer: lines(), codec: text() }).read(), "DONE");
});

test("pitfall: accepting plaintext read ahead after STARTTLS", () => {
  const decoder = new FrameDecoder({ framer: lines(), codec: text() });
  decoder.push(bytes("STARTTLS\r\nRCPT TO:<evil@example.com>\r\n"));
  assert.equal(decoder.read(), "STARTTLS");
  // The bytes read ahead are returned for the caller to refuse, and none of them is framed.
  assert.equal(latin1(decoder.detach()), "RCPT TO:<evil@example.com>\r\n");
  assert.equal(decoder.read(), undefined);
});

test("pitfall: header and body in two writes", () => {
  for (const framer of [lengthPrefixed(uint32), lines(), contentLength(), delimited("\r\n")]) {
    const encoder = new FrameEncoder({ framer });
    encoder.write(bytes("hello"));
    assert.equal(encoder.drain().length, 1);
  }
});

test("pitfall: taking an end in the middle of a message for a clean end", () => {
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint32) });
  decoder.push(bytes("\0\0\0\x05hel"));
  decoder.end();
  assert.ok(failure(() => decoder.read()) instanceof TruncatedFrameError);
});

test("pitfall: reading a length with the top bit set as a negative number", () => {
  const decoder = new FrameDecoder({ framer: lengthPrefixed(uint32) });
  decoder.push(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  assert.throws(() => decoder.read(), /Cannot read frame of 4294967295 bytes/);
});
