import type { Pem, TlsOptions } from "../transports/transport.ts";

/**
 * Refuses keys, certificates and protocols that are none, before anybody connects: the runtimes tell of
 * them late, and each in its own way.
 *
 * @throws {TypeError} One is no PEM, or a key or a certificate is missing.
 * @throws {RangeError} The name of a protocol is too short or too long.
 */
export function checkTls(action: string, options: TlsOptions, server = false): void {
  const { key, cert, ca = [], alpn = [] } = options;
  if (server && (key === undefined || cert === undefined)) {
    throw new TypeError(`${action}: TLS needs a key and a certificate`);
  }
  if ((key === undefined) !== (cert === undefined)) {
    throw new TypeError(`${action}: a key and its certificate are needed together`);
  }
  const authorities: readonly Pem[] = Array.isArray(ca) ? ca : [ca];
  for (const one of authorities) checkPem(action, "ca", one);
  if (key !== undefined) checkPem(action, "key", key);
  if (cert !== undefined) checkPem(action, "cert", cert);
  for (const name of typeof alpn === "string" ? [alpn] : alpn) {
    const { length } = new TextEncoder().encode(name);
    if (length >= 1 && length <= 255) continue;
    throw new RangeError(`${action}: a protocol's name has 1 to 255 bytes, not ${length}`);
  }
}

function checkPem(action: string, name: string, pem: Pem): void {
  const text = typeof pem === "string" ? pem : new TextDecoder().decode(pem);
  if (!text.includes("-----BEGIN ")) throw new TypeError(`${action}: ${name} is no PEM`);
}
