import type { TlsOptions, TlsSession } from "./transport.ts";

/** What is known of TLS in Workers, which always demand a certificate that is in order, and show none. */
export const SESSION: TlsSession = {
  alpn: undefined,
  peerCertificate: undefined,
  authorized: true,
};

/**
 * Refuses what Workers would pass over in silence.
 *
 * @throws {TypeError} They cannot do one of the options.
 */
export function checkWorkersTls(options: TlsOptions): void {
  const refused = [
    options.ca !== undefined && "trust an authority of your own (ca)",
    (options.cert !== undefined || options.key !== undefined) && "show a certificate (cert, key)",
    options.alpn !== undefined && "negotiate a protocol (alpn)",
    options.requestCert === true && "ask for a certificate (requestCert)",
    options.rejectUnauthorized === false && "trust everybody (rejectUnauthorized)",
  ].find((reason) => reason !== false);
  if (refused === undefined) return;
  throw coded("ERR_UNSUPPORTED", new TypeError(`Cannot start TLS: Workers cannot ${refused}`));
}

/** A connection that was lost, though Workers let it look like its end. */
export function connectionLost(tls: TlsSession | undefined): Error {
  return tls === undefined
    ? coded("ECONNRESET", new Error("the connection was lost"))
    : coded("ERR_TLS_TRUNCATED", new Error("TLS ended without close_notify"));
}

/**
 * What a failure of a socket is.
 *
 * @param unproven It speaks TLS, and nothing has passed yet: Workers do not say more of a handshake.
 */
export function socketFailure(cause: unknown, unproven: boolean): unknown {
  if (unproven) {
    return coded("ERR_TLS_HANDSHAKE", new Error("the TLS handshake has failed", { cause }));
  }
  return cause instanceof Error && cause.message === "Network connection lost."
    ? coded("ECONNRESET", new Error("the connection was lost", { cause }))
    : cause;
}

function coded(code: string, error: Error): Error {
  return Object.assign(error, { code });
}
