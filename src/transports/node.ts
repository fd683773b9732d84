import { Arrivals } from "./arrivals.ts";
import type { Address, Door, Endpoint, Transport } from "./transport.ts";

// What is used of node:net, so that no runtime's types are needed.
interface Socket {
  readonly destroyed: boolean;
  readonly writableLength: number;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  on(event: "data", listener: (chunk: Uint8Array) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "connect" | "end" | "close", listener: () => void): this;
  off(event: "error", listener: (error: Error) => void): this;
  write(chunk: Uint8Array, callback: (error?: Error | null) => void): boolean;
  end(callback: () => void): this;
  pause(): this;
  resume(): this;
  destroy(): this;
}
interface Server {
  address(): { readonly address: string; readonly port: number };
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "connection", listener: (socket: Socket) => void): this;
  listen(options: { host: string; port: number }, callback: () => void): this;
  close(): this;
}
interface Net {
  connect(
    options: { host: string; port: number; noDelay: boolean; allowHalfOpen: boolean },
  ): Socket;
  createServer(options: { noDelay: boolean; allowHalfOpen: boolean }): Server;
}
declare const process: { getBuiltinModule(name: "node:net"): Net };

/** Connects by `node:net`. */
export function connect(
  { hostname, port }: Endpoint,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = net().connect({ host: hostname, port, noDelay: true, allowHalfOpen: true });
    const settle = () => {
      socket.off("error", fail);
      signal?.removeEventListener("abort", abort);
    };
    // Node's own `signal` option would go on to destroy the connection after it is made.
    const abort = () => {
      socket.on("error", () => {});
      settle();
      socket.destroy();
      reject(signal!.reason);
    };
    const fail = (error: Error) => {
      settle();
      reject(error);
    };
    signal?.addEventListener("abort", abort);
    socket.on("error", fail);
    socket.on("connect", () => {
      const transport = new NodeTransport(socket);
      settle();
      resolve(transport);
    });
  });
}

/** Listens by `node:net`. */
export function listen({ hostname, port }: Endpoint): Promise<Door> {
  return new Promise((resolve, reject) => {
    const server = net().createServer({ noDelay: true, allowHalfOpen: true });
    const arrivals = new Arrivals<NodeTransport>();
    server.on("error", reject);
    server.on("connection", (socket) => arrivals.push(new NodeTransport(socket)));
    server.listen({ host: hostname, port }, () => {
      const { address, port } = server.address();
      resolve({
        address: { hostname: address, port },
        accept: () => arrivals.read(),
        close() {
          server.close();
          arrivals.end();
          for (const transport of arrivals.clear()) transport.close();
        },
      });
    });
  });
}

class NodeTransport implements Transport {
  readonly #socket: Socket;
  readonly #arrivals: Arrivals<Uint8Array>;
  /** What ends the wait for a write when the socket goes first: Node calls back for none of them then. */
  #giveUp: ((error: unknown) => void) | undefined = undefined;
  #error: unknown = undefined;
  readonly localAddress: Address | undefined;
  readonly remoteAddress: Address | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.localAddress = addressOf(socket.localAddress, socket.localPort);
    this.remoteAddress = addressOf(socket.remoteAddress, socket.remotePort);
    const arrivals = this.#arrivals = new Arrivals(socket);
    socket.on("error", (error) => {
      this.#error ??= error;
      arrivals.end({ error });
    });
    socket.on("close", () => {
      this.#error ??= coded("ECONNABORTED", "the socket is closed");
      arrivals.end({ error: this.#error });
      this.#giveUp?.(this.#error);
    });
    socket.on("end", () => arrivals.end());
    // A plain view: a Buffer has another `slice`.
    socket.on("data", (chunk) => {
      arrivals.push(
        new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length),
        chunk.length,
      );
    });
  }

  read(): Promise<Uint8Array | undefined> {
    return this.#arrivals.read();
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    let settled: ((error?: Error | null) => void) | undefined;
    this.#socket.write(chunk, (error) => settled?.(error));
    // Nothing waits in the socket's own queue: the kernel has taken all of it already.
    if (this.#socket.writableLength === 0) return undefined;
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      settled = (error) => error ? reject(error) : resolve();
    });
  }

  closeWrite(): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      this.#socket.end(() => this.#error === undefined ? resolve() : reject(this.#error));
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

function net(): Net {
  // An import, used or not, would break bundles for browsers.
  return process.getBuiltinModule("node:net");
}

function addressOf(hostname: string | undefined, port: number | undefined): Address | undefined {
  return hostname === undefined || port === undefined ? undefined : { hostname, port };
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
