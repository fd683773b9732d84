/**
 * Ends connections in every possible way, each many times concurrently, and reports the resources that
 * are still open afterwards. Runs in a separate process, which must then exit by itself:
 *
 *     deno run -A tests/support/endings.ts all '{"peer":7000,"silent":7001,"rounds":10}'
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as timer } from "node:timers";
import {
  connect,
  Connection,
  ConnectionError,
  type ConnectOptions,
  lengthPrefixed,
  listen,
  serve,
  text,
  uint16,
} from "../../mod.ts";
import { task, tell } from "./child.ts";
import { pair } from "./connections.ts";
import { scaled, sleep } from "./limits.ts";

/** The result of one ending. */
export interface Ending {
  readonly name: string;
  /** Distinct values of `closed`, or other results. */
  readonly reasons: readonly string[];
  /** Number of sockets that are still open. */
  readonly leaked: number;
  /** Uncaught rejections and exceptions. */
  readonly uncaught: readonly string[];
}

interface Options {
  /** Port of the peer, whose behavior is selected by the letter that it receives. */
  readonly peer: number;
  /** Port that never answers. */
  readonly silent: number;
  readonly rounds: number;
}

const protocol = { framer: lengthPrefixed(uint16), codec: text(), maxFrameLength: 1000 };
const [, { peer, silent, rounds }] = task<Options>();

/** Connects to the peer and sends the letter that selects its behavior. */
async function start(letter: string, options: ConnectOptions = {}): Promise<Connection<string>> {
  const connection = await connect({ port: peer, ...protocol, ...options });
  await connection.send(letter);
  return connection;
}

/** Returns the code of the error that a call rejects with, or "none". */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(() => "none", (error) => {
    return error instanceof ConnectionError ? error.code : error.name;
  });
}

const large = { framer: lengthPrefixed(uint16), highWaterMark: 1 << 26 };

/** Endings, by expected reason and description. */
const endings: Record<string, () => Promise<unknown>> = {
  async "local: closed by this side first"() {
    const connection = await start("f");
    await connection.close();
    return connection.closed;
  },
  async "local: closed twice concurrently while a receive is pending"() {
    const connection = await start("f");
    void connection.receive();
    void connection.close();
    await connection.close();
    return connection.closed;
  },
  async "local: closed while the peer is still sending"() {
    const connection = await start("w");
    await connection.receive();
    await connection.close();
    return connection.closed;
  },
  async "local: closed, but the peer never closes"() {
    const connection = await start("s", { closeTimeout: 50 });
    await connection.close();
    return connection.closed;
  },
  async "local: half-closed by this side, then by the peer"() {
    const connection = await start("f");
    await connection.closeWrite();
    await connection.receive();
    return connection.closed;
  },
  async "local: writable closed, and readable read to its end"() {
    const connection = await start("f");
    await connection.writable.close();
    await connection.readable.pipeTo(new WritableStream());
    return connection.closed;
  },
  async "local: disposed by await using"() {
    const connection = await start("f");
    await connection[Symbol.asyncDispose]();
    return connection.closed;
  },
  async "remote: closed by the peer first"() {
    const connection = await start("e");
    await connection.receive();
    await connection.receive();
    await connection.close();
    return connection.closed;
  },
  async "remote: half-closed by the peer, then by this side"() {
    const connection = await start("e");
    for await (const _ of connection);
    await connection.closeWrite();
    return connection.closed;
  },
  async "remote: both ends in this process"() {
    const [client, server] = await pair(protocol);
    const closing = client.close();
    await server.receive();
    await Promise.all([closing, server.close()]);
    return server.closed;
  },
  async "reset: while a receive is pending"() {
    const connection = await start("r");
    await codeOf(connection.receive());
    return connection.closed;
  },
  async "reset: while only sending"() {
    const connection = await start("r");
    while (await codeOf(connection.send("more").then(() => connection.flush())) === "none") {
      await sleep(1);
    }
    await codeOf(connection.close());
    return connection.closed;
  },
  async "reset: with megabytes pending"() {
    const connection = new Connection((await start("r")).detach(), large);
    for (let count = 0; count < 100; count++) void connection.send(new Uint8Array(65_535));
    await codeOf(connection.receive());
    return connection.closed;
  },
  async "aborted: while a receive is pending"() {
    const connection = await start("s");
    const waiting = codeOf(connection.receive());
    connection.abort(new Error("enough"));
    connection.abort();
    await waiting;
    return connection.closed;
  },
  async "aborted: with megabytes pending"() {
    const connection = new Connection((await start("s")).detach(), large);
    for (let count = 0; count < 300; count++) void connection.send(new Uint8Array(65_535));
    await sleep(1);
    connection.abort();
    await connection.close();
    return connection.closed;
  },
  async "aborted: readable cancelled"() {
    const connection = await start("w");
    const reader = connection.readable.getReader();
    await reader.read();
    await reader.cancel();
    return connection.closed;
  },
  async "aborted: writable aborted"() {
    const connection = await start("s");
    await connection.writable.abort();
    return connection.closed;
  },
  async "framing: a frame too large"() {
    const connection = await start("o");
    await codeOf(connection.receive());
    await connection.close();
    return connection.closed;
  },
  async "framing: ended by the peer inside a frame"() {
    const connection = await start("h");
    await codeOf(connection.receive());
    await connection.close();
    return connection.closed;
  },
  async "timedOut: nothing arrived"() {
    const connection = await start("s", { idleTimeout: 30 });
    await codeOf(connection.receive());
    return connection.closed;
  },
  async "timedOut: a frame arrived slowly"() {
    const connection = await start("d", { frameTimeout: 30 });
    await codeOf(connection.receive());
    return connection.closed;
  },
  async "detached: then closed by the new owner"() {
    const connection = await start("f");
    const transport = connection.detach();
    await transport.closeWrite();
    while (await transport.read() !== undefined);
    transport.close();
    return connection.closed;
  },
  async "refused: no process listens"() {
    const listener = await listen(protocol);
    listener.close();
    return codeOf(connect({ ...listener.address, ...protocol }));
  },
  async "aborted: while connecting"() {
    const controller = new AbortController();
    const { signal } = controller;
    const connecting = codeOf(connect({ port: silent, ...protocol, signal }));
    await sleep(5);
    controller.abort();
    return connecting;
  },
  "timedOut: while connecting"() {
    return codeOf(connect({ port: silent, ...protocol, connectTimeout: 30 }));
  },
  async "none: aborted at various moments while connecting"() {
    const server = await serve(protocol, async (connection) => void await connection.receive());
    await Promise.all(Array.from({ length: 10 }, async (_, moment) => {
      const controller = new AbortController();
      const { signal } = controller;
      const connecting = connect({ ...server.address, ...protocol, signal });
      void (moment % 2 === 0 ? microtasks(moment) : sleep(moment / 4)).then(() =>
        controller.abort()
      );
      await connecting.then((connection) => connection.close(), () => {});
    }));
    await server.close();
    return "none";
  },
  async "aborted: the handler threw"() {
    const reasons: Promise<string>[] = [];
    const server = await serve({ ...protocol, onError: () => {} }, async (connection) => {
      reasons.push(connection.closed);
      await connection.receive();
      throw new Error("handler");
    });
    const connection = await connect({ ...server.address, ...protocol });
    await connection.send("go");
    await codeOf(connection.receive());
    await connection.close();
    await server.close();
    return reasons[0];
  },
  async "aborted: the server shut down, and the handler did not return"() {
    const reasons: Promise<string>[] = [];
    const server = await serve(protocol, async (connection) => {
      reasons.push(connection.closed);
      await connection.closed;
    });
    const connection = await connect({ ...server.address, ...protocol });
    while (server.connections.size === 0) await sleep(1);
    await server.shutdown({ deadline: 20 });
    await codeOf(connection.receive());
    await connection.close();
    return reasons[0];
  },
  async "local: the server's signal aborted"() {
    const controller = new AbortController();
    const { signal } = controller;
    const reasons: Promise<string>[] = [];
    const server = await serve({ ...protocol, signal }, async (connection) => {
      reasons.push(connection.closed);
      await connection.receive();
    });
    const connection = await connect({ ...server.address, ...protocol });
    while (server.connections.size === 0) await sleep(1);
    controller.abort();
    await codeOf(connection.receive());
    await connection.close();
    await server.close();
    return reasons[0];
  },
  async "none: the listener closed with connections waiting"() {
    const listener = await listen(protocol);
    const clients = await Promise.all(
      [1, 2, 3].map(() => connect({ ...listener.address, ...protocol })),
    );
    listener.close();
    for (const client of clients) {
      await codeOf(client.receive());
      await client.close();
    }
    return "none";
  },
};

