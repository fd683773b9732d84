import assert from "node:assert/strict";
import { test } from "node:test";
import { hostnameOf } from "../../../src/connections/options/hostname.ts";

test("hostnameOf() returns names and addresses unchanged", () => {
  for (
    const name of [
      "localhost",
      "example.com",
      "example.com.",
      "a_b-c.example",
      "xn--mnchen-3ya.example",
      "127.0.0.1",
      "0.0.0.0",
      "::",
      "::1",
      "fe80::1%eth0",
      "::ffff:127.0.0.1",
      "x".repeat(63),
      Array(63).fill("abc").join(".") + ".",
    ]
  ) {
    assert.equal(hostnameOf("hostname", name), name);
  }
});

test("hostnameOf() removes the brackets of an IPv6 address, as in URL.hostname", () => {
  assert.equal(hostnameOf("hostname", new URL("http://[::1]:80").hostname), "::1");
  assert.equal(hostnameOf("hostname", "[fe80::1%eth0]"), "fe80::1%eth0");
});

test("hostnameOf() converts an international name to ASCII", () => {
  assert.equal(hostnameOf("hostname", "münchen.example"), "xn--mnchen-3ya.example");
  assert.equal(hostnameOf("hostname", "日本語.example"), "xn--wgv71a119e.example");
});

test("hostnameOf() refuses values that are not a host name or an IP address", () => {
  for (
    const name of [
      "",
      " ",
      ".",
      " localhost",
      "local host",
      "127.0.0.1\n",
      "local\0host",
      "a..b",
      ".a",
      "a*b",
      "a%b",
      "user@localhost",
      "localhost/",
      "abc.".repeat(64),
      "999.999.999.999",
      "1.2.3.4.5",
      "[]",
      "[localhost]",
      "[::1",
      "1::2::3",
      ":::",
      "12345::1",
      "ä/b",
      "ä b",
    ]
  ) {
    assert.throws(
      () => hostnameOf("hostname", name),
      /^TypeError: Invalid hostname ".*: expected a host name or an IP address/,
      JSON.stringify(name),
    );
  }
  for (const value of [80, null, ["localhost"], new URL("http://localhost")]) {
    assert.throws(() => hostnameOf("hostname", value), /^TypeError: Invalid hostname /);
  }
});

test("hostnameOf() suggests the host name and port of a URL or of a host with a port", () => {
  const expected = "expected a host name or an IP address";
  for (
    const [location, hint] of [
      ["http://localhost", ', use "localhost"'],
      ["https://example.com/path?query#hash", ', use "example.com"'],
      ["tcp://localhost:8080", ', use "localhost" and port 8080'],
      ["localhost:80", ', use "localhost" and port 80'],
      ["127.0.0.1:80", ', use "127.0.0.1" and port 80'],
      ["[::1]:80", ', use "::1" and port 80'],
      ["http://[::1]", ', use "::1"'],
      ["localhost/", ', use "localhost"'],
      ["http://local host", ""],
      ["http://", ""],
      ["::1::", ""],
    ]
  ) {
    assert.throws(() => hostnameOf("hostname", location), {
      name: "TypeError",
      message: `Invalid hostname ${JSON.stringify(location)}: ${expected}${hint}`,
    });
  }
  assert.throws(() => hostnameOf("serverName", "localhost:80"), {
    message: `Invalid serverName "localhost:80": ${expected}, use "localhost" and port 80`,
  });
});

test("hostnameOf() omits the user and the password of a URL from its error", () => {
  assert.throws(() => hostnameOf("hostname", "redis://user:secret@localhost:6379/0"), {
    message:
      'Invalid hostname "redis://localhost:6379/0": expected a host name or an IP address, ' +
      'use "localhost" and port 6379',
  });
});
