import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionError } from "../../src/errors.ts";
import {
  CLOSED_LOCALLY,
  connectionError,
  failureOf,
  TransportFailure,
} from "../../src/transports/connection_error.ts";

function codeOf(cause: unknown): string {
  return connectionError("Cannot test", cause).code;
}

function coded(code: string, message = "failed"): Error {
  return Object.assign(new Error(message), { code });
}

function named(name: string, message = "failed"): Error {
  return Object.assign(new Error(message), { name });
}

test("connectionError() translates error codes of the system", () => {
  const expected = {
    ECONNREFUSED: "refused",
    ECONNRESET: "reset",
    EPIPE: "reset",
    ETIMEDOUT: "timedOut",
    ENOTFOUND: "notFound",
    ESERVFAIL: "notFound",
    ENOTDIR: "notFound",
    EHOSTUNREACH: "unreachable",
    EADDRINUSE: "addressInUse",
    EADDRNOTAVAIL: "addressNotAvailable",
    EACCES: "permissionDenied",
    EMFILE: "tooManyFiles",
    ENFILE: "tooManyFiles",
    CERT_HAS_EXPIRED: "certificate",
    ERR_SSL_WRONG_VERSION_NUMBER: "tls",
  };
  for (const [code, meaning] of Object.entries(expected)) {
    assert.equal(codeOf(coded(code)), meaning, code);
  }
});

test("connectionError() translates errors of Deno that have no code", () => {
  assert.equal(codeOf(named("ConnectionRefused")), "refused");
  assert.equal(codeOf(named("BrokenPipe")), "reset");
  assert.equal(codeOf(named("NotCapable")), "permissionDenied");
  assert.equal(
    codeOf(named("Error", "failed to lookup address information: Name or service not known")),
    "notFound",
  );
});

test("connectionError() keeps an unknown error as the cause", () => {
  for (const cause of [coded("ESOMETHING"), new Error(""), "a string", undefined]) {
    const error = connectionError("Cannot test", cause);
    assert.equal(error.code, "unknown");
    assert.equal(error.cause, cause);
  }
  assert.equal(connectionError("Cannot test", new Error("")).message, "Cannot test: unknown");
  assert.equal(connectionError("Cannot test", "gone").message, "Cannot test: gone");
});

test("connectionError() returns a ConnectionError unchanged", () => {
  const error = new ConnectionError("Ours", { code: "closed" });
  assert.equal(connectionError("Cannot test", error), error);
});

test("connectionError() sets the cause of a TransportFailure only if it has one", () => {
  const error = connectionError("Cannot send", CLOSED_LOCALLY);
  assert.equal(error.message, "Cannot send: closed by this side");
  assert.equal(error.code, "closed");
  assert.equal(Object.hasOwn(error, "cause"), false);
  const cause = new Error("below");
  assert.equal(
    connectionError("Cannot send", new TransportFailure("tls", "above", { cause })).cause,
    cause,
  );
});

test("failureOf() removes the action of the transport below from the message", () => {
  const cause = new Error("read ECONNRESET");
  const below = new ConnectionError("Cannot receive: read ECONNRESET", { code: "reset", cause });
  const error = connectionError("Cannot start TLS", failureOf(below));
  assert.equal(error.message, "Cannot start TLS: read ECONNRESET");
  assert.equal(error.code, "reset");
  assert.equal(error.cause, cause);
});

test("connectionError() quotes neither control characters nor the names in a certificate", () => {
  const openssl = coded("ERR_SSL_X", "error:0A00\u0007:bad\u001b[31m certificate\u009b:\r\n");
  assert.equal(
    connectionError("Cannot test", openssl).message,
    "Cannot test: error:0A00 :bad [31m certificate :",
  );
  const altname = coded(
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "Host: localhost. is not in the cert's altnames: DNS:evil.example",
  );
  const error = connectionError("Cannot test", altname);
  assert.equal(error.code, "certificate");
  assert.equal(
    error.message,
    "Cannot test: the certificate is not valid for the server name",
  );
});
