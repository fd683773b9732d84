import { MAX_TIMER } from "../../async/timer.ts";
import { TransportFailure } from "../connection_error.ts";
import { credentialsOf, detectCloseNotify, type HandshakeCall, type Modules } from "./node_tls.ts";
import { contextFor } from "../server_name.ts";
import type { TlsStream } from "./stream.ts";
import type { TlsOptions } from "../transport.ts";

declare const process: Modules;

/** Number of bytes that Node requires. */
const TICKET_KEYS_LENGTH = 48;

/** Starts the server side with a server that does not listen: only a server verifies client certificates. */
export function startServer(
  stream: TlsStream,
  { handshake, onSecure, onError }: HandshakeCall,
): void {
  const { options } = handshake;
  const credentials = credentialsOf(options);
  const tls = process.getBuiltinModule("node:tls");
  const create = (options: TlsOptions) => tls.createSecureContext(credentialsOf(options));
  const server = tls.createServer({
    ...credentials,
    SNICallback: options.sni && ((name, done) => done(null, contextFor(options, name, create))),
    requestCert: options.requestCert ?? false,
    // After a resumption Node does not report the client's certificate.
    ticketKeys: options.requestCert ? undefined : ticketKeysOf(options),
    // In place of Node's own limit of 120 seconds.
    handshakeTimeout: MAX_TIMER,
  });
  server.on("secureConnection", (socket) => {
    detectCloseNotify(socket, stream);
    const { raw: peerCertificate, fingerprint256 } = socket.getPeerCertificate() ?? {};
    const authorities = `${credentials.ca}`;
    const verified = verifiedBy.get(authorities) ?? new Set();
    if (!socket.isSessionReused()) {
      if (peerCertificate && socket.authorized) {
        verifiedBy.set(authorities, verified.add(fingerprint256));
      }
    } else if (options.requestCert && !verified.has(fingerprint256)) {
      if (options.rejectUnauthorized ?? true) return onError(UNVERIFIED);
      return onSecure(socket, { peerCertificate, authorized: false });
    }
    onSecure(socket);
  });
  server.on("tlsClientError", (error, { authorizationError: code }) => {
    // Node's own error says only that the socket was closed.
    onError(code ? certificateFailure(code, error) : error);
  });
  server.emit("connection", stream.duplex);
}

/** The keys of tickets: each connection has a server of its own. */
const ticketKeys: WeakMap<TlsOptions, Uint8Array> = /* @__PURE__ */ new WeakMap();

function ticketKeysOf(options: TlsOptions): Uint8Array {
  let keys = ticketKeys.get(options);
  if (keys === undefined) {
    keys = crypto.getRandomValues(new Uint8Array(TICKET_KEYS_LENGTH));
    ticketKeys.set(options, keys);
  }
  return keys;
}

/**
 * The fingerprints of client certificates that have been verified, by authorities. All servers of a process on
 * Deno 2.9 resume each other's sessions, also those with other authorities, or without verification.
 */
const verifiedBy: Map<string, Set<string | undefined>> = /* @__PURE__ */ new Map();

const UNVERIFIED: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "certificate",
  "the client resumed a session whose certificate was not verified here",
);

function certificateFailure(code: string, cause: Error): TransportFailure {
  return new TransportFailure("certificate", `client certificate verification failed (${code})`, {
    cause,
  });
}
