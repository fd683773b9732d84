import { ConnectionError, type ConnectionErrorCode } from "../errors.ts";

/** The words of the system and of the runtimes, and ours. */
const codes: Readonly<Record<string, ConnectionErrorCode>> = {
  ECONNREFUSED: "refused",
  ConnectionRefused: "refused",
  // A Unix domain socket has a full queue.
  EAGAIN: "refused",
  WouldBlock: "refused",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  ENOTCONN: "reset",
  ConnectionReset: "reset",
  ConnectionAborted: "reset",
  BrokenPipe: "reset",
  NotConnected: "reset",
  ETIMEDOUT: "timedOut",
  TimedOut: "timedOut",
  TimeoutError: "timedOut",
  ENOTFOUND: "notFound",
  DNS_ENOTFOUND: "notFound",
  EAI_AGAIN: "notFound",
  EAI_NONAME: "notFound",
  EAI_NODATA: "notFound",
  ENOENT: "notFound",
  NotFound: "notFound",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ENETDOWN: "unreachable",
  EADDRINUSE: "addressInUse",
  AddrInUse: "addressInUse",
  EADDRNOTAVAIL: "addressNotAvailable",
  AddrNotAvailable: "addressNotAvailable",
  EACCES: "permissionDenied",
  EPERM: "permissionDenied",
  PermissionDenied: "permissionDenied",
  NotCapable: "permissionDenied",
  ERR_ACCESS_DENIED: "permissionDenied",
  AbortError: "aborted",
  ERR_TLS_TRUNCATED: "truncated",
  ERR_UNSUPPORTED: "unsupported",
  ERR_TLS_UNVERIFIED: "unsupported",
};

/** What OpenSSL, and those who speak like it, call a certificate that is not in order (X509_V_ERR_…). */
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY|DECRYPT|DECODE)|CRL|INVALID_(?:CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH|UNKNOWN_CA/;

const TLS = /^ERR_(?:SSL|TLS)_|^EPROTO$|^ERR_OSSL_/;

/**
 * What a runtime's error means, in the words that are the same on all of them.
 *
 * @param action What failed, as in `Cannot connect to 127.0.0.1:7`.
 * @param cause The runtime's error; one that is ours already stays as it is.
 */
export function connectionError(action: string, cause: unknown): ConnectionError {
  if (cause instanceof ConnectionError) return cause;
  const code = codeOf(cause);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ConnectionError(`${action}: ${reason || code}`, { code, cause });
}

function codeOf(cause: unknown): ConnectionErrorCode {
  if (!(cause instanceof Error)) return "unknown";
  const { code, name, message } = cause as Error & { code?: unknown };
  // Deno 2.9 gives an unknown host neither a code nor a name.
  if (message.startsWith("failed to lookup address")) return "notFound";
  const known = codes[String(code)] ?? codes[name];
  if (known !== undefined) return known;
  if (CERTIFICATE.test(String(code))) return "certificate";
  return TLS.test(String(code)) ? "tls" : "unknown";
}
