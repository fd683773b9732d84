import { ipAddress, unixAddress } from "../address.ts";
import { detectReset, type HandleSocket } from "./detect_reset.ts";
import { NodeSocket, type Socket } from "../node_socket.ts";
import { startTls } from "../tls/start_tls.ts";
import type { Endpoint, TlsOptions, Transport } from "../transport.ts";

/** The members used of a socket of `node:net`. */
export interface NetSocket extends Socket, HandleSocket {
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly bytesRead: number;
  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "connect" | "end" | "close", listener: () => void): this;
  off(event: "error", listener: (error: Error) => void): this;
  destroy(): this;
  pause(): this;
  resume(): this;
  resetAndDestroy(): this;
  ref(): this;
  unref(): this;
}

/** A transport over a socket of `node:net`. */
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
      checkEnd: (end) => detectReset(socket, end),
    });
    this.#socket = socket;
    this.#endpoint = endpoint;
    this.#host = host;
  }

  /** Whether the peer has sent any bytes. */
  get hasReceived(): boolean {
    return this.#socket.bytesRead > 0;
  }

  override abort(): void {
    this.closeLocally();
    const socket = this.#socket;
    // A reset fails on a Unix domain socket. It also fails while the socket is sending the end of the
    // stream, and the socket is then never released (Node 20 to 26).
    if (this.#endpoint.path !== undefined) socket.destroy();
    else this.afterSendingEnd(() => void (socket.destroyed || socket.resetAndDestroy()));
  }

  async startTls(
    options: TlsOptions,
    signal?: AbortSignal,
    received?: Uint8Array,
  ): Promise<Transport> {
    if (this.received.reading) throw new TypeError("Cannot start TLS: a read is pending");
    const { highWaterMark } = this.#endpoint;
    return await startTls(this, { options, host: this.#host, highWaterMark, signal, received });
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }
}
