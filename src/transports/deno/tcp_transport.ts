import { addressOf, type DenoConn, DenoTransport } from "./transport.ts";
import { secure } from "../tls/secure.ts";
import type { Endpoint, TlsOptions, Transport } from "../transport.ts";

/** A plain socket of Deno's that was made here, and can start TLS. */
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
      // The peer has reset the connection already: the first read will report it.
    }
  }

  async startTls(options: TlsOptions, signal?: AbortSignal): Promise<Transport> {
    if (this.reading) throw new TypeError("Cannot start TLS: a read is pending");
    const { highWaterMark } = this.#endpoint;
    return await secure(this, { options, host: this.#host, highWaterMark, signal });
  }
}
