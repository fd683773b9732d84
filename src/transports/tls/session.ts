import type { TlsSession } from "../transport.ts";

/** The members used of a socket of `node:tls` after the handshake. */
export interface SecureSocket {
  readonly alpnProtocol: string | false | null;
  readonly authorized: boolean;
  getPeerCertificate(): { readonly raw?: Uint8Array } | null;
}

/** Returns the result of a handshake of `node:tls`. */
export function sessionOf(socket: SecureSocket): TlsSession {
  const raw = socket.getPeerCertificate()?.raw;
  return {
    alpn: socket.alpnProtocol || undefined,
    peerCertificate: raw && new Uint8Array(raw),
    // A server on Deno 2.9 also reports clients without a certificate as authorized.
    authorized: raw !== undefined && socket.authorized,
  };
}
