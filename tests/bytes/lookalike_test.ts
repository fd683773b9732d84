import assert from "node:assert/strict";
import { test } from "node:test";
import { lookalike } from "../../src/bytes/lookalike.ts";
import { bytes, hex } from "../support/bytes.ts";

test("lookalike() recognizes a TLS record of any type and version", () => {
  const words = "look like a TLS record";
  assert.equal(lookalike(hex("15 03 03 00")), `; the bytes 15 03 03 00 ${words}`);
  assert.equal(lookalike(hex("16 03 01 02 00 01 00 01")), `; the bytes 16 03 01 02 ${words}`);
  assert.equal(lookalike(hex("17 03 04")), `; the bytes 17 03 04 ${words}`);
  assert.equal(lookalike(hex("16 04 01 02")), "");
});

test("lookalike() recognizes HTTP requests and replies", () => {
  assert.equal(lookalike(bytes("GET / HT")), '; the bytes "GET " look like an HTTP request');
  assert.equal(lookalike(bytes("GET")), "; the bytes 47 45 54 look like an HTTP request");
  assert.equal(lookalike(bytes("POST /")), '; the bytes "POST" look like an HTTP request');
  assert.equal(lookalike(bytes("OPTIONS ")), '; the bytes "OPTI" look like an HTTP request');
  assert.equal(lookalike(bytes("HTTP/1.1")), '; the bytes "HTTP" look like an HTTP reply');
});

test("lookalike() recognizes SSH", () => {
  assert.equal(lookalike(bytes("SSH-2.0-")), '; the bytes "SSH-" look like an SSH greeting');
});

test("lookalike() recognizes printable text, unless text was expected", () => {
  assert.equal(lookalike(bytes("hello")), '; the bytes "hell" look like printable text');
  assert.equal(lookalike(bytes('{"id":1}')), '; the bytes "{\\"id" look like printable text');
  assert.equal(lookalike(bytes("a\tb\r\n")), "; the bytes 61 09 62 0d look like printable text");
  assert.equal(lookalike(bytes("hello"), true), "");
  assert.equal(lookalike(bytes("GET / HT"), true), '; the bytes "GET " look like an HTTP request');
});

test("lookalike() returns an empty string for other bytes", () => {
  assert.equal(lookalike(hex("00 00 00 05")), "");
  assert.equal(lookalike(hex("ff fe ff fe")), "");
  assert.equal(lookalike(bytes("abc")), "");
  assert.equal(lookalike(bytes("abc\0")), "");
  assert.equal(lookalike(new Uint8Array(0)), "");
  assert.equal(lookalike(new Uint8Array(8)), "");
});
