import { secure } from "./tls.ts";
import type { Address, Door, Endpoint, TlsOptions, Transport } from "./transport.ts";

// What is used of Deno, so that no runtime's types are needed.
interface DenoAddress {
  readonly hostname?: string;
  readonly port?: number;
  readonly path?: string | null;
}
interface DenoConn {
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
interface DenoListener {
  readonly addr: DenoAddress;
  accept(): Promise<DenoConn>;
  close(): void;
  ref(): void;
  unref(): void;
}
type Place =
  | { readonly transport: "unix"; readonly path: string }
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number };
declare const Deno: {
  connect(options: Place & { readonly signal: AbortSignal }): Promise<DenoConn>;
  listen(
    options: Place & { readonly reusePort?: boolean; readonly tcpBacklog?: number },
  ): DenoListener;
};

/** So many connections may wait in the kernel to be accepted. */
const BACKLOG = 1024;

/** How much is read at a time: a fresh buffer of this size costs 15 to 30 µs, so one is kept. */
const BUFFER = 65_536;

/** A read of up to so many bytes is copied out of the buffer; a larger one takes the buffer along. */
const COPY_UP_TO = 16_384;

/**
 * Milliseconds that a connect goes on which was given up. Deno 2.9 leaves a connection open for ever that
 * is made at the moment its signal comes; one that is made before is closed by whoever gave up.
 */
const GRACE = 1_000;

/** Connects by `Deno.connect`. */
export async function connect(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  signal?.throwIfAborted();
  const late = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abort = () => timer = setTimeout(() => late.abort(signal!.reason), GRACE);
  signal?.addEventListener("abort", abort);
  try {
    const conn = await Deno.connect({ ...placeOf(endpoint), signal: late.signal });
    return new DenoTransport(conn, endpoint, endpoint.hostname);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** Listens by `Deno.listen`. */
// deno-lint-ignore require-await
export async function listen(endpoint: Endpoint): Promise<Door> {
  const place = placeOf(endpoint);
  const { reusePort = false } = endpoint;
  // Deno 2.9 would end the process.
  if (reusePort && !("listenDatagram" in Deno)) {
    throw coded("ERR_UNSUPPORTED", "reusePort needs `deno run --unstable-net`");
  }
  const listener = Deno.listen(
    place.transport === "unix" ? place : { ...place, reusePort, tcpBacklog: BACKLOG },
  );
  let closed = false;
  return {
    address: addressOf(listener.addr, endpoint),
    async accept() {
      if (closed) return undefined;
      try {
        const conn = await listener.accept();
        return new DenoTransport(conn, endpoint);
      } catch (error) {
        if (closed) return undefined;
        throw error;
      }
    },
    close() {
      if (!closed) listener.close();
      closed = true;
    },
    ref: () => listener.ref(),
    unref: () => listener.unref(),
  };
}

/** Reads and writes by the plain calls: `conn.readable` closes the whole connection at its end. */
class DenoTransport implements Transport {
  readonly #conn: DenoConn;
  readonly #endpoint: Endpoint;
  readonly #host: string | undefined;
  #buffer: Uint8Array = EMPTY;
  #closed = false;
  /** The first failure. Deno tells of a reset once, who reads or who writes, and of an end from then on. */
  #failure: { readonly error: unknown } | undefined = undefined;
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  /** @param host The host that was connected to; without it the connection was accepted. */
  constructor(conn: DenoConn, endpoint: Endpoint, host?: string) {
    this.#conn = conn;
    this.#endpoint = endpoint;
    this.#host = host;
    this.localAddress = addressOf(conn.localAddr, endpoint);
    this.remoteAddress = addressOf(conn.remoteAddr, endpoint);
    const { noDelay = true, keepAlive = false } = endpoint;
    try {
      if (noDelay) conn.setNoDelay?.(true);
      if (keepAlive) conn.setKeepAlive?.(true);
    } catch {
      // The peer has reset the connection already: the first read will tell.
    }
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#closed) return undefined;
    if (this.#buffer.length === 0) this.#buffer = new Uint8Array(BUFFER);
    const buffer = this.#buffer;
    let count: number | null;
    try {
      count = await this.#conn.read(buffer);
    } catch (error) {
      if (this.#closed) return undefined;
      throw this.#fail(error);
    }
    if (count === null) {
      if (this.#failure !== undefined) throw this.#failure.error;
      return undefined;
    }
    if (count <= COPY_UP_TO) return buffer.slice(0, count);
    this.#buffer = EMPTY;
    return buffer.subarray(0, count);
  }

  /** Deno writes what fits and says how much that was. */
  async write(chunk: Uint8Array): Promise<void> {
    try {
      let written = await this.#conn.write(chunk);
      while (written < chunk.length) written += await this.#conn.write(chunk.subarray(written));
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

function placeOf({ hostname, port, path }: Endpoint): Place {
  return path === undefined ? { transport: "tcp", hostname, port } : { transport: "unix", path };
}

function addressOf({ hostname = "", port = 0 }: DenoAddress, { path }: Endpoint): Address {
  return path === undefined ? { hostname, port } : { hostname: "", port: 0, path };
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

const EMPTY: Uint8Array = new Uint8Array(0);
