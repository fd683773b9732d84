import { onAbort } from "../../async/on_abort.ts";
import { AcceptQueue } from "../accept_queue.ts";
import { addressLabel, unixAddress } from "../address.ts";
import { connectionError, TransportFailure } from "../connection_error.ts";
import { nodeVersion } from "./node_version.ts";
import { type NetSocket, NetTransport } from "./transport.ts";
import type { AcceptedTransport, Acceptor, Endpoint, Transport } from "../transport.ts";

// The members used of node:net.
interface NetSocketOptions {
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
  readonly allowHalfOpen: true;
}
type Target = { readonly path: string } | { readonly host: string; readonly port: number };
interface Server {
  address(): string | { readonly address: string; readonly port: number };
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "connection", listener: (socket: NetSocket) => void): this;
  listen(
    options: Target & { readonly backlog: number; readonly reusePort: boolean },
    callback: () => void,
  ): this;
  close(): this;
  ref(): this;
  unref(): this;
}
interface Net {
  connect(options: Target & NetSocketOptions): NetSocket;
  createServer(options: NetSocketOptions): Server;
}
declare const process: {
  getBuiltinModule(name: "node:net"): Net;
  getBuiltinModule(name: "node:fs"): { existsSync(path: string): boolean };
  getBuiltinModule(name: "node:path"): { dirname(path: string): string };
  readonly permission?: { has(scope: string): boolean };
};

/** Maximum number of waiting connections: in the kernel, and again in the queue. */
const MAX_WAITING = 1024;

/** Connects with `node:net`. */
export function connect(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<Transport> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = net().connect({ ...targetOf(endpoint), ...socketOptions(endpoint) });
    const settle = () => {
      socket.off("error", fail);
      ignoreAbort();
    };
    // Node's `signal` option would also destroy the connection once it is established.
    const abort = () => {
      socket.on("error", () => {});
      settle();
      socket.destroy();
      reject(signal!.reason);
    };
    const fail = (error: Error) => {
      settle();
      reject(connectionError(`Cannot connect to ${addressLabel(endpoint)}`, error));
    };
    const ignoreAbort = onAbort(signal, abort);
    socket.on("error", fail);
    socket.on("connect", () => {
      const transport = new NetTransport(socket, endpoint, endpoint.hostname);
      settle();
      resolve(transport);
    });
  });
}

/** Listens with `node:net`. */
export function listen(endpoint: Endpoint): Promise<Acceptor<AcceptedTransport>> {
  return new Promise((resolve, reject) => {
    const { path, reusePort } = endpoint;
    const action = `Cannot listen on ${addressLabel(endpoint)}`;
    if (reusePort && nodeVersion() < 22) throw connectionError(action, REUSE_PORT_UNSUPPORTED);
    if (!listenAllowed()) throw connectionError(action, LISTEN_DENIED);
    const server = net().createServer(socketOptions(endpoint));
    const queue = new AcceptQueue<NetTransport>(MAX_WAITING);
    server.on("error", (error) => {
      reject(connectionError(action, causeOf(error, path)));
      // Once the server is listening, errors come from accepting.
      queue.fail(connectionError("Cannot accept a connection", error));
    });
    server.on("connection", (socket) => {
      queue.push(new NetTransport(socket, endpoint));
    });
    const options = {
      ...targetOf(endpoint),
      backlog: MAX_WAITING,
      reusePort: reusePort && path === undefined,
    };
    server.listen(options, () => {
      const bound = server.address();
      const address = typeof bound === "string"
        ? unixAddress(bound)
        : { hostname: bound.address, port: bound.port };
      resolve(queue.acceptor(address, server));
    });
  });
}

/** Returns why listening failed. Node reports `EACCES` for a path whose directory does not exist. */
function causeOf(error: Error & { readonly code?: unknown }, path: string | undefined): unknown {
  if (error.code !== "EACCES" || path === undefined) return error;
  const directory = process.getBuiltinModule("node:path").dirname(path);
  if (process.getBuiltinModule("node:fs").existsSync(directory)) return error;
  return new TransportFailure("notFound", `directory ${directory} does not exist`, {
    cause: error,
  });
}

const REUSE_PORT_UNSUPPORTED: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "unsupported",
  "reusePort requires Node 22.12 or later",
);

const LISTEN_DENIED: TransportFailure = /* @__PURE__ */ new TransportFailure(
  "permissionDenied",
  "network access requires `node --allow-net`",
);

/**
 * Whether `node --permission` allows listening. Node 26 throws the denial where it cannot be caught. Node
 * up to 24 cannot restrict the network, but denies the permission.
 */
function listenAllowed(): boolean {
  return nodeVersion() < 25 || process.permission?.has("net") !== false;
}

function net(): Net {
  // Even an unused import would break browser bundles.
  return process.getBuiltinModule("node:net");
}

function targetOf({ hostname, port, path }: Endpoint): Target {
  return path === undefined ? { host: hostname, port } : { path };
}

function socketOptions({ noDelay, keepAlive }: Endpoint): NetSocketOptions {
  return { noDelay, keepAlive, allowHalfOpen: true };
}
