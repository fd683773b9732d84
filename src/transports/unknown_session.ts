import type { TlsSession } from "./transport.ts";

/** A TLS session of which the runtime reports nothing. */
export const UNKNOWN_SESSION: TlsSession = {
  version: undefined,
  cipher: undefined,
  alpn: undefined,
  resumed: false,
  peerCertificate: undefined,
  authorized: false,
};
