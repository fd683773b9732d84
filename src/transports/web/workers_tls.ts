import { connectionError, Failure } from "../connection_error.ts";
import type { TlsOptions, TlsSession } from "../transport.ts";

/** The session of TLS in Workers, which always verify the server's certificate, and do not report it. */
export const SESSION: TlsSession = {
  alpn: undefined,
  peerCertificate: undefined,
  authorized: true,
};

/**
 * Refuses options that Workers would ignore.
 *
 * @throws {ConnectionError} Workers do not support one of the options.
 */
export function checkWorkersTls(options: TlsOptions): void {
  const refused = [
    options.ca !== undefined && "trust an authority of your own (ca)",
    (options.cert !== undefined || options.key !== undefined) && "show a certificate (cert, key)",
    options.alpn !== undefined && "negotiate a protocol (alpn)",
    options.requestCert === true && "request a certificate (requestCert)",
    options.rejectUnauthorized === false && "skip verification (rejectUnauthorized)",
    options.closeNotify === "optional" &&
    "distinguish a missing close_notify from a reset (closeNotify)",
  ].find((reason) => reason !== false);
  if (refused === undefined) return;
  throw connectionError(
    "Cannot start TLS",
    new Failure("unsupported", `Workers cannot ${refused}`),
  );
}
