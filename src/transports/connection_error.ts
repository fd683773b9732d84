import { ConnectionError, type ConnectionErrorCode } from "../errors.ts";

/** Error codes of the system and the runtimes, and names of their error classes: ECONNRESET, ConnectionReset. */
const kinds: readonly (readonly [ConnectionErrorCode, RegExp])[] = [
  // Codes of OpenSSL and its forks for a certificate that fails verification (X509_V_ERR_…).
  [
    "certificate",
    /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY|DECRYPT|DECODE)|CRL|INVALID_(?:CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH|UNKNOWN_CA/,
  ],
  ["tls", /^ERR_(?:SSL|TLS|OSSL)_|^EPROTO$/],
  // The accept queue of a Unix domain socket is full: EAGAIN, WouldBlock.
  ["refused", /^(?:(?:EConn|Connection)Refused|EAGAIN|WouldBlock)$/i],
  [
    "reset",
    /^(?:EConn|Connection)(?:Reset|Aborted)$|^EPIPE$|^BrokenPipe$|^E?NotConn|^ERR_STREAM_(?:DESTROYED|PREMATURE_CLOSE|WRITE_AFTER_END)$|^WebTransportError$/i,
  ],
  ["timedOut", /^E?TimedOut$|^TimeoutError$/i],
  ["notFound", /^(?:DNS_)?E?(?:NotFound|ServFail)$|^ENOENT$|^ENOTDIR$|^EAI_/i],
  ["unreachable", /^E(?:HOST|NET)(?:UN|DOWN)/],
  ["addressInUse", /^E?AddrInUse$/i],
  ["addressNotAvailable", /^E?AddrNotAvail/i],
  ["permissionDenied", /^EACCES$|^EPERM$|^PermissionDenied$|^NotCapable$|^ERR_ACCESS_DENIED$/],
  ["tooManyFiles", /^E[MN]FILE$/],
  ["aborted", /^AbortError$/],
  // Deno's own TLS, used by a `Deno.TlsConn` of the caller.
  ["truncated", /^UnexpectedEof$/],
];

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
    return new TransportFailure(cause.code, textOf(cause), options);
  }
  const name = String((cause as Coded | undefined)?.code);
  // The text of a runtime would quote the peer.
  const reason = name === "ERR_TLS_CERT_ALTNAME_INVALID"
    ? "the certificate is not valid for the server name"
    : textOf(cause);
  const code = cause instanceof Error ? codeOf(cause, name) : "unknown";
  return new TransportFailure(code, reason || code, { cause });
}

type Coded = Error & { readonly code?: unknown };

/** The action at the beginning of an error message. */
const ACTION = /^Cannot .*?: /;

function codeOf({ name, message }: Error, code: string): ConnectionErrorCode {
  // Deno 2.9 reports an unknown host without a code or a name.
  if (message.startsWith("failed to lookup address")) return "notFound";
  return kindOf(code) ?? kindOf(name) ?? "unknown";
}

function kindOf(name: string): ConnectionErrorCode | undefined {
  return kinds.find(([, pattern]) => pattern.test(name))?.[0];
}

/** Returns the message of an error without its action, as one line: OpenSSL's messages end with a line feed. */
function textOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message.replace(ACTION, "") : String(cause);
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, " ").trim();
}
