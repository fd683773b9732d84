import type { Duplex, TlsStream } from "./stream.ts";
import type { Verification } from "./session.ts";
import type { TlsSocket } from "./transport.ts";
import type { Address, Pem, TlsOptions, TlsSession } from "../transport.ts";

// The members used of node:tls.

/** The options that clients, servers and contexts share. */
export interface Credentials {
  readonly ca: string[] | undefined;
  readonly key: string | undefined;
  readonly cert: string | undefined;
  readonly ALPNProtocols: string[] | undefined;
  readonly rejectUnauthorized: boolean;
  readonly minVersion: string;
}

/** A certificate in DER format. */
export interface Certificate {
  readonly raw?: Uint8Array;
}
interface ClientOptions extends Credentials {
  readonly checkServerIdentity: (host: string, certificate: Certificate) => Error | undefined;
  readonly socket: Duplex;
  readonly host: string;
  readonly servername: string;
  readonly allowHalfOpen: true;
  readonly session: Uint8Array | undefined;
}
interface ServerOptions extends Credentials {
  readonly ticketKeys: Uint8Array | undefined;
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

/** The modules of Node. */
export interface Modules {
  getBuiltinModule(name: "node:crypto"): { X509Certificate: new (raw: Uint8Array) => X509 };
  getBuiltinModule(name: "node:tls"): Tls;
  getBuiltinModule(name: "node:net"): { isIP(host: string): number };
}

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

/** One side of a handshake, and its results. */
export interface HandshakeCall {
  readonly handshake: Handshake;
  readonly remoteAddress: Address | undefined;
  /** @param first The verification of the session, if it was resumed. */
  readonly onSecure: (socket: TlsSocket, first?: Verification) => TlsSession;
  readonly onError: (error: unknown) => void;
}

/** Detects the peer's close_notify: `node:tls` ends its readable side as soon as it arrives. */
export function detectCloseNotify(socket: TlsSocket, stream: TlsStream): void {
  const push = socket.push;
  socket.push = (chunk, encoding) => {
    if (chunk === null) stream.closeNotified = true;
    return push.call(socket, chunk, encoding);
  };
}

/** Returns the options that clients, servers and contexts share. */
export function credentialsOf(options: TlsOptions): Credentials {
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
