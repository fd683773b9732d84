import { describe } from "../../bytes/describe.ts";
import { isBytes } from "../../bytes/is_bytes.ts";
import type {
  Pem,
  StartTlsOptions,
  TlsCertificate,
  TlsOptions,
} from "../../transports/transport.ts";
import { refuseForeignTlsOptions } from "./foreign_options.ts";
import { hostnameOf } from "./hostname.ts";
import { checkChoice, checkType, invalidOption } from "../../bytes/invalid_option.ts";
import { checkKeyPair } from "./key_pair.ts";
import { isIntact, pemBlocks } from "./pem.ts";

/**
 * Checks TLS options before the network is used: runtimes report invalid ones late and in different ways,
 * some only to the peer, and Deno 2.9 exits because of a damaged certificate authority.
 *
 * @param action Beginning of the error texts.
 * @param server Whether a key and a certificate are required.
 * @returns The options in a form that every runtime reads: PEM blocks without anything around them.
 * @throws {TypeError} An option is missing or invalid, or has a name from another library.
 * @throws {RangeError} The name of an ALPN protocol is too short or too long.
 */
export function checkTls<Options extends TlsOptions>(
  action: string,
  options: Options,
  server = false,
): Options {
  if (typeof options !== "object" || options === null) {
    throw invalidOption("tls", options, "an object");
  }
  refuseForeignTlsOptions(options);
  const { key, cert, ca, sni, serverName, alpn = [] } = options;
  checkType("requestCert", options.requestCert, "a boolean");
  checkType("rejectUnauthorized", options.rejectUnauthorized, "a boolean");
  if (options.sessions !== undefined && typeof options.sessions?.get !== "function") {
    throw invalidOption("sessions", options.sessions, "a Map");
  }
  checkChoice("minVersion", options.minVersion, ["TLSv1.2", "TLSv1.3"]);
  checkChoice("closeNotify", options.closeNotify, ["required", "optional"]);
  checkChoice("buffered", (options as StartTlsOptions).buffered, ["refuse", "tls"]);
  for (const name of list<string>(alpn)) checkProtocol(action, name);
  if ((key === undefined) !== (cert === undefined) || (server && key === undefined)) {
    throw new TypeError(`${action}: TLS needs a key and its certificate`);
  }
  return {
    ...options,
    ...serverName !== undefined && { serverName: hostnameOf("serverName", serverName) },
    ...ca !== undefined && { ca: authorities(action, ca) },
    ...sni !== undefined && { sni: named(action, sni) },
    ...key !== undefined && cert !== undefined && identity(action, key, cert),
  };
}

function checkProtocol(action: string, name: string): void {
  if (typeof name !== "string") throw invalidOption("alpn", name, "a string");
  const { length } = new TextEncoder().encode(name);
  if (length >= 1 && length <= 255) return;
  throw new RangeError(
    `${action}: TLS option alpn has a name of ${length} bytes: expected 1 to 255`,
  );
}

function authorities(action: string, ca: Pem | readonly Pem[]): string[] {
  const certificates = list<Pem>(ca).flatMap((pem) => blocksOf(action, "ca", pem));
  if (certificates.length > 0) return certificates;
  throw new TypeError(`${action}: TLS option ca is empty`);
}

/** Returns the table of certificates by name, with names in lower case and ASCII. */
function named(action: string, sni: Readonly<Record<string, TlsCertificate>>): typeof sni {
  if (typeof sni !== "object" || sni === null) throw invalidOption("sni", sni, "an object");
  return Object.fromEntries(
    Object.entries(sni).map(([name, certificate]) => {
      const [, wildcard = "", host] = /^(\*\.)?(.*?)\.?$/s.exec(name)!;
      const { key, cert } = certificate ?? {};
      return [
        wildcard + hostnameOf("name in sni", host),
        identity(`${action} as ${name}`, key, cert),
      ];
    }),
  );
}

function identity(action: string, key: Pem, cert: Pem): { key: string; cert: string } {
  const [privateKey = ""] = blocksOf(action, "key", key);
  if (/BEGIN ENCRYPTED|,ENCRYPTED/.test(privateKey)) {
    throw new TypeError(
      `${action}: TLS option key is encrypted: expected a key without a passphrase`,
    );
  }
  const chain = blocksOf(action, "cert", cert);
  checkKeyPair(action, privateKey, chain[0]!);
  return { key: privateKey, cert: chain.join("\n") };
}

function blocksOf(action: string, name: "ca" | "cert" | "key", pem: Pem): string[] {
  const label = name === "key" ? "PRIVATE KEY" : "CERTIFICATE";
  const blocks = typeof pem === "string" || isBytes(pem) ? pemBlocks(pem, label) : [];
  if (blocks.length > 0 && (name === "key" || blocks.every(isIntact))) return blocks;
  // The error must not show the value, which may be secret.
  throw new TypeError(
    `${action}: invalid TLS option ${name}: expected the contents of a PEM file with a ${label}, got ${
      describe(pem)
    }`,
  );
}

function list<Item>(items: Item | readonly Item[]): readonly Item[] {
  return Array.isArray(items) ? items : [items as Item];
}
