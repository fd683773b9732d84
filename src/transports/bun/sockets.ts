import { onAbort } from "../../async/on_abort.ts";
import { AcceptQueue } from "../accept_queue.ts";
import { addressLabel, unixAddress } from "../address.ts";
import { type BunHandlers, type BunSocket, handlers } from "./socket.ts";
import { BunTcpTransport } from "./tcp_transport.ts";
import { connectionError } from "../connection_error.ts";
import type { AcceptedTransport, Acceptor, Endpoint, Transport } from "../transport.ts";

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

// The members used of Node's modules, which Bun provides.
interface Dns {
  readonly promises: { lookup(hostname: string): Promise<{ readonly address: string }> };
}
interface Fs {
  openSync(path: string): number;
  closeSync(file: number): void;
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
  getBuiltinModule(name: "node:fs"): Fs;
}
declare const process: Modules;

/** Maximum number of waiting connections: Bun accepts them from the system immediately. */
const MAX_WAITING = 1024;

/**
 * Connects with `node:net` and takes over the Bun socket inside. `Bun.connect` cannot be aborted: it keeps
 * the process running until the system's timeout.
 */
export function connect(
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    // Even an unused import would break browser bundles.
    const net = process.getBuiltinModule("node:net");
    const { hostname, port, path } = endpoint;
    const target = path === undefined ? { host: hostname, port } : { path };
    const socket = net.connect({ ...target, allowHalfOpen: true });
    const ignoreAbort = onAbort(signal, () => {
      socket.destroy();
      reject(signal!.reason);
    });
    socket.on("error", (error) => {
      ignoreAbort();
      const action = `Cannot connect to ${addressLabel(endpoint)}`;
      connectFailure(error, endpoint).then((reason) => reject(connectionError(action, reason)));
    });
    // Bun 1.2 to 1.4 call this before reading any bytes, so none are lost to the first handlers.
    socket.on("connect", () => {
      ignoreAbort();
      socket._handle.reload({ socket: handlers });
      resolve(new BunTcpTransport(socket._handle, endpoint, hostname));
    });
  });
}

/** Listens with `Bun.listen`. */
export async function listen(endpoint: Endpoint): Promise<Acceptor<AcceptedTransport>> {
  const { path, port, reusePort } = endpoint;
  const queue = new AcceptQueue<BunTcpTransport>(MAX_WAITING);
  const socket = {
    ...handlers,
    open(socket: BunSocket) {
      queue.push(new BunTcpTransport(socket, endpoint));
    },
  };
  let hostname = "";
  let listener: BunListener;
  try {
    // Bun itself reports neither the IP address nor why the lookup failed.
    if (path === undefined) hostname = await ipAddressOf(endpoint.hostname);
    const target = path === undefined ? { hostname, port, reusePort } : { unix: path };
    listener = Bun.listen({ ...target, allowHalfOpen: true, socket });
  } catch (error) {
    throw connectionError(
      `Cannot listen on ${addressLabel(endpoint)}`,
      fileShortage(error as Coded) ?? error,
    );
  }
  const address = path === undefined ? { hostname, port: listener.port } : unixAddress(path);
  return queue.acceptor(address, {
    close: () => listener.stop(false),
    ref: () => listener.ref(),
    unref: () => listener.unref(),
  });
}

/**
 * Returns why a connect failed. Bun 1.4 reports `ECONNREFUSED` for unreachable hosts, too; connecting a UDP
 * socket, which sends nothing, distinguishes them.
 */
async function connectFailure(error: Coded, endpoint: Endpoint): Promise<Coded> {
  const { hostname, port, path } = endpoint;
  const shortage = fileShortage(error);
  if (shortage !== undefined) return shortage;
  if (error.code !== "ECONNREFUSED" || path !== undefined) return error;
  try {
    const address = await ipAddressOf(hostname);
    const probe = await Bun.udpSocket({ connect: { hostname: address, port } });
    probe.close();
    return error;
  } catch (reason) {
    const { code } = reason as Coded;
    return code === "ENETUNREACH" || code === "EHOSTUNREACH" ? reason as Coded : error;
  }
}

/**
 * Returns the system's error if no file descriptors are left. Bun 1.4 reports that as `ECONNREFUSED`, as a
 * failed name server, or without a code; opening a file distinguishes it.
 */
function fileShortage({ code }: Coded): Coded | undefined {
  if (code !== undefined && code !== "ECONNREFUSED" && code !== "ESERVFAIL") return undefined;
  const fs = process.getBuiltinModule("node:fs");
  try {
    fs.closeSync(fs.openSync("/dev/null"));
    return undefined;
  } catch (error) {
    const { code } = error as Coded;
    return code === "EMFILE" || code === "ENFILE" ? error as Coded : undefined;
  }
}

async function ipAddressOf(hostname: string): Promise<string> {
  return (await process.getBuiltinModule("node:dns").promises.lookup(hostname)).address;
}
