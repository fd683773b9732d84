import assert from "node:assert/strict";
import { test } from "node:test";
import {
  refuseForeignOptions,
  refuseForeignTlsOptions,
} from "../../../src/connections/options/foreign_options.ts";

const unsupported = "it is not supported";

test("refuseForeignOptions() suggests the right name for an option of another library", () => {
  const hints = {
    host: "use hostname",
    unix: "use path",
    socketPath: "use path",
    transport: "use path for a Unix domain socket",
    family: "use an IP address as hostname",
    timeout: "use connectTimeout or idleTimeout",
    secureConnectTimeout: "use connectTimeout",
    keepAliveInitialDelay: "use keepAlive",
    secureTransport: "use tls",
    servername: "use tls.serverName",
    serverName: "use tls.serverName",
    ALPNProtocols: "use tls.alpn",
    alpnProtocols: "use tls.alpn",
    alpn: "use tls.alpn",
    ca: "use tls.ca",
    caCerts: "use tls.ca",
    caFile: "use tls.ca",
    cert: "use tls.cert",
    certChain: "use tls.cert",
    certFile: "use tls.cert",
    keyFile: "use tls.key",
    privateKey: "use tls.key",
    requestCert: "use tls.requestCert",
    rejectUnauthorized: "use tls.rejectUnauthorized",
    closeNotify: "use tls.closeNotify",
    allowHalfOpen: unsupported,
    localAddress: unsupported,
    lookup: unsupported,
    socket: unsupported,
    backlog: unsupported,
    tcpBacklog: unsupported,
    exclusive: unsupported,
    ipv6Only: unsupported,
    onread: unsupported,
    checkServerIdentity: unsupported,
    pfx: unsupported,
    passphrase: unsupported,
    secureContext: unsupported,
  };
  for (const [name, hint] of Object.entries(hints)) {
    for (const value of ["x", 0, false, null, () => {}]) {
      assert.throws(() => refuseForeignOptions({ port: 1, [name]: value }), {
        name: "TypeError",
        message: `Invalid option ${name}: ${hint}`,
      });
    }
  }
});

test("refuseForeignTlsOptions() suggests the right name for an option of another library", () => {
  const hints = {
    servername: "use serverName",
    host: "use serverName",
    hostname: "use serverName",
    ALPNProtocols: "use alpn",
    alpnProtocols: "use alpn",
    caCerts: "use ca",
    caFile: "use ca",
    certChain: "use cert",
    certFile: "use cert",
    keyFile: "use key",
    privateKey: "use key",
    handshakeTimeout: "use handshakeTimeout beside tls",
    checkServerIdentity: unsupported,
    pfx: unsupported,
    passphrase: unsupported,
    secureContext: unsupported,
    maxVersion: unsupported,
    SNICallback: "use sni",
    ciphers: unsupported,
    crl: unsupported,
  };
  for (const [name, hint] of Object.entries(hints)) {
    assert.throws(() => refuseForeignTlsOptions({ [name]: "x" }), {
      name: "TypeError",
      message: `Invalid TLS option ${name}: ${hint}`,
    });
  }
});

test("refuseForeignOptions() ignores members of a protocol, and options that are undefined", () => {
  refuseForeignOptions({ name: "orders", version: 2, key: (id: number) => id, match: () => 1 });
  refuseForeignOptions({ host: undefined, servername: undefined, ca: undefined });
  refuseForeignOptions(JSON.parse('{ "constructor": 1, "__proto__": { "toString": 1 }, "": 1 }'));
  refuseForeignTlsOptions({ host: undefined, pfx: undefined, key: "k", cert: "c", ca: "ca" });
});

test("refuseForeignOptions() refuses inherited options", () => {
  assert.throws(
    () => refuseForeignOptions(Object.create({ host: "x" })),
    /option host: use hostname/,
  );
});

test("refuseForeignTlsOptions() accepts the name of a file together with its contents", () => {
  const files = { certFile: "a", keyFile: "b", caFile: "c" };
  refuseForeignTlsOptions({ ...files, cert: "a", key: "b", ca: "c" });
  assert.throws(
    () => refuseForeignTlsOptions({ ...files, cert: "a", ca: "c" }),
    /keyFile: use key$/,
  );
});

test("refuseForeignOptions() refuses values that are not objects", () => {
  for (const [value, shown] of [[undefined, "(undefined)"], [null, "(null)"], [80, "80"]]) {
    assert.throws(() => refuseForeignOptions(value as never), {
      name: "TypeError",
      message: `Invalid options ${shown}: expected an object`,
    });
  }
});
