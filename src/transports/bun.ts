import { Arrivals } from "./arrivals.ts";
import type { Address, Door, Endpoint, Transport } from "./transport.ts";

// What is used of Bun, so that no runtime's types are needed.
interface BunSocket {
  data: BunTransport;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  write(chunk: Uint8Array): number;
  shutdown(): void;
  end(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}
interface BunHandlers {
  readonly binaryType: "uint8array";
  open(socket: BunSocket): void;
  data(socket: BunSocket, chunk: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  close(socket: BunSocket, error?: unknown): void;
  error(socket: BunSocket, error: unknown): void;
}
interface BunListener {
  readonly hostname: string;
  readonly port: number;
  stop(closeConnections: boolean): void;
}
interface BunEndpoint extends Endpoint {
  readonly allowHalfOpen: true;
  readonly socket: BunHandlers;
}
declare const Bun: {
  connect(options: BunEndpoint): Promise<BunSocket>;
  listen(options: BunEndpoint): BunListener;
};

/** Connects by `Bun.connect`. */
export async function connect(
  { hostname, port }: Endpoint,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  signal?.throwIfAborted();
  const connecting = Bun.connect({
    hostname,
    port,
    allowHalfOpen: true,
    socket: handlers(() => {}),
  });
  if (signal === undefined) return (await connecting).data;
  // Bun 1.4 cannot give up connecting: what comes of it later is closed.
  const { promise, abort } = rejectOnAbort(signal);
  try {
    return (await Promise.race([connecting, promise])).data;
  } catch (error) {
    connecting.then((socket) => socket.terminate(), () => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Listens by `Bun.listen`. */
// deno-lint-ignore require-await
export async function listen(endpoint: Endpoint): Promise<Door> {
  const arrivals = new Arrivals<BunTransport>();
  const listener = Bun.listen({
    hostname: endpoint.hostname,
    port: endpoint.port,
    allowHalfOpen: true,
    socket: handlers((transport) => arrivals.push(transport)),
  });
  return {
    address: { hostname: listener.hostname, port: listener.port },
    accept: () => arrivals.read(),
    close() {
      listener.stop(false);
      arrivals.end();
      for (const transport of arrivals.clear()) transport.close();
    },
  };
}

/** All handlers are synchronous and never throw: Bun would take that for the socket's own error. */
function handlers(opened: (transport: BunTransport) => void): BunHandlers {
  return {
    binaryType: "uint8array",
    open(socket) {
      // The option `data` would be one object shared by all connections of a listener.
      socket.data = new BunTransport(socket);
      opened(socket.data);
    },
    data: (socket, chunk) => socket.data.arrivals.push(chunk, chunk.length),
    drain: (socket) => socket.data.drain(),
    end: (socket) => socket.data.arrivals.end(),
    close: (socket, error) => socket.data?.closed(error),
    error: (socket, error) => socket.data?.closed(error),
  };
}

class BunTransport implements Transport {
  readonly #socket: BunSocket;
  readonly arrivals: Arrivals<Uint8Array>;
  /** What the kernel has not taken yet, and who waits for that. */
  #rest: Uint8Array = EMPTY;
  #writer: { resolve(): void; reject(error: unknown): void } | undefined = undefined;
  #closedHere = false;
  #error: unknown = undefined;
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  constructor(socket: BunSocket) {
    this.#socket = socket;
    this.arrivals = new Arrivals(socket);
    this.localAddress = { hostname: socket.localAddress, port: socket.localPort };
    this.remoteAddress = { hostname: socket.remoteAddress, port: socket.remotePort };
  }

  read(): Promise<Uint8Array | undefined> {
    return this.arrivals.read();
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    const written = this.#error === undefined ? this.#socket.write(chunk) : -1;
    if (written === chunk.length) return undefined;
    if (written < 0) return Promise.reject(this.#error ?? coded("EPIPE", "the socket is closed"));
    this.#rest = chunk.subarray(written);
    return new Promise((resolve, reject) => this.#writer = { resolve, reject });
  }

  /** The kernel takes bytes again. Bun calls this when nothing is pending, too. */
  drain(): void {
    if (this.#writer === undefined) return;
    const written = this.#socket.write(this.#rest);
    if (written < 0) return this.closed(coded("EPIPE", "the socket is closed"));
    this.#rest = this.#rest.subarray(written);
    if (this.#rest.length > 0) return;
    const writer = this.#writer;
    this.#writer = undefined;
    writer.resolve();
  }

  /** The socket is gone. Behind our own shutdown that is how Bun tells the peer's end. */
  closed(error: unknown): void {
    this.#error ??= error ?? coded("ECONNABORTED", "the socket is closed");
    this.arrivals.end(error === undefined || this.#closedHere ? {} : { error });
    this.#writer?.reject(this.#error);
    this.#writer = undefined;
  }

  // deno-lint-ignore require-await
  async closeWrite(): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    this.#socket.shutdown();
  }

  close(): void {
    this.#closedHere = true;
    this.#socket.end();
  }
}

function rejectOnAbort(signal: AbortSignal): { promise: Promise<never>; abort: () => void } {
  let abort = () => {};
  const promise = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
  });
  return { promise, abort };
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

const EMPTY: Uint8Array = new Uint8Array(0);
