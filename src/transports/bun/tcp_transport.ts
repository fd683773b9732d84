import { onAbort } from "../../async/on_abort.ts";
import { concat } from "../../bytes/concat.ts";
import { NOTHING } from "../../bytes/nothing.ts";
import { ipAddress, unixAddress } from "../address.ts";
import type { BunSocket } from "./socket.ts";
import { BunTlsTransport } from "./tls.ts";
import { BunTransport } from "./transport.ts";
import { connectionError, TransportFailure } from "../connection_error.ts";
import type { Endpoint, TlsOptions, Transport } from "../transport.ts";

/** A transport over a plain Bun socket, which can start TLS. */
export class BunTcpTransport extends BunTransport {
  readonly #socket: BunSocket;
  readonly #highWaterMark: number;
  readonly #host: string | undefined;
  #upgraded: BunTlsTransport | undefined;

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
    // A client's first bytes may belong to TLS, which can start only while they are unread.
    if (host === undefined) this.received.pause();
  }

  /** Whether the peer has sent any bytes. */
  get hasReceived(): boolean {
    return this.#upgraded?.hasReceived ?? this.received.length > 0;
  }

  async startTls(
    options: TlsOptions,
    signal?: AbortSignal,
    received?: Uint8Array,
  ): Promise<Transport> {
    signal?.throwIfAborted();
    const action = "Cannot start TLS";
    if (this.received.reading) throw new TypeError(`${action}: a read is pending`);
    if (this.received.length > 0 && received === undefined) {
      throw connectionError(action, UNREAD_PLAINTEXT);
    }
    const { localAddress, remoteAddress } = this;
    let upgraded: BunTlsTransport;
    try {
      upgraded = this.#upgraded = new BunTlsTransport(this.#socket, {
        options,
        host: this.#host,
        highWaterMark: this.#highWaterMark,
        localAddress,
        remoteAddress,
        received: concat([received ?? NOTHING, ...this.received.items()]),
      });
      this.received.clear();
    } catch (error) {
      this.close();
      throw connectionError(action, error);
    }
    this.failed(UPGRADED);
    const ignoreAbort = onAbort(signal, () => upgraded.abandon(signal!.reason));
    await upgraded.ready.finally(ignoreAbort);
    return upgraded;
  }

  // After the upgrade, only the TLS transport affects the socket.
  override ref(): void {
    if (this.#upgraded === undefined) super.ref();
    else this.#upgraded.ref();
  }

  override unref(): void {
    if (this.#upgraded === undefined) super.unref();
    else this.#upgraded.unref();
  }

  override close(): void {
    if (this.#upgraded === undefined) super.close();
    else this.#upgraded.close();
  }

  override abort(): void {
    if (this.#upgraded === undefined) super.abort();
    else this.#upgraded.abort();
  }
}

const UNREAD_PLAINTEXT: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "tls",
  "the peer has sent plaintext that has not been read",
);

const UPGRADED: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "closed",
  "TLS has been started",
);
