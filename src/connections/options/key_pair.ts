// What is used of node:crypto, so that no runtime's types are needed.
interface Crypto {
  createPrivateKey(pem: string): unknown;
  readonly X509Certificate: new (pem: string) => { checkPrivateKey(key: unknown): boolean };
}
interface Runtime {
  readonly process?: { getBuiltinModule?(name: "node:crypto"): Crypto | undefined };
}

/**
 * Checks that a private key fits its certificate. Node, Deno and Bun find out in the handshake, and some
 * report it to the peer alone. A runtime without `node:crypto` is not asked.
 *
 * @param action Begins the error text.
 * @throws {TypeError} The key does not fit, or the runtime cannot read it or the certificate.
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
  throw new TypeError(`${action}: TLS option key does not fit the certificate`);
}
