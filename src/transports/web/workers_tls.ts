import { connectionError, TransportFailure } from "../connection_error.ts";
import type { TlsOptions } from "../transport.ts";

/** The options that Workers would ignore, with the value that changes nothing. */
const ignored: Readonly<Record<string, unknown>> = {
  ca: undefined,
  key: undefined,
  cert: undefined,
  sni: undefined,
  alpn: undefined,
  sessions: undefined,
  minVersion: "TLSv1.2",
  requestCert: false,
  rejectUnauthorized: true,
  closeNotify: "required",
};

/**
 * Rejects options that Workers would ignore.
 *
 * @throws {ConnectionError} An option is not supported.
 */
export function checkWorkersTls(options: TlsOptions): void {
  for (const [name, value] of Object.entries(ignored)) {
    const given = options[name as keyof TlsOptions];
    if (given === undefined || given === value) continue;
    throw connectionError(
      "Cannot start TLS",
      new TransportFailure("unsupported", `Workers cannot apply the TLS option ${name}`),
    );
  }
}
