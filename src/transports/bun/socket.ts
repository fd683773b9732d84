import type { Pem } from "../transport.ts";

// The members used of Bun.

/** A Bun socket. */
export interface BunSocket {
  data: BunReceiver | undefined;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly alpnProtocol: string | false | null;
  /** Returns the number of bytes accepted; a negative one if the socket is closed. */
  write(chunk: Uint8Array): number;
  shutdown(): void;
  close(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  ref(): void;
  unref(): void;
  setNoDelay(noDelay: boolean): void;
  setKeepAlive(keepAlive: boolean, initialDelay: number): void;
  reload(options: { readonly socket: BunHandlers }): void;
  upgradeTLS(options: BunUpgrade): readonly [raw: BunSocket, tls: BunSocket];
  getTLSVersion(): string;
  isSessionReused(): boolean;
  setSession(ticket: Uint8Array): void;
  getCipher(): { readonly standardName: string };
  getPeerCertificate(): { readonly raw?: Uint8Array } | undefined;
}

/** How to upgrade a socket to TLS. */
export interface BunUpgrade {
  readonly data: BunReceiver;
  readonly isServer: boolean;
  readonly allowHalfOpen: true;
  readonly socket: BunHandlers;
  readonly tls: BunTlsOptions;
  /** Bytes that were read before and belong to TLS. */
  readonly initialData: Uint8Array | undefined;
}

/** TLS settings as Bun names them. */
export interface BunTlsOptions {
  readonly isServer: boolean;
  readonly ca: Pem | readonly Pem[] | undefined;
  readonly key: Pem | undefined;
  readonly cert: Pem | undefined;
  readonly serverName: string | undefined;
  readonly ALPNProtocols: Uint8Array | undefined;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  /** Number of the minimum version, which ends its record headers. */
  readonly minVersion: number;
}

/** The callbacks of a socket. */
export interface BunHandlers {
  readonly binaryType: "uint8array";
  data(socket: BunSocket, chunk: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  close(socket: BunSocket, error?: unknown): void;
  error(socket: BunSocket, error: unknown): void;
  handshake(socket: BunSocket, done: boolean, error: unknown): void;
  open?(socket: BunSocket): void;
  session?(socket: BunSocket, ticket: Uint8Array): void;
  /** Returns the context for the name that a client requests; `undefined` for the default one. */
  serverName?(server: unknown, name: string): object | undefined;
}

/** Receives the events of one socket. */
export interface BunReceiver {
  /** Takes received bytes, also of a paused socket, for example when the peer resets. */
  readonly received: { push(chunk: Uint8Array, length: number): void };
  /** Called when the kernel accepts bytes again. Bun 1.4 also calls it when nothing is pending. */
  drained(): void;
  /** Called when the peer has sent the end of its stream. */
  ended(): void;
  /** Called with an error; `closed` follows. */
  failed(error: unknown): void;
  /** Called when the socket has closed. After `shutdown` Bun reports the peer's end only this way. */
  closed(error?: unknown): void;
  /** Called when the TLS handshake has completed or failed. */
  handshakeEnded?(done: boolean, error: unknown): void;
}

/** Passes the events of a socket to its receiver. None may throw: Bun would report a socket error. */
export const handlers: BunHandlers = {
  binaryType: "uint8array",
  data: (socket, chunk) => socket.data?.received.push(chunk, chunk.length),
  drain: (socket) => socket.data?.drained(),
  end: (socket) => socket.data?.ended(),
  close: (socket, error) => socket.data?.closed(error),
  error: (socket, error) => socket.data?.failed(error),
  handshake: (socket, done, error) => socket.data?.handshakeEnded?.(done, error),
};
