import {
  CLOSED_IN_HANDSHAKE,
  connectionError,
  failureOf,
  TransportFailure,
} from "../connection_error.ts";
import { type Duplex, TlsStream } from "./stream.ts";
import { type TlsSocket, TlsTransport } from "./transport.ts";
import { contextFor } from "../server_name.ts";
import type { Pem, TlsOptions, Transport } from "../transport.ts";

// The members used of node:tls.
interface Credentials {
  readonly ca: string[] | undefined;
  readonly key: string | undefined;
  readonly cert: string | undefined;
  readonly ALPNProtocols: string[] | undefined;
  readonly rejectUnauthorized: boolean;
  readonly minVersion: string;
}
interface Certificate {
  readonly raw?: Uint8Array;
}
interface ClientOptions extends Credentials {
  readonly checkServerIdentity: (host: string, certificate: Certificate) => Error | undefined;
  readonly socket: Duplex;
  readonly host: string;
  readonly servername: string;
  readonly allowHalfOpen: true;
}
interface ServerOptions extends Credentials {
  readonly SNICallback:
    | ((name: string, done: (error: null, context: object | undefined) => void) => void)
    | undefined;
  readonly requestCert: boolean;
  readonly handshakeTimeout: number;
}
interface TlsServer {
  on(event: "secureConnection", listener: (socket: TlsSocket) => void): this;
  on(event: "tlsClientError", listener: (error: Error, socket: TlsSocket) => void): this;
  emit(event: "connection", duplex: Duplex): boolean;
}
interface Tls {
  checkServerIdentity(host: string, certificate: Certificate): Error | undefined;
  connect(options: ClientOptions): TlsSocket;
  createSecureContext(options: Credentials): object;
  createServer(options: ServerOptions): TlsServer;
}
interface X509 {
  checkIP(address: string): string | undefined;
}
interface Modules {
  getBuiltinModule(name: "node:crypto"): { X509Certificate: new (raw: Uint8Array) => X509 };
  getBuiltinModule(name: "node:tls"): Tls;
  getBuiltinModule(name: "node:net"): { isIP(host: string): number };
}
declare const process: Modules;

/** Parameters of a handshake. */
export interface Handshake {
  readonly options: TlsOptions;
  /** The host connected to; `undefined` if this side is the server. */
  readonly host: string | undefined;
  readonly highWaterMark: number;
  readonly signal: AbortSignal | undefined;
  /** Bytes that were read before and belong to TLS. */
  readonly received: Uint8Array | undefined;
}

/** Maximum delay of a timer in milliseconds, in place of Node's handshake timeout of 120 seconds. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Starts TLS over any transport with `node:tls`, on Node and on Deno.
 *
 * @throws {ConnectionError} The handshake has failed; the transport is closed.
 */
export async function startTls(transport: Transport, handshake: Handshake): Promise<Transport> {
  const { signal, host, highWaterMark } = handshake;
  signal?.throwIfAborted();
  let abort = () => {};
  // Node's TLS server does not abort the handshake when the peer closes.
  let onEnd = () => {};
  const stream = new TlsStream(transport, handshake, () => onEnd());
  try {
    return await new Promise<Transport>((resolve, reject) => {
      abort = () => reject(signal!.reason);
      signal?.addEventListener("abort", abort);
      onEnd = () => reject(CLOSED_IN_HANDSHAKE);
      const onSecure = (socket: TlsSocket) => {
        stream.established = true;
        resolve(new TlsTransport(socket, { stream, transport, highWaterMark }));
      };
      if (host === undefined) startServer(stream, { handshake, onSecure, onError: reject });
      else startClient(stream, { handshake, onSecure, onError: reject });
    });
  } catch (error) {
    // Closing may cause another error, such as a reset, which must not replace the first one.
    const reason = signal?.aborted ? error : stream.failure ?? error;
    if (!signal?.aborted) await stream.closeAfterAlert(reason);
    stream.duplex.destroy();
    transport.close();
    throw signal?.aborted ? reason : connectionError("Cannot start TLS", failureOf(reason));
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

interface HandshakeCall {
  readonly handshake: Handshake;
  readonly onSecure: (socket: TlsSocket) => void;
  readonly onError: (error: unknown) => void;
}

/** Starts the client side. */
function startClient(stream: TlsStream, { handshake, onSecure, onError }: HandshakeCall): void {
  const { options, host } = handshake;
  const name = options.serverName || host || "localhost";
  const socket = process.getBuiltinModule("node:tls").connect({
    ...credentialsOf(options),
    socket: stream.duplex,
    // An IP address is verified but not sent: RFC 6066 allows only names.
    host: name,
    checkServerIdentity,
    servername: process.getBuiltinModule("node:net").isIP(name) > 0 ? "" : name,
    allowHalfOpen: true,
  });
  detectCloseNotify(socket, stream);
  socket.on("error", onError);
  socket.on("secureConnect", () => onSecure(socket));
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

/** Starts the server side with a server that does not listen: only a server verifies client certificates. */
function startServer(stream: TlsStream, { handshake, onSecure, onError }: HandshakeCall): void {
  const { options } = handshake;
  const tls = process.getBuiltinModule("node:tls");
  const create = (options: TlsOptions) => tls.createSecureContext(credentialsOf(options));
  const server = tls.createServer({
    ...credentialsOf(options),
    SNICallback: options.sni && ((name, done) => done(null, contextFor(options, name, create))),
    requestCert: options.requestCert ?? false,
    handshakeTimeout: MAX_TIMER,
  });
  server.on("secureConnection", (socket) => {
    detectCloseNotify(socket, stream);
    onSecure(socket);
  });
  server.on("tlsClientError", (error, { authorizationError: code }) => {
    // Node's own error says only that the socket was closed.
    onError(code ? certificateFailure(code, error) : error);
  });
  server.emit("connection", stream.duplex);
}

/** Detects the peer's close_notify: `node:tls` ends its readable side as soon as it arrives. */
function detectCloseNotify(socket: TlsSocket, stream: TlsStream): void {
  const push = socket.push;
  socket.push = (chunk, encoding) => {
    if (chunk === null) stream.closeNotified = true;
    return push.call(socket, chunk, encoding);
  };
}

function credentialsOf(options: TlsOptions): Credentials {
  const { ca, key, cert, alpn, rejectUnauthorized = true, minVersion = "TLSv1.2" } = options;
  return {
    ca: ca === undefined ? undefined : list<Pem>(ca).map(text),
    key: key && text(key),
    cert: cert && text(cert),
    ALPNProtocols: alpn === undefined ? undefined : [...list(alpn)],
    rejectUnauthorized,
    minVersion,
  };
}

function list<Item extends Pem>(items: Item | readonly Item[]): readonly Item[] {
  return Array.isArray(items) ? items : [items as Item];
}

function text(pem: Pem): string {
  return typeof pem === "string" ? pem : new TextDecoder().decode(pem);
}

function certificateFailure(code: string, cause: Error): TransportFailure {
  return new TransportFailure("certificate", `client certificate verification failed (${code})`, {
    cause,
  });
}
