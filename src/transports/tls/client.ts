import {
  type Certificate,
  credentialsOf,
  detectCloseNotify,
  type HandshakeCall,
  type Modules,
} from "./node_tls.ts";
import type { TlsStream } from "./stream.ts";
import { storedSession } from "../sessions.ts";
import type { TlsSession } from "../transport.ts";

declare const process: Modules;

/** Starts the client side. */
export function startClient(stream: TlsStream, call: HandshakeCall): void {
  const { handshake: { options, host }, remoteAddress, onSecure, onError } = call;
  const name = options.serverName || host || "localhost";
  const { stored, store } = storedSession(options, name, remoteAddress);
  const socket = process.getBuiltinModule("node:tls").connect({
    ...credentialsOf(options),
    session: stored?.ticket,
    socket: stream.duplex,
    // An IP address is verified but not sent: RFC 6066 allows only names.
    host: name,
    checkServerIdentity,
    servername: process.getBuiltinModule("node:net").isIP(name) > 0 ? "" : name,
    allowHalfOpen: true,
  });
  detectCloseNotify(socket, stream);
  socket.on("error", onError);
  let tls: TlsSession | undefined;
  let ticket: Uint8Array | undefined;
  // Either may come first: TLS 1.3 sends tickets after the handshake, and several.
  const keep = () => tls && ticket && store({ ticket, version: tls.version, tls });
  socket.on("session", (latest) => {
    ticket = latest;
    keep();
  });
  socket.on("secureConnect", () => {
    tls = onSecure(socket, stored?.tls);
    keep();
  });
}

/**
 * Returns an error if a certificate is not valid for the host. Node 22 does not match IPv6 addresses in
 * certificates, but OpenSSL does.
 */
function checkServerIdentity(host: string, certificate: Certificate): Error | undefined {
  const error = process.getBuiltinModule("node:tls").checkServerIdentity(host, certificate);
  if (error === undefined || !host.includes(":") || certificate.raw === undefined) return error;
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  return new X509Certificate(certificate.raw).checkIP(host) === undefined ? error : undefined;
}
