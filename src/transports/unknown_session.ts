import type { TlsSession } from "./transport.ts";

/** Returns a TLS session of which the runtime reports nothing. */
export function unknownSession(authorized = false): TlsSession {
  return {
    version: undefined,
    cipher: undefined,
    alpn: undefined,
    resumed: false,
    peerCertificate: undefined,
    authorized,
  };
}
