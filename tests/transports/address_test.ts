import assert from "node:assert/strict";
import { test } from "node:test";
import { addressLabel, ipAddress, unixAddress } from "../../src/transports/address.ts";

test("addressLabel() puts brackets around an IPv6 address, and returns a path unchanged", () => {
  assert.equal(addressLabel({ hostname: "127.0.0.1", port: 80 }), "127.0.0.1:80");
  assert.equal(addressLabel({ hostname: "::1", port: 80, path: undefined }), "[::1]:80");
  assert.equal(addressLabel(unixAddress("/tmp/socket")), "/tmp/socket");
});

test("ipAddress() returns undefined if the hostname or the port is unknown", () => {
  assert.deepEqual(ipAddress("::1", 80), { hostname: "::1", port: 80 });
  assert.equal(ipAddress(undefined, 80), undefined);
  assert.equal(ipAddress("::1", undefined), undefined);
});
