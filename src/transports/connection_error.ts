import { ConnectionError, type ConnectionErrorCode } from "../errors.ts";

/** Error codes of the system and the runtimes, and names of their error classes. */
const codes: Readonly<Record<string, ConnectionErrorCode>> = {
  ECONNREFUSED: "refused",
  ConnectionRefused: "refused",
  // The accept queue of a Unix domain socket is full.
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
  ENOTDIR: "notFound",
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
  // Deno's own TLS, used by a `Deno.TlsConn` of the caller.
  UnexpectedEof: "truncated",
};

/** Codes of OpenSSL and its forks for a certificate that fails verification (X509_V_ERR_…). */
const CERTIFICATE_CODE =
  /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY|DECRYPT|DECODE)|CRL|INVALID_(?:CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH|UNKNOWN_CA/;

const TLS_CODE = /^ERR_(?:SSL|TLS)_|^EPROTO$|^ERR_OSSL_/;

/** Reasons that replace the text of a runtime, which would quote the peer. */
const reasons: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is not valid for the server name",
};

/** Why a transport failed, before it is known which call reports it. */
export class TransportFailure {
  readonly code: ConnectionErrorCode;
  readonly reason: string;
  /** Contains the runtime's error, if there is one. */
  readonly options: ErrorOptions;

  constructor(code: ConnectionErrorCode, reason: string, options: ErrorOptions = {}) {
    this.code = code;
    this.reason = reason;
    this.options = options;
  }
}

/** This side has closed the transport. */
export const CLOSED_LOCALLY: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "closed",
  "closed by this side",
);

/** This side has sent the end of the stream. */
export const WRITE_CLOSED: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "closed",
  "this side has finished sending",
);

/** The peer has sent the end of the stream before the TLS handshake was complete. */
export const CLOSED_IN_HANDSHAKE: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "reset",
  "the peer closed the connection during the handshake",
);

/** The socket has closed for an unknown reason. */
export const CONNECTION_LOST: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "reset",
  "the connection was lost",
);

/** A TLS stream has ended without close_notify. */
export const NO_CLOSE_NOTIFY: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "truncated",
  "TLS ended without close_notify",
);

/**
 * Returns the error to throw for a failure.
 *
 * @param action Beginning of the message, such as `Cannot connect to 127.0.0.1:7`.
 * @param cause A failure, or an error of a runtime. A `ConnectionError` is returned unchanged.
 */
export function connectionError(action: string, cause: unknown): ConnectionError {
  if (cause instanceof ConnectionError) return cause;
  const { code, reason, options } = failureOf(cause);
  return new ConnectionError(`${action}: ${reason}`, { code, ...options });
}

/** Translates an error of a runtime, or of the underlying transport. */
export function failureOf(cause: unknown): TransportFailure {
  if (cause instanceof TransportFailure) return cause;
  if (cause instanceof ConnectionError) {
    const options = "cause" in cause ? { cause: cause.cause } : {};
    return new TransportFailure(cause.code, cause.message.replace(ACTION, ""), options);
  }
  const code = codeOf(cause);
  const reason = reasons[String((cause as Coded | undefined)?.code)] ?? textOf(cause);
  return new TransportFailure(code, reason || code, { cause });
}

type Coded = Error & { readonly code?: unknown };

/** The action at the beginning of an error message. */
const ACTION = /^Cannot .*?: /;

function codeOf(cause: unknown): ConnectionErrorCode {
  if (!(cause instanceof Error)) return "unknown";
  const { code, name, message } = cause as Coded;
  // Deno 2.9 reports an unknown host without a code or a name.
  if (message.startsWith("failed to lookup address")) return "notFound";
  const known = codes[String(code)] ?? codes[name];
  if (known !== undefined) return known;
  if (CERTIFICATE_CODE.test(String(code))) return "certificate";
  return TLS_CODE.test(String(code)) ? "tls" : "unknown";
}

/** Returns the message of an error as a single line: OpenSSL's messages end with a line feed. */
function textOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, " ").trim();
}
