/**
 * Options of Node, Deno, Bun and Workers that have a different name here or are not supported. TypeScript
 * accepts them in an object that is spread; ignoring them could reach the wrong peer, skip TLS or lose a
 * limit. Other unknown names are ignored, since a protocol may have members of its own.
 *
 * @module
 */

import { invalidOption } from "../../bytes/invalid_option.ts";

/** Options beside `tls`: the name to use, and the names that are refused. */
const beside = /* @__PURE__ */ byName({
  hostname: "hostname host",
  path: "unix socketPath",
  "path for a Unix domain socket": "transport",
  "an IP address as hostname": "family",
  "connectTimeout or idleTimeout": "timeout",
  connectTimeout: "secureConnectTimeout",
  handshakeTimeout: "handshakeTimeout",
  keepAlive: "keepAliveInitialDelay",
  tls: "secureTransport",
  "": "allowHalfOpen fd socket localAddress localPort lookup blockList onread exclusive ipv6Only " +
    "backlog tcpBacklog",
});

/** Options inside `tls`. They are refused beside it, too, except `key`, which a protocol may have. */
const inside = /* @__PURE__ */ byName({
  serverName: "serverName servername hostname host",
  alpn: "alpn ALPNProtocols alpnProtocols",
  ca: "ca caCerts caFile",
  cert: "cert certChain certFile",
  key: "privateKey keyFile",
  requestCert: "requestCert",
  rejectUnauthorized: "rejectUnauthorized",
  closeNotify: "closeNotify",
  minVersion: "minVersion",
  sni: "sni SNICallback",
  "handshakeTimeout beside tls": "handshakeTimeout",
  "": "checkServerIdentity unsafelyDisableHostnameVerification pfx passphrase " +
    "secureContext secureProtocol secureOptions maxVersion ciphers crl",
});

/**
 * Refuses options of other libraries. An option whose value is `undefined` counts as absent.
 *
 * @throws {TypeError} There is such an option, and the text says which one to use; or there are no options.
 */
export function refuseForeignOptions(options: object): void {
  if (typeof options !== "object" || options === null) {
    throw invalidOption("options", options, "an object");
  }
  refuse("option", options, (name) => {
    const own = inside.get(name);
    return beside.get(name) ?? (own ? `tls.${own}` : own);
  });
}

/**
 * Refuses options of other libraries inside `tls`, and options that belong beside it.
 *
 * @throws {TypeError} There is such an option, and the text says which one to use.
 */
export function refuseForeignTlsOptions(options: object): void {
  refuse("TLS option", options, (name) => inside.get(name));
}

/**
 * Refuses the options for which there is another name.
 *
 * @param kind What they are, for the error text.
 * @param ownOf Returns the name to use; empty if the option is not supported.
 * @throws {TypeError} There is such an option.
 */
export function refuse(
  kind: string,
  options: object,
  ownOf: (name: string) => string | undefined,
): void {
  const given = options as Readonly<Record<string, unknown>>;
  for (const name in given) {
    const own = ownOf(name);
    if (own === undefined || own === name || given[name] === undefined) continue;
    // A file name may accompany the contents of the file.
    if (name.endsWith("File") && given[own] !== undefined) continue;
    throw new TypeError(`Invalid ${kind} ${name}: ${own ? `use ${own}` : "it is not supported"}`);
  }
}

/** Returns a map from each foreign name to the name to use. */
export function byName(names: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const entries = Object.entries(names);
  return new Map(
    entries.flatMap(([own, foreign]) => foreign.split(" ").map((name) => [name, own] as const)),
  );
}
