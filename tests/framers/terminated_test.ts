import assert from "node:assert/strict";
import { test } from "node:test";
import {
  contentLength,
  delimited,
  headed,
  lengthField,
  lines,
  netstring,
  tagged,
  terminated,
  TruncatedFrameError,
} from "../../mod.ts";
import { verifyFramer } from "../../testing.ts";
import { bytes } from "../support/bytes.ts";
import { decode, decodeToEnd, encode, failure, few, roundTrips } from "../support/framing.ts";

const amqp = terminated(lengthField({ offset: 3, skip: 0 }), Uint8Array.of(0xce));

test("terminated() passes verification with all kinds of framers", () => {
  verifyFramer(amqp, [{ frames: [bytes("\x08\0\0\0\0\0\0"), bytes("\x01\0\x01\0\0\0\x02ab")] }]);
  verifyFramer(terminated(contentLength(), "\r\n"), [{ frames: ["{}", ""] }]);
  verifyFramer(terminated(netstring(), "\r\n"), [{ frames: ["a", ""], bytes: "1:a,\r\n0:,\r\n" }]);
  verifyFramer(terminated(terminated(delimited("::"), "<"), ">"), [{ frames: ["a", ""] }]);
  verifyFramer(terminated(lines({ skipEmpty: true, strict: true }), "."), [
    { frames: ["a", "b"], bytes: "\n\na\n.\nb\r\n." },
  ]);
  const memcached = headed("\r\n", (line) => line[0]! - 0x30, { keep: true });
  verifyFramer(terminated(memcached, "\r\n"), [{ frames: ["1\r\na", "0\r\n"] }]);
  verifyFramer(tagged({ 0x2b: terminated(netstring(), "!") }), [
    { frames: ["+1:a", "+0:"], bytes: "+1:a,!+0:,!" },
  ]);
});

test("terminated() reads what it writes", () => {
  roundTrips(terminated(delimited("ab"), "b"), few("a", "b"));
  roundTrips(tagged({ 0x61: terminated(netstring(), "a") }), few("a", "1:a", "0:"));
});

test("terminated() writes the frame, then the trailer", () => {
  assert.equal(encode(terminated(netstring(), "\r\n"), "a", ""), "1:a,\r\n0:,\r\n");
});

test("terminated() refuses other bytes in place of the trailer", () => {
  const frame = "\x08\0\0\0\0\0\0";
  assert.deepEqual(decode(amqp, frame), []);
  assert.match(
    failure(() => decode(amqp, `${frame}\xcf`)).message,
    /^Cannot read frame at offset 0: its trailer is missing$/,
  );
  const first = terminated(netstring(), "!");
  for (const stream of ["1:a;!", "1:a,?"]) {
    assert.match(failure(() => decode(first, stream)).message, /its trailer is missing/);
  }
  const error = failure(() => decodeToEnd(amqp, frame));
  assert.ok(error instanceof TruncatedFrameError);
  assert.equal(error.expectedLength, 8);
});

test("terminated() requires a framer and a trailer", () => {
  assert.throws(() => terminated(lines as never, "a"), {
    name: "TypeError",
    message: "Invalid framer of type function: expected an object with measure and write",
  });
  assert.throws(() => terminated(lines(), ""), TypeError);
});
