import { ipAddress, unixAddress } from "./address.ts";
import { coded } from "./coded.ts";
import { NodeSocket, type Socket } from "./node_socket.ts";
import { secure } from "./tls.ts";
import type { Endpoint, TlsOptions, Transport } from "./transport.ts";

/** What is used of a socket of `node:net`. */
export interface NetSocket extends Socket {
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly writableEnded: boolean;
  readonly _handle?: {
    getpeername?(name: Record<string, unknown>): number;
    readStart(): number;
  };
  readonly _readableState: { autoDestroy: boolean };
  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "connect" | "end" | "close", listener: () => void): this;
  off(event: "error", listener: (error: Error) => void): this;
  pause(): this;
  resume(): this;
  resetAndDestroy(): this;
  ref(): this;
  unref(): this;
}
declare const process: { readonly versions: { readonly node: string } };
declare function setImmediate(callback: () => void): void;

/** A socket of `node:net` as a transport. */
export class NetTransport extends NodeSocket {
  readonly #socket: NetSocket;
  readonly #endpoint: Endpoint;
  readonly #host: string | undefined;

  /** @param host The host that was connected to; without it the socket was accepted. */
  constructor(socket: NetSocket, endpoint: Endpoint, host?: string) {
    const { path, highWaterMark } = endpoint;
    super(socket, {
      localAddress: path === undefined
        ? ipAddress(socket.localAddress, socket.localPort)
        : unixAddress(path),
      remoteAddress: path === undefined
        ? ipAddress(socket.remoteAddress, socket.remotePort)
        : unixAddress(path),
      highWaterMark,
      flow: socket,
      ending: (end) => tellReset(socket, end),
    });
    this.#socket = socket;
    this.#endpoint = endpoint;
    this.#host = host;
  }

  override abort(): void {
    this.leave();
    if (this.#socket.destroyed) return;
    // Node has no reset for a Unix domain socket: it fails.
    if (this.#endpoint.path === undefined) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  startTls(options: TlsOptions, signal?: AbortSignal): Promise<Transport> {
    const { highWaterMark } = this.#endpoint;
    return secure(this, { options, host: this.#host, highWaterMark, signal });
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }
}

/**
 * Finds out whether an end is a reset. Node 20 and 22 tell of one as of an end when bytes had arrived
 * before it (libuv#4997, fixed in Node 24). The kernel has no peer any more then. Where both sides have
 * finished that is as it should be: only reading once more brings the error, if there is one.
 */
function tellReset(socket: NetSocket, end: (error?: unknown) => void): void {
  const handle = socket._handle;
  const major = Number.parseInt(process.versions.node);
  if (major >= 24 || handle?.getpeername === undefined || handle.getpeername({}) === 0) {
    return end();
  }
  if (!socket.writableEnded) return end(coded("ECONNRESET", "read ECONNRESET"));
  socket._readableState.autoDestroy = false;
  handle.readStart();
  // The second one comes behind a round of the event loop, and what that has read.
  setImmediate(() => {
    setImmediate(() => {
      end();
      socket.destroy();
    });
  });
}
