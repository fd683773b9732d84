import { ipAddress, unixAddress } from "./address.ts";
import { Arrivals } from "./arrivals.ts";
import { type BunHandlers, type BunSocket, handlers } from "./bun_socket.ts";
import { BunTlsTransport } from "./bun_tls.ts";
import { BunTransport } from "./bun_transport.ts";
import { coded } from "./coded.ts";
import type { Acceptor, Endpoint, TlsOptions, Transport } from "./transport.ts";

interface BunListenOptions {
  readonly hostname?: string;
  readonly port?: number;
  readonly unix?: string;
  readonly reusePort?: boolean;
  readonly allowHalfOpen: true;
  readonly socket: BunHandlers & { open(socket: BunSocket): void };
}
interface BunListener {
  readonly port: number;
  stop(closeConnections: boolean): void;
  ref(): void;
  unref(): void;
}
type Coded = Error & { readonly code?: unknown };
declare const Bun: {
  listen(options: BunListenOptions): BunListener;
  udpSocket(options: { connect: { hostname: string; port: number } }): Promise<{ close(): void }>;
};

// What is used of Node's modules, which Bun has too.
interface Dns {
  readonly promises: { lookup(hostname: string): Promise<{ readonly address: string }> };
}
interface Net {
  connect(options: NetConnectOptions): NetSocket;
}
interface NetConnectOptions {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly allowHalfOpen: true;
}
interface NetSocket {
  readonly _handle: BunSocket;
  on(event: "connect", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  destroy(): void;
}
interface Modules {
  getBuiltinModule(name: "node:net"): Net;
  getBuiltinModule(name: "node:dns"): Dns;
}
declare const process: Modules;

/** So many connections may wait to be accepted: Bun takes them off the system's queue at once. */
const MOST_WAITING = 1024;

/**
 * Connects by `node:net`, whose sockets are Bun's own inside, and takes that one over. `Bun.connect`
 * cannot be given up: it keeps the process running until the system has given up itself.
 */
export function connect(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    // An import, used or not, would break bundles for browsers.
    const net = process.getBuiltinModule("node:net");
    const { hostname, port, path } = endpoint;
    const where = path === undefined ? { host: hostname, port } : { path };
    const socket = net.connect({ ...where, allowHalfOpen: true });
    const abort = () => {
      socket.destroy();
      reject(signal!.reason);
    };
    signal?.addEventListener("abort", abort);
    socket.on("error", (error) => {
      signal?.removeEventListener("abort", abort);
      reasonOf(error, endpoint).then(reject);
    });
    // Bun 1.2 to 1.4 call this before any bytes are read, so that none is lost to the first handlers.
    socket.on("connect", () => {
      signal?.removeEventListener("abort", abort);
      socket._handle.reload({ socket: handlers });
      resolve(new BunTcpTransport(socket._handle, endpoint, hostname));
    });
  });
}

/** Listens by `Bun.listen`. */
export async function listen(endpoint: Endpoint): Promise<Acceptor> {
  const { path, port, reusePort } = endpoint;
  const arrivals = new Arrivals<BunTcpTransport>();
  // Bun itself would tell neither the IP address nor, when there is none, the reason.
  const hostname = path === undefined ? await addressOf(endpoint.hostname) : "";
  const listener = Bun.listen({
    ...path === undefined ? { hostname, port, reusePort } : { unix: path },
    allowHalfOpen: true,
    socket: {
      ...handlers,
      open(socket) {
        const transport = new BunTcpTransport(socket, endpoint);
        if (arrivals.waiting < MOST_WAITING) arrivals.push(transport);
        else transport.abort();
      },
    },
  });
  return {
    address: path === undefined ? { hostname, port: listener.port } : unixAddress(path),
    accept: () => arrivals.read(),
    close() {
      listener.stop(false);
      arrivals.end();
      for (const transport of arrivals.clear()) transport.close();
    },
    ref: () => listener.ref(),
    unref: () => listener.unref(),
  };
}

class BunTcpTransport extends BunTransport {
  readonly #socket: BunSocket;
  readonly #highWaterMark: number;
  readonly #host: string | undefined;
  #secured: BunTlsTransport | undefined = undefined;

  /** @param host The host that was connected to; `undefined`: it was accepted. */
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
    // A client's first bytes may be for TLS, which can start only with what has not been read.
    if (host === undefined) this.pause();
  }

  async startTls(options: TlsOptions, signal?: AbortSignal): Promise<Transport> {
    signal?.throwIfAborted();
    if (this.unread) {
      throw coded("ERR_TLS_EARLY", "the peer has sent bytes in plain text that nobody has read");
    }
    const { localAddress, remoteAddress } = this;
    const secured = this.#secured = new BunTlsTransport(this.#socket, {
      options,
      host: this.#host,
      highWaterMark: this.#highWaterMark,
      localAddress,
      remoteAddress,
    });
    const abort = () => secured.failed(signal!.reason);
    signal?.addEventListener("abort", abort);
    try {
      await secured.ready;
      return secured;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  // Once it has gone on by TLS, the socket that it was does nothing any more.
  override close(): void {
    if (this.#secured === undefined) super.close();
    else this.#secured.close();
  }

  override abort(): void {
    if (this.#secured === undefined) super.abort();
    else this.#secured.abort();
  }
}

/**
 * Why connecting has failed. Bun 1.4 says `ECONNREFUSED` also where no way leads to; a datagram socket
 * tells, and connecting it sends nothing.
 */
async function reasonOf(error: Coded, { hostname, port, path }: Endpoint): Promise<Coded> {
  if (error.code !== "ECONNREFUSED" || path !== undefined) return error;
  try {
    const probe = await Bun.udpSocket({ connect: { hostname: await addressOf(hostname), port } });
    probe.close();
    return error;
  } catch (reason) {
    const { code } = reason as Coded;
    return code === "ENETUNREACH" || code === "EHOSTUNREACH" ? reason as Coded : error;
  }
}

async function addressOf(hostname: string): Promise<string> {
  return (await process.getBuiltinModule("node:dns").promises.lookup(hostname)).address;
}
