import { AcceptQueue } from "../accept_queue.ts";
import { addressLabel, unixAddress } from "../address.ts";
import { connectionError, Failure } from "../connection_error.ts";
import { type NetSocket, NetTransport } from "./transport.ts";
import type { AcceptedTransport, Acceptor, Endpoint, Transport } from "../transport.ts";

// The members used of node:net.
interface SocketBehaviour {
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
  readonly allowHalfOpen: true;
}
type Place = { readonly path: string } | { readonly host: string; readonly port: number };
interface Server {
  address(): string | { readonly address: string; readonly port: number };
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "connection", listener: (socket: NetSocket) => void): this;
  listen(
    options: Place & { readonly backlog: number; readonly reusePort: boolean },
    callback: () => void,
  ): this;
  close(): this;
  ref(): this;
  unref(): this;
}
interface Net {
  connect(options: Place & SocketBehaviour): NetSocket;
  createServer(options: SocketBehaviour): Server;
}
declare const process: {
  getBuiltinModule(name: "node:net"): Net;
  getBuiltinModule(name: "node:fs"): { existsSync(path: string): boolean };
  getBuiltinModule(name: "node:path"): { dirname(path: string): string };
  readonly permission?: { has(scope: string): boolean };
  readonly versions: { readonly node: string };
};

/** Maximum number of connections that wait to be accepted: in the kernel, and then here. */
const MAX_WAITING = 1024;

/** Connects by `node:net`. */
export function connect(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<Transport> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = net().connect({ ...placeOf(endpoint), ...behaviourOf(endpoint) });
    const settle = () => {
      socket.off("error", fail);
      signal?.removeEventListener("abort", abort);
    };
    // Node's own `signal` option would also destroy the connection after it is made.
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
    signal?.addEventListener("abort", abort);
    socket.on("error", fail);
    socket.on("connect", () => {
      const transport = new NetTransport(socket, endpoint, endpoint.hostname);
      settle();
      resolve(transport);
    });
  });
}

/** Listens by `node:net`. */
export function listen(endpoint: Endpoint): Promise<Acceptor<AcceptedTransport>> {
  return new Promise((resolve, reject) => {
    const { path, reusePort } = endpoint;
    const action = `Cannot listen on ${addressLabel(endpoint)}`;
    if (reusePort && !sharesPorts()) throw connectionError(action, NEEDS_22_12);
    if (!mayListen()) throw connectionError(action, FORBIDDEN);
    const server = net().createServer(behaviourOf(endpoint));
    const queue = new AcceptQueue<NetTransport>(MAX_WAITING);
    server.on("error", (error) => {
      reject(connectionError(action, reasonOf(error, path)));
      // It may be listening already.
      queue.fail(connectionError("Cannot accept a connection", error));
    });
    server.on("connection", (socket) => {
      queue.push(new NetTransport(socket, endpoint));
    });
    const shared = reusePort && path === undefined;
    const options = { ...placeOf(endpoint), backlog: MAX_WAITING, reusePort: shared };
    server.listen(options, () => {
      const bound = server.address();
      resolve({
        address: typeof bound === "string"
          ? unixAddress(bound)
          : { hostname: bound.address, port: bound.port },
        accept: () => queue.accept(),
        close() {
          server.close();
          queue.close();
        },
        ref: () => server.ref(),
        unref: () => server.unref(),
      });
    });
  });
}

/** Why listening has failed. Node reports `EACCES` for a path whose folder does not exist. */
function reasonOf(error: Error & { readonly code?: unknown }, path: string | undefined): unknown {
  if (error.code !== "EACCES" || path === undefined) return error;
  const folder = process.getBuiltinModule("node:path").dirname(path);
  if (process.getBuiltinModule("node:fs").existsSync(folder)) return error;
  return new Failure("notFound", `folder ${folder} does not exist`, { cause: error });
}

const NEEDS_22_12: Failure = /* @__PURE__ */ new Failure(
  "unsupported",
  "reusePort needs Node 22.12",
);

const FORBIDDEN: Failure = /* @__PURE__ */ new Failure(
  "permissionDenied",
  "network access needs `node --allow-net`",
);

/**
 * Whether `node --permission` allows listening. Node 26 throws the refusal where nobody can catch it. Up
 * to 24 the network cannot be restricted, but the question is answered with no.
 */
function mayListen(): boolean {
  return nodeVersion()[0]! < 25 || process.permission?.has("net") !== false;
}

function net(): Net {
  // An import, used or not, would break bundles for browsers.
  return process.getBuiltinModule("node:net");
}

function placeOf({ hostname, port, path }: Endpoint): Place {
  return path === undefined ? { host: hostname, port } : { path };
}

function behaviourOf({ noDelay, keepAlive }: Endpoint): SocketBehaviour {
  return { noDelay, keepAlive, allowHalfOpen: true };
}

function sharesPorts(): boolean {
  const [major = 0, minor = 0] = nodeVersion();
  return major >= 24 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

function nodeVersion(): number[] {
  return process.versions.node.split(".").map(Number);
}
