import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { checkTls } from "../../../src/connections/options/tls_options.ts";
import type { TlsOptions } from "../../../mod.ts";
import { authority, client, good, otherHost } from "../../support/certificates.ts";

const ACTION = "Cannot listen on 127.0.0.1:1";
const { key, cert } = good;
const ca = authority.cert;
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Returns the message of the error that options cause, or "none". */
function faultOf(options: unknown, server = false): string {
  try {
    checkTls(ACTION, options as TlsOptions, server);
  } catch (error) {
    assert.ok(error instanceof TypeError, `${error}`);
    assert.doesNotMatch(error.message, /MII|MC4|MHc|MIG/, "the error contains a key");
    return error.message.replace(`${ACTION}: `, "");
  }
  return "none";
}

/** Returns the output of an `openssl` command that reads the key. */
function keyOf(...args: string[]): string {
  return execFileSync("openssl", args, {
    input: key,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
  });
}

test("checkTls() accepts a key and its certificate, as text or bytes", () => {
  assert.equal(faultOf({}), "none");
  assert.equal(faultOf({ key, cert }, true), "none");
  assert.equal(faultOf({ key: utf8(key), cert: utf8(cert), ca: utf8(ca) }, true), "none");
  assert.equal(faultOf({ ca: [ca, utf8(cert)], alpn: ["one", "two"], serverName: "::1" }), "none");
  assert.equal(
    faultOf({ key: undefined, cert: undefined, ca: undefined, host: undefined }),
    "none",
  );
});

test("checkTls() accepts keys in older formats of OpenSSL", () => {
  const old = keyOf("ec");
  assert.match(old, /BEGIN EC PRIVATE KEY/);
  assert.equal(faultOf({ key: old, cert }), "none");
  const parameters = keyOf("ecparam", "-name", "prime256v1");
  assert.match(parameters, /BEGIN EC PARAMETERS/);
  assert.equal(faultOf({ key: parameters + old, cert }), "none");
});

