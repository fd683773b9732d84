import { NOTHING } from "../../bytes/nothing.ts";
import { ReadSize } from "../../bytes/read_size.ts";
import {
  CLOSED_LOCALLY,
  connectionError,
  failureOf,
  type TransportFailure,
  WRITE_CLOSED,
} from "../connection_error.ts";
import type { Address, Endpoint, Transport } from "../transport.ts";

/** The members used of Deno's addresses. */
export interface DenoAddress {
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: string | null;
}

/** The members used of Deno's connections, apart from their addresses. */
export interface DenoPipe {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  ref(): void;
  unref(): void;
}

/** The members used of Deno's connections. */
export interface DenoConn extends DenoPipe {
  readonly localAddr: DenoAddress;
  readonly remoteAddr: DenoAddress;
  // Unix domain sockets have neither.
  setNoDelay?(noDelay: boolean): void;
  setKeepAlive?(keepAlive: boolean): void;
}

/** Maximum length of a read that is copied from the buffer; a longer one keeps the buffer. */
const MAX_COPY = 16_384;

/** A transport over a `Deno.Conn`. It does not use `conn.readable`, whose end closes the connection. */
export class DenoTransport implements Transport {
  readonly #conn: DenoPipe;
  /** The buffer of `read`, reused because allocating 64 KiB costs 15 to 30 µs. */
  #buffer: Uint8Array = NOTHING;
  #size: ReadSize | undefined;
  #reading = false;
  #hasReceived = false;
  #written = 0;
  #finished = false;
  #closed = false;
  /** The first failure: Deno reports a reset only once, and then the end of the stream. */
  #failure: TransportFailure | undefined;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;

  constructor(conn: DenoPipe, localAddress?: Address, remoteAddress?: Address) {
    this.#conn = conn;
    this.localAddress = localAddress;
    this.remoteAddress = remoteAddress;
  }

  get written(): number {
    return this.#written;
  }

  /** Whether the peer has sent any bytes. */
  get hasReceived(): boolean {
    return this.#hasReceived;
  }

  async read(): Promise<Uint8Array | undefined> {
    const size = this.#size ??= new ReadSize();
    if (this.#buffer.length !== size.length) this.#buffer = new Uint8Array(size.length);
    const buffer = this.#buffer;
    const count = await this.readInto(buffer);
    if (count === undefined) return undefined;
    size.note(count, buffer.length);
    if (count <= MAX_COPY) return buffer.slice(0, count);
    this.#buffer = NOTHING;
    return buffer.subarray(0, count);
  }

  async readInto(memory: Uint8Array): Promise<number | undefined> {
    if (this.#closed) return undefined;
    if (this.#reading) throw new TypeError("Cannot read: another read is pending");
    this.#reading = true;
    try {
      const count = await this.#conn.read(memory);
      if (count !== null) {
        this.#hasReceived = true;
        return count;
      }
    } catch (error) {
      if (this.#closed) return undefined;
      throw this.#fail("Cannot receive", error);
    } finally {
      this.#reading = false;
    }
    if (this.#failure !== undefined) throw connectionError("Cannot receive", this.#failure);
    return undefined;
  }

  /** Repeats partial writes: Deno writes what fits, and returns the number of bytes. */
  async write(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#finished) {
      throw connectionError("Cannot send", this.#closed ? CLOSED_LOCALLY : WRITE_CLOSED);
    }
    try {
      for (const chunk of chunks) {
        for (let offset = 0; offset < chunk.length;) {
          const count = await this.#conn.write(offset === 0 ? chunk : chunk.subarray(offset));
          offset += count;
          this.#written += count;
        }
      }
    } catch (error) {
      throw this.#fail("Cannot send", error);
    }
  }

  async closeWrite(): Promise<void> {
    this.#finished = true;
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      throw this.#fail("Cannot finish sending", error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#conn.close();
    } catch {
      // The connection has already been closed elsewhere.
    }
  }

  /** Deno 2.9 cannot reset a connection. */
  abort(): void {
    this.close();
  }

  ref(): void {
    this.#conn.ref();
  }

  unref(): void {
    this.#conn.unref();
  }

  /** Whether a read is pending. */
  protected get reading(): boolean {
    return this.#reading;
  }

  #fail(action: string, cause: unknown): Error {
    if (this.#closed) return connectionError(action, CLOSED_LOCALLY);
    this.#failure ??= failureOf(cause);
    return connectionError(action, this.#failure);
  }
}

/** Converts a Deno address. Both ends of a Unix domain socket have the path of its endpoint. */
export function addressOf(
  { hostname = "", port = 0 }: DenoAddress,
  { path }: Pick<Endpoint, "path">,
): Address {
  return path === undefined ? { hostname, port } : { hostname: "", port: 0, path };
}
