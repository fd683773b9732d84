import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointOf } from "../../../src/connections/options/endpoint.ts";

const CONNECT = "Cannot connect to";
const LISTEN = "Cannot listen on";
const defaults = { noDelay: true, keepAlive: false, reusePort: false, highWaterMark: 7 };

test("endpointOf() returns options with defaults for those that are missing", () => {
  const local = { hostname: "127.0.0.1", port: 80, path: undefined, ...defaults };
  assert.deepEqual(endpointOf(CONNECT, { port: 80 }, 7), local);
  assert.deepEqual(endpointOf(LISTEN, {}, 7), { ...local, port: 0 });
  assert.deepEqual(
    endpointOf(LISTEN, { hostname: "[::1]", port: 1, noDelay: false, keepAlive: true }, 7),
    { ...local, hostname: "::1", port: 1, noDelay: false, keepAlive: true },
  );
  assert.equal(endpointOf(LISTEN, { reusePort: true }, 7).reusePort, true);
});

test("endpointOf() accepts the address of a Unix socket, with its empty hostname and port 0", () => {
  const path = { hostname: "", port: 0, path: "/tmp/socket" };
  for (const action of [CONNECT, LISTEN] as const) {
    assert.deepEqual(endpointOf(action, { path: "/tmp/socket" }, 7), { ...path, ...defaults });
    assert.deepEqual(endpointOf(action, path, 7), { ...path, ...defaults });
  }
});

test("endpointOf() refuses a path together with a host or a port", () => {
  for (const other of [{ hostname: "localhost" }, { port: 80 }, { hostname: "::1", port: 80 }]) {
    assert.throws(() => endpointOf(CONNECT, { path: "/tmp/socket", ...other }, 7), {
      name: "TypeError",
      message: "Cannot connect to /tmp/socket: expected a path or a port, not both",
    });
  }
});

test("endpointOf() requires a port or a path to connect to", () => {
  assert.throws(() => endpointOf(CONNECT, {}, 7), {
    name: "TypeError",
    message: "Cannot connect to 127.0.0.1: a port or a path is required",
  });
});

test("endpointOf() refuses ports that are out of range or not numbers", () => {
  for (const port of [70_000, 65_536, 0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => endpointOf(CONNECT, { port }, 7), {
      name: "RangeError",
      message: `Invalid port ${port}: expected an integer from 1 to 65535`,
    });
  }
  assert.throws(
    () => endpointOf(LISTEN, { port: -1 }, 7),
    /^RangeError: Invalid port -1: expected an integer from 0 to 65535$/,
  );
  assert.throws(
    () => endpointOf(CONNECT, { port: "80" as never }, 7),
    /^TypeError: Invalid port "80": expected an integer from 1 to 65535$/,
  );
  assert.throws(
    () => endpointOf(LISTEN, { port: null as never }, 7),
    /^TypeError: Invalid port \(null\): expected an integer from 0 to 65535$/,
  );
});

test("endpointOf() refuses paths that are empty, too long or not strings", () => {
  assert.throws(
    () => endpointOf(LISTEN, { path: "x".repeat(108) }, 7),
    /^RangeError: Cannot listen on a path of 108 bytes: paths have 1 to 107$/,
  );
  assert.throws(() => endpointOf(CONNECT, { path: "" }, 7), RangeError);
  assert.equal(endpointOf(CONNECT, { path: "x".repeat(107) }, 7).path!.length, 107);
  // The limit is in bytes, not in characters.
  assert.throws(() => endpointOf(CONNECT, { path: "ä".repeat(54) }, 7), RangeError);
  assert.throws(
    () => endpointOf(CONNECT, { path: 5 as never }, 7),
    /^TypeError: Invalid path 5: expected a string$/,
  );
});

test("endpointOf() refuses socket options that are not booleans", () => {
  for (const name of ["noDelay", "keepAlive", "reusePort"]) {
    assert.throws(() => endpointOf(LISTEN, { [name]: "no" }, 7), {
      name: "TypeError",
      message: `Invalid ${name} "no": expected a boolean`,
    });
    assert.throws(() => endpointOf(LISTEN, { [name]: 0 }, 7), /: expected a boolean$/);
  }
});
