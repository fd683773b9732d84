import { ConnectionError, type ConnectionErrorCode } from "../errors.ts";

/** Codes of the system and of the runtimes, and names of their error classes. */
const codes: Readonly<Record<string, ConnectionErrorCode>> = {
  ECONNREFUSED: "refused",
  ConnectionRefused: "refused",
  // The queue of a Unix domain socket is full.
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
  ERR_STREAM_DESTROYED: "reset",
  ERR_STREAM_PREMATURE_CLOSE: "reset",
  ERR_STREAM_WRITE_AFTER_END: "reset",
  WebTransportError: "reset",
  ETIMEDOUT: "timedOut",
  TimedOut: "timedOut",
  TimeoutError: "timedOut",
  ENOTFOUND: "notFound",
  DNS_ENOTFOUND: "notFound",
  EAI_AGAIN: "notFound",
  EAI_NONAME: "notFound",
  EAI_NODATA: "notFound",
  ESERVFAIL: "notFound",
  DNS_ESERVFAIL: "notFound",
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
  EMFILE: "tooManyFiles",
  ENFILE: "tooManyFiles",
  AbortError: "aborted",
  // Deno's own TLS, which a foreign `Deno.TlsConn` brings along.
  UnexpectedEof: "truncated",
};

/** Codes of OpenSSL and its relatives for a certificate that fails verification (X509_V_ERR_…). */
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY|DECRYPT|DECODE)|CRL|INVALID_(?:CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH|UNKNOWN_CA/;

const TLS = /^ERR_(?:SSL|TLS)_|^EPROTO$|^ERR_OSSL_/;

/** The reason in our own words, where a runtime's text would quote the peer. */
const reasons: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is not valid for its name",
};

/** Why a transport has failed, before it is known which of its calls reports that. */
export class Failure {
  readonly code: ConnectionErrorCode;
  readonly reason: string;
  /** The runtime's own error, if there is one. */
  readonly origin: ErrorOptions;

  constructor(code: ConnectionErrorCode, reason: string, origin: ErrorOptions = {}) {
    this.code = code;
    this.reason = reason;
    this.origin = origin;
  }
}

/** The transport was closed by this side. */
export const CLOSED: Failure = /* @__PURE__ */ new Failure("closed", "closed by this side");

/** This side has sent the end of its stream. */
export const FINISHED: Failure = /* @__PURE__ */ new Failure(
  "closed",
  "this side has finished sending",
);

/** The socket has closed, for an unknown reason. */
export const LOST: Failure = /* @__PURE__ */ new Failure("reset", "the connection was lost");

/** A TLS stream has ended like a plain one. */
export const TRUNCATED: Failure = /* @__PURE__ */ new Failure(
  "truncated",
  "TLS ended without close_notify",
);

/**
 * Returns the error to throw for a failure.
 *
 * @param action The action that failed, such as `Cannot connect to 127.0.0.1:7`.
 * @param cause A {@link Failure}, or the error of a runtime. A `ConnectionError` is returned unchanged.
 */
export function connectionError(action: string, cause: unknown): ConnectionError {
  if (cause instanceof ConnectionError) return cause;
  const { code, reason, origin } = failureOf(cause);
  return new ConnectionError(`${action}: ${reason}`, { code, ...origin });
}

/** Translates the error of a runtime, or of the transport below. */
export function failureOf(cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  if (cause instanceof ConnectionError) {
    const origin = "cause" in cause ? { cause: cause.cause } : {};
    return new Failure(cause.code, cause.message.replace(ACTION, ""), origin);
  }
  const code = codeOf(cause);
  const reason = reasons[String((cause as Coded | undefined)?.code)] ?? textOf(cause);
  return new Failure(code, reason || code, { cause });
}

type Coded = Error & { readonly code?: unknown };

/** The action at the beginning of an error text. */
const ACTION = /^Cannot .*?: /;

function codeOf(cause: unknown): ConnectionErrorCode {
  if (!(cause instanceof Error)) return "unknown";
  const { code, name, message } = cause as Coded;
  // Deno 2.9 gives an unknown host neither a code nor a name.
  if (message.startsWith("failed to lookup address")) return "notFound";
  const known = codes[String(code)] ?? codes[name];
  if (known !== undefined) return known;
  if (CERTIFICATE.test(String(code))) return "certificate";
  return TLS.test(String(code)) ? "tls" : "unknown";
}

/** The text of an error in one line: OpenSSL ends its own with a line feed. */
function textOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, " ").trim();
}
