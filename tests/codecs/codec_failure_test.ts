import assert from "node:assert/strict";
import { test } from "node:test";
import { type Codec, CodecError, compose, FrameDecoder, json, lines, text } from "../../mod.ts";
import { bytes } from "../support/bytes.ts";
import { failure } from "../support/framing.ts";

/** Returns the message of the error that a line causes. */
function messageOf(codec: Codec<Uint8Array, unknown>, line: string): string {
  const decoder = new FrameDecoder({ framer: lines(), codec });
  decoder.push(new TextEncoder().encode(`${line}\n`));
  const error = failure(() => decoder.read());
  assert.ok(error instanceof CodecError);
  assert.ok(error.cause !== undefined);
  return error.message;
}

/** Returns a codec whose `decode` throws the reason given for a line. */
function throwing(reason: (line: string) => unknown): Codec<Uint8Array, string> {
  return compose(text(), {
    decode: (line: string) => {
      throw reason(line);
    },
    encode: (line: string) => line,
  });
}

test("CodecError includes the message of the codec's error", () => {
  const message = messageOf(throwing(() => new Error("Invalid order: expected an id")), "x");
  assert.equal(message, "Cannot decode frame of 1 byte: Invalid order: expected an id");
  assert.equal(
    messageOf(throwing(() => "no reason"), "x"),
    "Cannot decode frame of 1 byte: no reason",
  );
});

test("CodecError has no control characters in its message, whatever the frame and the codec", () => {
  const hostile = "\x1b[31m\x07\x9b\x7f\r";
  for (const codec of [json(), throwing((line) => new Error(line)), throwing((line) => line)]) {
    for (const line of [hostile, `{"a":"${hostile}"}`, `"${hostile}`, `[${hostile}]`]) {
      assert.doesNotMatch(messageOf(codec, line), /\p{Cc}/u);
    }
  }
});

test("CodecError quotes at most 32 characters of the frame", () => {
  const long = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(100);
  const codecs = [
    json(),
    throwing((line) => new Error(line)),
    throwing((line) => new Error(`Invalid name: ${line}`)),
    throwing((line) => new Error(`${"x".repeat(80)}${line}`)),
  ];
  for (const codec of codecs) {
    for (const line of [long, `{"a":${long}}`, `"${long}`, `[1, ${long}`]) {
      const message = messageOf(codec, line);
      for (let at = 0; at + 33 <= line.length; at++) {
        assert.ok(!message.includes(line.slice(at, at + 33)), message);
      }
      assert.ok(message.length <= 150, message);
    }
  }
  assert.equal(
    messageOf(throwing((line) => new Error(`Invalid name: ${line}`)), long),
    "Cannot decode frame of 3600 bytes: Invalid name: abcdefghijklmnopqrstuvwxyz012345…",
  );
});

test("CodecError has the frame, and the codec's error as its cause", () => {
  const cause = new Error("own");
  const decoder = new FrameDecoder({ framer: lines(), codec: throwing(() => cause) });
  decoder.push(bytes("frame\n"));
  const error = failure(() => decoder.read());
  assert.deepEqual(error.frame, bytes("frame"));
  assert.equal(error.cause, cause);
});
