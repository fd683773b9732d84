import type { Door, Endpoint, Transport } from "./transport.ts";

// What is used of Deno, so that no runtime's types are needed.
interface DenoAddress {
  readonly hostname: string;
  readonly port: number;
}
interface DenoConn {
  readonly localAddr: DenoAddress;
  readonly remoteAddr: DenoAddress;
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  setNoDelay(noDelay: boolean): void;
}
interface DenoListener {
  readonly addr: DenoAddress;
  accept(): Promise<DenoConn>;
  close(): void;
}
declare const Deno: {
  connect(
    options: { hostname: string; port: number; signal?: AbortSignal },
  ): Promise<DenoConn>;
  listen(options: { hostname: string; port: number }): DenoListener;
};

/** How much is read at a time: a fresh buffer of this size costs 15 to 30 µs, so one is kept. */
const BUFFER = 65_536;

/** A read of up to so many bytes is copied out of the buffer; a larger one takes the buffer along. */
const COPY_UP_TO = 16_384;

/** Connects by `Deno.connect`. */
export async function connect(
  { hostname, port }: Endpoint,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  const options = { hostname, port };
  return new DenoTransport(await Deno.connect(signal ? { ...options, signal } : options));
}

/** Listens by `Deno.listen`. */
// deno-lint-ignore require-await
export async function listen(endpoint: Endpoint): Promise<Door> {
  const listener = Deno.listen({ hostname: endpoint.hostname, port: endpoint.port });
  const { hostname, port } = listener.addr;
  let closed = false;
  return {
    address: { hostname, port },
    async accept() {
      if (closed) return undefined;
      try {
        return new DenoTransport(await listener.accept());
      } catch (error) {
        if (closed) return undefined;
        throw error;
      }
    },
    close() {
      if (!closed) listener.close();
      closed = true;
    },
  };
}

/** Reads and writes by the plain calls: `conn.readable` closes the whole connection at its end. */
class DenoTransport implements Transport {
  readonly #conn: DenoConn;
  #buffer: Uint8Array = EMPTY;
  #closed = false;
  readonly localAddress: DenoAddress;
  readonly remoteAddress: DenoAddress;

  constructor(conn: DenoConn) {
    this.#conn = conn;
    this.localAddress = { hostname: conn.localAddr.hostname, port: conn.localAddr.port };
    this.remoteAddress = { hostname: conn.remoteAddr.hostname, port: conn.remoteAddr.port };
    conn.setNoDelay(true);
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#buffer.length === 0) this.#buffer = new Uint8Array(BUFFER);
    const buffer = this.#buffer;
    const count = await this.#conn.read(buffer);
    if (count === null) return undefined;
    if (count <= COPY_UP_TO) return buffer.slice(0, count);
    this.#buffer = EMPTY;
    return buffer.subarray(0, count);
  }

  /** Deno writes what fits and says how much that was. */
  async write(chunk: Uint8Array): Promise<void> {
    let written = await this.#conn.write(chunk);
    while (written < chunk.length) written += await this.#conn.write(chunk.subarray(written));
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);
