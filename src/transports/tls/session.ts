import type { TlsSession } from "../transport.ts";

/** The members used of a socket of `node:tls` after the handshake. */
export interface SecureSocket {
  readonly alpnProtocol: string | false | null;
  readonly authorized: boolean;
  getPeerCertificate(): { readonly raw?: Uint8Array; readonly fingerprint256?: string } | null;
  getProtocol(): string | null;
  isSessionReused(): boolean;
  getCipher(): { readonly standardName: string } | undefined;
}

/** The part of a session's result that comes from its first handshake. */
export type Verification = Pick<TlsSession, "peerCertificate" | "authorized">;

/** Returns the result of a handshake. */
export function sessionOf(
  socket: Pick<SecureSocket, "alpnProtocol" | "getCipher" | "isSessionReused">,
  version: string | null,
  { peerCertificate, authorized }: Verification,
): TlsSession {
  return {
    version: version ?? undefined,
    cipher: socket.getCipher()?.standardName,
    alpn: socket.alpnProtocol || undefined,
    resumed: socket.isSessionReused(),
    // A copy, since the runtime's is a Buffer, whose `slice` differs.
    peerCertificate: peerCertificate && new Uint8Array(peerCertificate),
    authorized,
  };
}

/**
 * Returns the result of a handshake of `node:tls`.
 *
 * @param first The verification of the session, if it was resumed. Node does not report it again.
 */
export function nodeSessionOf(socket: SecureSocket, first?: Verification): TlsSession {
  const peerCertificate = socket.getPeerCertificate()?.raw;
  // A server on Deno 2.9 also reports clients without a certificate as authorized.
  const authorized = peerCertificate !== undefined && socket.authorized;
  const verification = socket.isSessionReused() && first || { peerCertificate, authorized };
  return sessionOf(socket, socket.getProtocol(), verification);
}
