// The members of node:crypto that are used, so that no runtime's types are needed.
interface Crypto {
  createPrivateKey(pem: string): unknown;
  readonly X509Certificate: new (pem: string) => { checkPrivateKey(key: unknown): boolean };
}
interface Runtime {
  readonly process?: { getBuiltinModule?(name: "node:crypto"): Crypto | undefined };
}

/**
 * Checks that a private key matches its certificate. Node, Deno and Bun detect a mismatch in the handshake,
 * and some report it only to the peer. Without `node:crypto` nothing is checked.
 *
 * @param action Beginning of the error text.
 * @throws {TypeError} The key does not match, or the runtime cannot read it or the certificate.
 */
export function checkKeyPair(action: string, key: string, cert: string): void {
  // An import would break bundles for browsers.
  const crypto = (globalThis as Runtime).process?.getBuiltinModule?.("node:crypto");
  if (crypto?.X509Certificate === undefined) return;
  let fault = "cannot read TLS option key";
  try {
    const privateKey = crypto.createPrivateKey(key);
    fault = "cannot read TLS option cert";
    if (new crypto.X509Certificate(cert).checkPrivateKey(privateKey)) return;
  } catch (cause) {
    throw new TypeError(`${action}: ${fault}`, { cause });
  }
  throw new TypeError(`${action}: TLS option key does not match the certificate`);
}