async function microtasks(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await undefined;
}

/** Returns the number of open sockets, without the runtime's own; 0 if the system does not list them. */
function sockets(): number {
  if (!existsSync("/proc/self/fd")) return 0;
  const own = readFileSync("/proc/self/net/unix", "utf8");
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
      return inode !== undefined && !own.includes(` ${inode}`);
    } catch {
      return false;
    }
  }).length;
}

/** Waits up to two seconds for sockets to close, and returns the number that are still open. */
async function leftover(before: number): Promise<number> {
  let left = sockets() - before;
  for (let patience = 0; left > 0 && patience < 200; patience++) {
    await sleep(10);
    left = sockets() - before;
  }
  return left;
}

/**
 * Waits up to two seconds for timers to end, and returns the number that still keep this process running;
 * 0 if the runtime does not list them.
 */
async function timers(): Promise<number> {
  const { getActiveResourcesInfo } = process as { getActiveResourcesInfo?(): string[] };
  const count = () => getActiveResourcesInfo?.().filter((kind) => kind === "Timeout").length ?? 0;
  let left = count();
  for (let patience = 0; left > 0 && patience < 200; patience++) {
    // The pause is a timer as well, but over when timers are counted.
    await sleep(10);
    left = count();
  }
  return left;
}

const uncaught: string[] = [];
process.on("unhandledRejection", (error) => void uncaught.push(`rejection: ${error}`));
process.on("uncaughtException", (error) => void uncaught.push(`exception: ${error}`));
timer(() => process.exit(3), scaled(40_000)).unref();

// For the first connection, the runtime opens sockets of its own and keeps them.
await endings["remote: both ends in this process"]!();
await sleep(100);
void Promise.reject("counted");
await sleep(20);
tell(uncaught.splice(0));
for (const [name, end] of Object.entries(endings)) {
  const before = sockets();
  const reasons = new Set(await Promise.all(Array.from({ length: rounds }, end)));
  const leaked = await leftover(before);
  await sleep(1);
  tell({ name, reasons: [...reasons], leaked, uncaught: uncaught.splice(0) });
}
tell({ timers: await timers() });
