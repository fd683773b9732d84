import { coded } from "./coded.ts";
import { ReadSize } from "../bytes/read_size.ts";
import { secure } from "./tls.ts";
import type { Address, Endpoint, TlsOptions, Transport } from "./transport.ts";

/** What is used of Deno's addresses. */
export interface DenoAddress {
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: string | null;
}

/** What is used of Deno's connections. */
export interface DenoConn {
  readonly localAddr: DenoAddress;
  readonly remoteAddr: DenoAddress;
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  ref(): void;
  unref(): void;
  // Sockets of the Unix domain have neither.
  setNoDelay?(noDelay: boolean): void;
  setKeepAlive?(keepAlive: boolean): void;
}

/** A read of up to so many bytes is copied out of the buffer; a larger one takes the buffer along. */
const COPY_UP_TO = 16_384;

/** Reads and writes by the plain calls: `conn.readable` closes the whole connection at its end. */
export class DenoTransport implements Transport {
  readonly #conn: DenoConn;
  readonly #endpoint: Endpoint;
  readonly #host: string | undefined;
  /** It is kept, since a fresh one of 64 KiB costs 15 to 30 µs. */
  #buffer: Uint8Array = EMPTY;
  readonly #size: ReadSize = new ReadSize();
  #closed = false;
  /** The first failure. Deno tells of a reset once, who reads or who writes, and of an end from then on. */
  #failure: { readonly error: unknown } | undefined = undefined;
  #written = 0;
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  /** @param host The host that was connected to; without it the connection was accepted. */
  constructor(conn: DenoConn, endpoint: Endpoint, host?: string) {
    this.#conn = conn;
    this.#endpoint = endpoint;
    this.#host = host;
    this.localAddress = addressOf(conn.localAddr, endpoint);
    this.remoteAddress = addressOf(conn.remoteAddr, endpoint);
    const { noDelay, keepAlive } = endpoint;
    try {
      if (noDelay) conn.setNoDelay?.(true);
      if (keepAlive) conn.setKeepAlive?.(true);
    } catch {
      // The peer has reset the connection already: the first read will tell.
    }
  }

  get written(): number {
    return this.#written;
  }

  async read(): Promise<Uint8Array | undefined> {
    const buffer = this.#ownBuffer();
    const count = await this.readInto(buffer);
    if (count === undefined) return undefined;
    this.#size.note(count, buffer.length);
    if (count <= COPY_UP_TO) return buffer.slice(0, count);
    this.#buffer = EMPTY;
    return buffer.subarray(0, count);
  }

  async readInto(memory: Uint8Array): Promise<number | undefined> {
    if (this.#closed) return undefined;
    try {
      const count = await this.#conn.read(memory);
      if (count !== null) return count;
    } catch (error) {
      if (this.#closed) return undefined;
      throw this.#fail(error);
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    return undefined;
  }

  #ownBuffer(): Uint8Array {
    const { length } = this.#size;
    if (this.#buffer.length !== length) this.#buffer = new Uint8Array(length);
    return this.#buffer;
  }

  /** Deno writes what fits, and returns the number of bytes. */
  async write(chunks: readonly Uint8Array[]): Promise<void> {
    try {
      for (const chunk of chunks) {
        for (let at = 0; at < chunk.length;) {
          const count = await this.#conn.write(at === 0 ? chunk : chunk.subarray(at));
          at += count;
          this.#written += count;
        }
      }
    } catch (error) {
      throw this.#fail(error);
    }
  }

  async closeWrite(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  /** Deno 2.9 cannot reset a connection. */
  abort(): void {
    this.close();
  }

  startTls(options: TlsOptions, signal?: AbortSignal): Promise<Transport> {
    const { highWaterMark } = this.#endpoint;
    return secure(this, { options, host: this.#host, highWaterMark, signal });
  }

  ref(): void {
    this.#conn.ref();
  }

  unref(): void {
    this.#conn.unref();
  }

  /** What a call of Deno's that has failed is to throw. */
  #fail(error: unknown): unknown {
    if (this.#closed) return coded("ECONNABORTED", "the socket was closed here");
    this.#failure ??= { error };
    return error;
  }
}

/** An address as we tell it. */
export function addressOf({ hostname = "", port = 0 }: DenoAddress, { path }: Endpoint): Address {
  return path === undefined ? { hostname, port } : { hostname: "", port: 0, path };
}

const EMPTY: Uint8Array = new Uint8Array(0);
