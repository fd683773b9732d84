import { ipAddress, unixAddress } from "../address.ts";
import type { BunSocket } from "./socket.ts";
import { BunTlsTransport } from "./tls.ts";
import { BunTransport } from "./transport.ts";
import { connectionError, Failure } from "../connection_error.ts";
import type { Endpoint, TlsOptions, Transport } from "../transport.ts";

/** A plain socket of Bun's, which can start TLS. */
export class BunTcpTransport extends BunTransport {
  readonly #socket: BunSocket;
  readonly #highWaterMark: number;
  readonly #host: string | undefined;
  #secured: BunTlsTransport | undefined = undefined;

  /** @param host The host connected to; `undefined` for an accepted socket. */
  constructor(socket: BunSocket, endpoint: Endpoint, host?: string) {
    const { path, highWaterMark } = endpoint;
    super(socket, {
      highWaterMark,
      localAddress: path ? unixAddress(path) : ipAddress(socket.localAddress, socket.localPort),
      remoteAddress: path ? unixAddress(path) : ipAddress(socket.remoteAddress, socket.remotePort),
    });
    this.#socket = socket;
    this.#highWaterMark = highWaterMark;
    this.#host = host;
    socket.setNoDelay(endpoint.noDelay);
    if (endpoint.keepAlive) socket.setKeepAlive(true, 0);
    // A client's first bytes may belong to TLS, which can start only with bytes that have not been read.
    if (host === undefined) this.pause();
  }

  /** Whether the peer has sent anything. */
  get heard(): boolean {
    return this.#secured?.heard ?? this.unread;
  }

  async startTls(options: TlsOptions, signal?: AbortSignal): Promise<Transport> {
    signal?.throwIfAborted();
    const action = "Cannot start TLS";
    if (this.reading) throw new TypeError(`${action}: a read is pending`);
    if (this.unread) throw connectionError(action, EARLY);
    const { localAddress, remoteAddress } = this;
    let secured: BunTlsTransport;
    try {
      secured = this.#secured = new BunTlsTransport(this.#socket, {
        options,
        host: this.#host,
        highWaterMark: this.#highWaterMark,
        localAddress,
        remoteAddress,
      });
    } catch (error) {
      this.close();
      throw connectionError(action, error);
    }
    this.failed(UPGRADED);
    const abort = () => secured.abandon(signal!.reason);
    signal?.addEventListener("abort", abort);
    try {
      await secured.ready;
      return secured;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  // After the upgrade, the socket itself does nothing any more.
  override ref(): void {
    if (this.#secured === undefined) super.ref();
    else this.#secured.ref();
  }

  override unref(): void {
    if (this.#secured === undefined) super.unref();
    else this.#secured.unref();
  }

  override close(): void {
    if (this.#secured === undefined) super.close();
    else this.#secured.close();
  }

  override abort(): void {
    if (this.#secured === undefined) super.abort();
    else this.#secured.abort();
  }
}

const EARLY: Failure = /* @__PURE__ */ new Failure(
  "tls",
  "the peer has sent plain text that has not been read",
);

const UPGRADED: Failure = /* @__PURE__ */ new Failure("closed", "TLS has been started");
