import { addressOf, type DenoConn, DenoTransport } from "./transport.ts";
import { startTls } from "../tls/start_tls.ts";
import type { Endpoint, TlsOptions, Transport } from "../transport.ts";

/** A transport over a socket from `Deno.connect` or `Deno.listen`, which can start TLS. */
export class DenoTcpTransport extends DenoTransport {
  readonly #endpoint: Endpoint;
  readonly #host: string | undefined;

  /** @param host The host connected to; `undefined` for an accepted socket. */
  constructor(conn: DenoConn, endpoint: Endpoint, host?: string) {
    super(conn, addressOf(conn.localAddr, endpoint), addressOf(conn.remoteAddr, endpoint));
    this.#endpoint = endpoint;
    this.#host = host;
    const { noDelay, keepAlive } = endpoint;
    try {
      if (noDelay) conn.setNoDelay?.(true);
      if (keepAlive) conn.setKeepAlive?.(true);
    } catch {
      // The peer has already reset the connection: the first read will report it.
    }
  }

  /** Resumes no session: Deno 2.9 would report every resumed one as verified, and knows none of TLS 1.3. */
  async startTls(
    { sessions: _, ...options }: TlsOptions,
    signal?: AbortSignal,
    received?: Uint8Array,
  ): Promise<Transport> {
    if (this.reading) throw new TypeError("Cannot start TLS: a read is pending");
    const { highWaterMark } = this.#endpoint;
    return await startTls(this, { options, host: this.#host, highWaterMark, signal, received });
  }
}
