/**
 * Child processes that unref their connections and must exit by themselves, although timeouts of minutes
 * are running:
 *
 *     deno run -A tests/support/unref_peer.ts ROLE OPTIONS
 *
 * @module
 */

import { setTimeout as timer } from "node:timers";
import {
  connect,
  type Connection,
  ConnectionError,
  type ConnectOptions,
  fixed,
  lengthPrefixed,
  listen,
  serve,
  type ServeOptions,
  uint32,
} from "../../mod.ts";
import { task, tell } from "./child.ts";
import { scaled, sleep } from "./limits.ts";

/** More bytes than the system accepts from this side while the peer reads nothing. */
const LARGE = 8 << 20;

const frames = { framer: lengthPrefixed(uint32), maxFrameLength: Infinity };

/** Calls that stay pending. */
const waits: Record<string, (connection: Connection) => unknown> = {
  receive: (connection) => connection.receive(),
  iterate: (connection) => connection.next(),
  visit: (connection) => connection.visit(() => {}),
  readable: (connection) => connection.readable.getReader().read(),
  send: (connection) => connection.send(new Uint8Array(LARGE)),
  closeWrite(connection) {
    void connection.send(new Uint8Array(LARGE));
    return connection.closeWrite();
  },
  close(connection) {
    void connection.send(new Uint8Array(LARGE));
    return connection.close();
  },
  linger: (connection) => connection.close(),
  startTls: (connection) => connection.startTls(),
};

interface Waiting extends ConnectOptions {
  readonly wait: string;
  /** Whether `unref` is called before or during the wait, or during it and then undone by `ref`. */
  readonly unref: "before" | "during" | "undone";
}

const roles: Record<string, (options: never) => Promise<void>> = {
  /** Waits on a connection to a peer. */
  async connection({ wait, unref, ...options }: Waiting) {
    const connection = await connect({ ...options, ...frames });
    if (unref === "before") connection.unref();
    const waiting = Promise.resolve(waits[wait]!(connection));
    void waiting.then(() => tell("settled"), (error) => tell(codeOf(error)));
    await sleep(100);
    if (unref !== "before") connection.unref();
    if (unref === "undone") connection.ref();
    tell("waiting");
  },

  /** Waits on an unref'd connection in a process that something else keeps running. */
  async busy(options: ConnectOptions) {
    const connection = await connect({ ...options, ...frames });
    connection.unref();
    const busy = setInterval(() => {}, 1000);
    const error = await connection.receive().catch((error: unknown) => error);
    clearInterval(busy);
    tell(codeOf(error));
  },

  /** Serves, and unrefs the server after a line of input and at least `peers` connections. */
  async server({ peers, ...options }: ServeOptions & { readonly peers: number }) {
    const server = await serve({ ...options, ...frames }, async (connection) => {
      await connection.receive();
    });
    tell(server.address);
    await new Promise((resolve) => process.stdin.once("data", resolve));
    process.stdin.destroy();
    while (server.connections.size < peers) await sleep(5);
    await sleep(200);
    server.unref();
    tell("waiting");
  },

  /** Accepts connections with a listener, without `serve`. */
  async listener(options: ServeOptions) {
    const listener = await listen({ ...options, framer: fixed(10) });
    void listener.accept();
    listener.unref();
    tell("waiting");
  },

  /** Unrefs a listener after a line of input, without accepting the connections that have arrived. */
  async queued(options: ServeOptions) {
    const listener = await listen({ ...options, framer: fixed(10) });
    tell(listener.address);
    await new Promise((resolve) => process.stdin.once("data", resolve));
    process.stdin.destroy();
    await sleep(200);
    listener.unref();
    tell("waiting");
  },
};

function codeOf(error: unknown): unknown {
  return error instanceof ConnectionError ? error.timeout ?? error.code : String(error);
}

const [role, options] = task<never>();
// Ends a process that is still running, so that its test fails.
timer(() => process.exit(3), scaled(15_000)).unref();
await roles[role]!(options);
