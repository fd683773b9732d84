import { connectionError, TransportFailure } from "../connection_error.ts";
import type { TlsOptions, TlsSession } from "../transport.ts";
import { UNKNOWN_SESSION } from "../unknown_session.ts";

/** The TLS session of Workers, which always verify the server's certificate but do not report it. */
export const WORKERS_SESSION: TlsSession = { ...UNKNOWN_SESSION, authorized: true };

/**
 * Rejects options that Workers would ignore.
 *
 * @throws {ConnectionError} An option is not supported.
 */
export function checkWorkersTls(options: TlsOptions): void {
  const unsupported = [
    options.ca !== undefined && "trust custom certificate authorities (ca)",
    (options.cert !== undefined || options.key !== undefined) &&
    "present a certificate (cert, key)",
    options.alpn !== undefined && "negotiate a protocol (alpn)",
    options.minVersion === "TLSv1.3" && "require a version (minVersion)",
    options.sessions !== undefined && "resume a session (sessions)",
    options.sni !== undefined && "select a certificate (sni)",
    options.requestCert === true && "request a certificate (requestCert)",
    options.rejectUnauthorized === false && "skip verification (rejectUnauthorized)",
    options.closeNotify === "optional" &&
    "distinguish a missing close_notify from a reset (closeNotify)",
  ].find((reason) => reason !== false);
  if (unsupported === undefined) return;
  throw connectionError(
    "Cannot start TLS",
    new TransportFailure("unsupported", `Workers cannot ${unsupported}`),
  );
}
