import type { Pem } from "./transport.ts";

// What is used of Bun, so that no runtime's types are needed.

/** A socket of Bun's. */
export interface BunSocket {
  data: BunReceiver | undefined;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly alpnProtocol: string | false | null;
  /** How many bytes were taken; less than 0: the socket is closed. */
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
  getPeerCertificate(): { readonly raw?: Uint8Array } | undefined;
}

/** How a socket goes on by TLS. */
export interface BunUpgrade {
  readonly isServer: boolean;
  readonly allowHalfOpen: true;
  readonly socket: BunHandlers;
  readonly tls: BunTlsOptions;
}

/** What Bun wants to know of TLS. */
export interface BunTlsOptions {
  readonly isServer: boolean;
  readonly ca: Pem | readonly Pem[] | undefined;
  readonly key: Pem | undefined;
  readonly cert: Pem | undefined;
  readonly serverName: string | undefined;
  readonly ALPNProtocols: Uint8Array | undefined;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

/** What Bun calls when something happens to a socket. */
export interface BunHandlers {
  readonly binaryType: "uint8array";
  data(socket: BunSocket, chunk: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  close(socket: BunSocket, error?: unknown): void;
  error(socket: BunSocket, error: unknown): void;
  handshake(socket: BunSocket, done: boolean, error: unknown): void;
}

/** Who is told what happens to one socket. */
export interface BunReceiver {
  /** Bytes have come. A paused socket may bring some still, as when the peer resets. */
  arrived(chunk: Uint8Array): void;
  /** The kernel takes bytes again. Bun 1.4 says so when nothing waits, too. */
  drained(): void;
  /** The peer has sent its last. */
  ended(): void;
  /** Something went wrong; `closed` follows. */
  failed(error: unknown): void;
  /** The socket is gone. Behind our own shutdown that is how Bun tells the peer's end. */
  closed(error?: unknown): void;
  /** The TLS handshake is over. */
  handshaken?(done: boolean, error: unknown): void;
}

/** All are synchronous and never throw: Bun would take that for the socket's own error. */
export const handlers: BunHandlers = {
  binaryType: "uint8array",
  data: (socket, chunk) => socket.data?.arrived(chunk),
  drain: (socket) => socket.data?.drained(),
  end: (socket) => socket.data?.ended(),
  close: (socket, error) => socket.data?.closed(error),
  error: (socket, error) => socket.data?.failed(error),
  handshake: (socket, done, error) => socket.data?.handshaken?.(done, error),
};
