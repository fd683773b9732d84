/**
 * Roles of a child process in a test:
 *
 *     deno run -A tests/support/peer.ts ROLE OPTIONS
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
  type ListenOptions,
  serve,
  type ServeOptions,
  uint32,
} from "../../mod.ts";
import { task, tell } from "./child.ts";
import { scaled, sleep } from "./limits.ts";
import { message, same } from "./messages.ts";

const protocol = { framer: lengthPrefixed(uint32) };

const roles: Record<string, (options: never) => Promise<void>> = {
  /** Connects and reports the result. */
  async connect(options: ConnectOptions) {
    try {
      const connection = await connect({ ...options, ...protocol });
      await connection.close();
      tell("connected");
    } catch (error) {
      tell(factsOf(error));
    }
  },

  /** Echoes every message, until it is killed. */
  async echo(options: ListenOptions) {
    // Deno 2.9 opens its signal descriptors lazily, and panics if none is free by then.
    process.on("SIGUSR2", () => {});
    const server = await serve({ ...options, ...protocol }, echo);
    tell(server.address);
  },

  /** Sends numbered messages and receives all of them back. */
  async exchange({ count, ...options }: ConnectOptions & { readonly count: number }) {
    const connection = await connect({ ...options, ...protocol });
    let bytes = 0;
    const sending = (async () => {
      for (let number = 0; number < count; number++) {
        const next = message(number);
        bytes += next.length;
        await connection.send(next);
      }
    })();
    let back = 0;
    while (back < count && same(await connection.receive(), message(back))) {
      if (++back % 50 === 0) tell({ back });
    }
    await sending;
    await connection.close();
    tell({ back, bytes, reason: await connection.closed });
  },

  /** Waits for a message that never arrives. */
  async hang(options: ConnectOptions) {
    const connection = await connect({ ...options, ...protocol });
    tell("connected");
    await hang(connection);
  },

  /** Serves with a handler and an `onError` that throw, and reports the uncaught exceptions. */
  async throwing() {
    const uncaught: string[] = [];
    process.on("uncaughtException", (error) => uncaught.push(error.message));
    process.on("unhandledRejection", (error) => uncaught.push(`rejection: ${error}`));
    const onError = (error: unknown) => {
      throw new Error(`onError: ${(error as Error).message}`);
    };
    const server = await serve({ ...protocol, onError }, async (connection) => {
      if ((await connection.receive())!.length > 0) throw new Error("handler");
    });
    for (const length of [1, 0, 2]) {
      const connection = await connect({ ...server.address, ...protocol });
      await connection.send(new Uint8Array(length));
      await connection.receive().then(() => connection.close(), () => {});
    }
    await server.close();
    tell(uncaught);
  },

  /** Sends until a send stays pending, and closes. */
  async pour(options: ConnectOptions) {
    const connection = await connect({ ...options, ...protocol });
    tell("connected");
    for (let stalled = false; !stalled;) {
      const sent = connection.send(new Uint8Array(65_536)).then(() => false);
      stalled = await Promise.race([sent, sleep(300).then(() => true)]);
    }
    const facts = await connection.close().then(() => "closed", factsOf);
    tell({ facts, reason: await connection.closed });
  },

  /** Reads a little of the input, then stops. Reports its memory then, and again after a line of input. */
  async sleep({ consumer, ...options }: ConnectOptions & { readonly consumer: string }) {
    const connection = await connect({ ...options, framer: fixed(1000) });
    await consumers[consumer]!(connection);
    tell(process.memoryUsage().rss);
    await new Promise((resolve) => process.stdin.once("data", resolve));
    tell(process.memoryUsage().rss);
    connection.abort();
    process.stdin.destroy();
  },

  /** Serves without keeping the process running. */
  async unref(options: ServeOptions & { readonly again: boolean }) {
    const server = await serve({ ...options, ...protocol }, async (connection) => {
      const stop = await connection.receive();
      if (stop) void server.close();
    });
    const connection = await connect({ ...server.address, ...protocol });
    while (server.connections.size === 0) await sleep(1);
    void connection.receive().then(() => connection.close());
    connection.unref();
    server.unref();
    if (options.again) server.ref();
    tell(server.address);
  },
};

/** Ways to read a little of the input. */
const consumers: Record<string, (connection: Connection) => Promise<unknown>> = {
  "has received once": (connection) => connection.receive(),
  "reads a Web Stream": (connection) => connection.readable.getReader().read(),
  "iterates": (connection) => connection[Symbol.asyncIterator]().next(),
  "takes batches": (connection) => connection.batches().next(),
};

async function echo(connection: Connection): Promise<void> {
  for await (const message of connection) await connection.send(message);
}

async function hang(connection: Connection): Promise<void> {
  try {
    tell(await connection.receive() ?? "ended");
  } catch (error) {
    tell({ ...factsOf(error), reason: await connection.closed });
  }
}

function factsOf(error: unknown): object {
  if (!(error instanceof ConnectionError)) return { error: String(error) };
  const { code, timeout } = error;
  return { code, ...timeout && { timeout } };
}

const [role, options] = task<never>();
// Ends this process if its test has not.
timer(() => process.exit(3), scaled(40_000)).unref();
await roles[role]!(options);
