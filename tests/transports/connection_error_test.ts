import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionError } from "../../src/errors.ts";
import { connectionError } from "../../src/transports/connection_error.ts";

function codeOf(cause: unknown): string {
  return connectionError("Cannot test", cause).code;
}

function coded(code: string): Error {
  return Object.assign(new Error("failed"), { code });
}

function named(name: string, message = "failed"): Error {
  return Object.assign(new Error(message), { name });
}

test("connectionError() knows the system's words", () => {
  assert.equal(codeOf(coded("ECONNREFUSED")), "refused");
  assert.equal(codeOf(coded("ECONNRESET")), "reset");
  assert.equal(codeOf(coded("EPIPE")), "reset");
  assert.equal(codeOf(coded("ETIMEDOUT")), "timedOut");
  assert.equal(codeOf(coded("ENOTFOUND")), "notFound");
  assert.equal(codeOf(coded("EHOSTUNREACH")), "unreachable");
  assert.equal(codeOf(coded("EADDRINUSE")), "addressInUse");
  assert.equal(codeOf(coded("EADDRNOTAVAIL")), "addressNotAvailable");
  assert.equal(codeOf(coded("EACCES")), "permissionDenied");
});

test("connectionError() knows Deno's words where it gives no code", () => {
  assert.equal(codeOf(named("ConnectionHandshakeError")), "refused");
  assert.equal(codeOf(named("BrokenPipe")), "reset");
  assert.equal(codeOf(named("NotCapable")), "permissionDenied");
  assert.equal(
    codeOf(named("Error", "failed to lookup address information: Name or service not known")),
    "notFound",
  );
});

test("connectionError() says unknown to what it does not know, and keeps it as the cause", () => {
  for (const cause of [coded("ESOMETHING"), new Error(""), "a string", undefined]) {
    const error = connectionError("Cannot test", cause);
    assert.equal(error.code, "unknown");
    assert.equal(error.cause, cause);
  }
  assert.equal(connectionError("Cannot test", new Error("")).message, "Cannot test: unknown");
  assert.equal(connectionError("Cannot test", "gone").message, "Cannot test: gone");
});

test("connectionError() leaves ours as it is", () => {
  const error = new ConnectionError("Ours", { code: "closed" });
  assert.equal(connectionError("Cannot test", error), error);
});