test("checkTls() removes text that surrounds PEM blocks", () => {
  const both = `\ufeff# the server's\n${key}${cert}${ca}`.replaceAll("\n", "\r\n");
  const checked = checkTls(ACTION, { key: both, cert: both, ca: both, alpn: "x" }, true);
  assert.match(
    checked.key as string,
    /^-----BEGIN PRIVATE KEY-----[^#]+-----END PRIVATE KEY-----$/,
  );
  assert.match(
    checked.cert as string,
    /^-----BEGIN CERTIFICATE-----[^#]+-----END CERTIFICATE-----$/,
  );
  assert.equal((checked.cert as string).match(/BEGIN/g)!.length, 2);
  assert.equal(checked.ca!.length, 2);
  assert.equal(checked.alpn, "x");
});

test("checkTls() refuses a key that does not match the certificate", () => {
  const fault = "TLS option key does not match the certificate";
  assert.equal(faultOf({ key: otherHost.key, cert }, true), fault);
  assert.equal(faultOf({ key, cert: client.cert }), fault);
  // The key belongs to the first certificate of a chain.
  assert.equal(faultOf({ key, cert: ca + cert }), fault);
  assert.equal(faultOf({ key, cert: cert + ca }), "none");
});

test("checkTls() refuses a key or a certificate alone, and a server without both", () => {
  const fault = "TLS needs a key and its certificate";
  assert.equal(faultOf({ key }), fault);
  assert.equal(faultOf({ cert }), fault);
  assert.equal(faultOf({}, true), fault);
  assert.equal(faultOf({ key }, true), fault);
});

test("checkTls() refuses encrypted keys in both formats", () => {
  const fault = "TLS option key is encrypted: expected a key without a passphrase";
  const pkcs8 = keyOf("pkcs8", "-topk8", "-passout", "pass:x");
  assert.match(pkcs8, /BEGIN ENCRYPTED PRIVATE KEY/);
  assert.equal(faultOf({ key: pkcs8, cert }), fault);
  const old = keyOf("ec", "-aes128", "-passout", "pass:x");
  assert.match(old, /Proc-Type: 4,ENCRYPTED/);
  assert.equal(faultOf({ key: old, cert }), fault);
});

test("checkTls() refuses values that are not PEM, and PEM with another label", () => {
  const faultIn = (name: string, label: string) => {
    const expected = `expected the contents of a PEM file with a ${label}`;
    return (given: string) => `invalid TLS option ${name}: ${expected}, got ${given}`;
  };
  const inKey = faultIn("key", "PRIVATE KEY");
  const inCert = faultIn("cert", "CERTIFICATE");
  const inCa = faultIn("ca", "CERTIFICATE");
  assert.equal(faultOf({ key: "server.key", cert }), inKey("a string"));
  assert.equal(faultOf({ key: cert, cert: key }), inKey("a string"));
  assert.equal(faultOf({ key, cert: key }), inCert("a string"));
  assert.equal(faultOf({ key, cert: "" }), inCert("a string"));
  assert.equal(faultOf({ key: [key], cert }), inKey("an Array"));
  assert.equal(faultOf({ key: new Blob([key]), cert }), inKey("a Blob"));
  assert.equal(faultOf({ key, cert: utf8("cert.pem") }), inCert("a Uint8Array"));
  assert.equal(faultOf({ ca: "ca" }), inCa("a string"));
  assert.equal(faultOf({ ca: [ca, "ca"] }), inCa("a string"));
  assert.equal(faultOf({ ca: null }), inCa("null"));
  assert.equal(faultOf({ ca: [] }), "TLS option ca is empty");
});

test("checkTls() refuses damaged PEM", () => {
  const line = ca.split("\n")[2]!;
  const damaged = [
    ca.replace(line, ""),
    ca.replace(line, `${line.slice(0, 10)}*${line.slice(11)}`),
    ca.replace(/-----END.*/, ""),
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
  ];
  for (const pem of damaged) {
    assert.match(faultOf({ ca: pem }), /^invalid TLS option ca: /);
    assert.match(faultOf({ ca: ca + pem }), /^invalid TLS option ca: /);
    assert.match(faultOf({ ca: pem + ca }), /^invalid TLS option ca: /);
    assert.match(faultOf({ key, cert: pem }), /^invalid TLS option cert: /);
  }
  const empty = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  assert.equal(faultOf({ key: empty, cert }), "cannot read TLS option key");
  const noCertificate = "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n";
  assert.equal(faultOf({ key, cert: noCertificate }), "cannot read TLS option cert");
});

test("checkTls() refuses options of the wrong type", () => {
  assert.equal(faultOf(null), "Invalid tls (null): expected an object");
  assert.equal(faultOf("yes"), 'Invalid tls "yes": expected an object');
  assert.equal(
    faultOf({ rejectUnauthorized: "false" }),
    'Invalid rejectUnauthorized "false": expected a boolean',
  );
  assert.equal(faultOf({ requestCert: 1 }), "Invalid requestCert 1: expected a boolean");
  assert.equal(
    faultOf({ closeNotify: false }),
    'Invalid closeNotify false: expected "required" or "optional"',
  );
  assert.equal(faultOf({ alpn: 5 }), "Invalid alpn 5: expected a string");
  assert.equal(faultOf({ alpn: [utf8("x")] }), "Invalid alpn (a Uint8Array): expected a string");
  for (const alpn of ["", "x".repeat(256), ["frame/1", ""]]) {
    assert.throws(() => checkTls(ACTION, { alpn }), /^RangeError: .* bytes: expected 1 to 255$/);
  }
});

test("checkTls() refuses an invalid server name, and converts an international one to ASCII", () => {
  // An empty name would be verified as the name of this machine.
  assert.match(faultOf({ serverName: "" }), /^Invalid serverName "": expected a host name/);
  assert.match(faultOf({ serverName: "https://localhost" }), /, use "localhost"$/);
  assert.equal(checkTls(ACTION, { serverName: "münchen.de" }).serverName, "xn--mnchen-3ya.de");
});

test("checkTls() refuses sessions that are not in a Map", () => {
  assert.equal(faultOf({ sessions: new Map() }), "none");
  for (const sessions of [true, null, "x", {}]) {
    assert.match(faultOf({ sessions }), /^Invalid sessions .*: expected a Map$/);
  }
});
