import { ipAddress, unixAddress } from "../address.ts";
import { Failure } from "../connection_error.ts";
import { NodeSocket, type Socket } from "../node_socket.ts";
import { secure } from "../tls/secure.ts";
import type { Endpoint, TlsOptions, Transport } from "../transport.ts";

/** The members used of a socket of `node:net`. */
export interface NetSocket extends Socket {
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly bytesRead: number;
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

  /** @param host The host connected to; `undefined` for an accepted socket. */
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
      ending: (end) => detectReset(socket, end),
    });
    this.#socket = socket;
    this.#endpoint = endpoint;
    this.#host = host;
  }

  /** Whether the peer has sent anything. */
  get heard(): boolean {
    return this.#socket.bytesRead > 0;
  }

  override abort(): void {
    this.leave();
    const socket = this.#socket;
    // Node has no reset for a Unix domain socket: it fails. While the kernel is about to send the end of the
    // stream, it would fail, too, and never release the socket (Node 20 to 26).
    if (this.#endpoint.path !== undefined) socket.destroy();
    else this.unlessEnding(() => void (socket.destroyed || socket.resetAndDestroy()));
  }

  async startTls(options: TlsOptions, signal?: AbortSignal): Promise<Transport> {
    if (this.reading) throw new TypeError("Cannot start TLS: a read is pending");
    const { highWaterMark } = this.#endpoint;
    return await secure(this, { options, host: this.#host, highWaterMark, signal });
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }
}

/**
 * Finds out whether an end is a reset. Node 20 and 22 report a reset as an end if bytes had arrived before
 * it (libuv#4997, fixed in Node 24). The kernel has no peer any more then. After both sides have finished
 * that is normal: only another read brings the error, if there is one.
 */
function detectReset(socket: NetSocket, end: (failure?: Failure) => void): void {
  const handle = socket._handle;
  const major = Number.parseInt(process.versions.node);
  if (major >= 24 || handle?.getpeername === undefined || handle.getpeername({}) === 0) {
    return end();
  }
  if (!socket.writableEnded) return end(RESET);
  socket._readableState.autoDestroy = false;
  handle.readStart();
  // The second callback comes after a round of the event loop, and after the events of that read.
  setImmediate(() => {
    setImmediate(() => {
      end();
      socket.destroy();
    });
  });
}

const RESET: Failure = /* @__PURE__ */ new Failure("reset", "reset by the peer");
