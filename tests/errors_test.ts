import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CodecError,
  ConnectionError,
  FrameTooLargeError,
  FramingError,
  MalformedFrameError,
  TruncatedFrameError,
} from "../mod.ts";
import { bytes } from "./support/bytes.ts";

const cause = new Error("cause");

test("FramingError is an Error with a name, a cause and an offset", () => {
  const error = new FramingError("text", { offset: 7, cause });
  assert.ok(error instanceof Error);
  assert.equal(error.name, "FramingError");
  assert.equal(error.message, "text");
  assert.equal(error.offset, 7);
  assert.equal(error.cause, cause);
  assert.equal(String(error), "FramingError: text");
  assert.equal(new FramingError("text").offset, 0);
});

test("FrameTooLargeError is a FramingError with a length and a limit", () => {
  const error = new FrameTooLargeError("text", { length: 5, limit: 4, offset: 3 });
  assert.ok(error instanceof FramingError);
  assert.equal(error.name, "FrameTooLargeError");
  assert.deepEqual([error.length, error.limit, error.offset], [5, 4, 3]);
});

test("TruncatedFrameError is a FramingError with the partial frame and the expected length", () => {
  const error = new TruncatedFrameError("text", {
    partial: bytes("ab"),
    expectedLength: 4,
    offset: 3,
  });
  assert.ok(error instanceof FramingError);
  assert.equal(error.name, "TruncatedFrameError");
  assert.deepEqual(error.partial, bytes("ab"));
  assert.deepEqual([error.expectedLength, error.offset], [4, 3]);
  assert.equal(new TruncatedFrameError("text", { partial: bytes("") }).expectedLength, undefined);
});

test("MalformedFrameError is a FramingError that needs only a reason", () => {
  const error = new MalformedFrameError("length has a sign");
  assert.ok(error instanceof FramingError);
  assert.equal(error.name, "MalformedFrameError");
  assert.equal(error.offset, 0);
});

test("CodecError has the frame and is not a FramingError", () => {
  const error = new CodecError("text", { frame: bytes("ab"), cause });
  assert.ok(error instanceof Error && !(error instanceof FramingError));
  assert.equal(error.name, "CodecError");
  assert.deepEqual(error.frame, bytes("ab"));
  assert.equal(error.cause, cause);
});

test("ConnectionError has a code and a cause", () => {
  const error = new ConnectionError("text", { code: "refused", cause });
  assert.ok(error instanceof Error && !(error instanceof FramingError));
  assert.equal(error.name, "ConnectionError");
  assert.equal(error.code, "refused");
  assert.equal(error.cause, cause);
});

test("ConnectionError has only the fields that apply", () => {
  const plain = new ConnectionError("text", { code: "reset", timeout: undefined });
  assert.deepEqual(
    Object.keys(plain).filter((key) => key !== "name" && key !== "stack"),
    ["code"],
  );
  const error = new ConnectionError("text", {
    code: "timedOut",
    timeout: "frameTimeout",
    received: 2,
    expected: 4,
    partial: bytes("ab"),
  });
  const { timeout, received, expected, partial } = error;
  assert.deepEqual([timeout, received, expected, partial], ["frameTimeout", 2, 4, bytes("ab")]);
});
