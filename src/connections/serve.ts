import { ConnectionError, FramingError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import type { Connection } from "./connection.ts";
import { duration } from "./duration.ts";
import { listen, type ListenOptions } from "./listen.ts";
import type { Server, ShutdownOptions } from "./server.ts";

/** The options of {@link serve}. */
export interface ServeOptions extends ListenOptions {
  /**
   * So many connections are served at once; default `Infinity`. One that comes beyond is dropped at
   * once, which its peer sees as a reset where the system can.
   */
  readonly maxConnections?: number;
  /**
   * Is told what a handler threw, or what went wrong when its connection was closed, or before there was
   * one. Default: what is neither the peer's fault nor the network's is written to the console, as a bug
   * of the handler.
   */
  readonly onError?: (error: unknown) => void;
  /** Closes the server when it says so, as {@link Server.close} does. */
  readonly signal?: AbortSignal;
}

/** What a handler is given besides its connection. */
export interface ServeContext {
  /** Says that the server is closing: a handler that minds it can finish what it is at, and return. */
  readonly signal: AbortSignal;
}

/**
 * Serves every connection that comes in by a handler. When the handler has finished its connection is
 * closed; when it throws its connection is aborted, and nothing else.
 *
 * @typeParam Message What is sent and received; frames where the protocol has no codec.
 * @param options Where to listen, and how each two will talk.
 * @param handler Talks to one peer.
 * @throws {ConnectionError} It cannot listen there: `code` says why.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, json, lines, serve } from "@framewright/framewright";
 *
 * const protocol = { framer: lines(), codec: json<number>() };
 * await using server = await serve(protocol, async (connection) => {
 *   for await (const number of connection) await connection.send(number * 2);
 * });
 * await using connection = await connect({ ...server.address, ...protocol });
 * await connection.send(21);
 * assert.equal(await connection.receive(), 42);
 * ```
 */
export async function serve<Message = Uint8Array>(
  options: ServeOptions & Protocol<Message>,
  handler: Handler<Message>,
): Promise<Server> {
  const { onError = reportBug, maxConnections = Infinity, signal } = options;
  if (!(maxConnections > 0)) {
    throw new RangeError(`Cannot serve ${maxConnections} connections: maxConnections is above 0`);
  }
  const listener = await listen({ onRefused: onError, ...options });
  const closing = new AbortController();
  const context: ServeContext = { signal: closing.signal };
  const connections = new Set<Connection<Message>>();
  let emptied = () => {};

  async function run(): Promise<void> {
    for (;;) {
      try {
        const connection = await listener.accept();
        if (connection === undefined) break;
        if (connections.size >= maxConnections || closing.signal.aborted) connection.abort();
        else attend(connection);
      } catch (error) {
        // The system is out of something, such as file descriptors: others give some back meanwhile.
        onError(error);
        await pause(ACCEPT_PAUSE);
      }
    }
    if (connections.size > 0) await new Promise<void>((resolve) => emptied = resolve);
  }

  async function attend(connection: Connection<Message>): Promise<void> {
    connections.add(connection);
    try {
      await handler(connection, context);
      await connection.close();
    } catch (error) {
      connection.abort(error);
      onError(error);
    } finally {
      connections.delete(connection);
      if (connections.size === 0) emptied();
    }
  }

  const running = run();
  function stop(): void {
    listener.close();
    closing.abort();
  }
  async function close(): Promise<void> {
    stop();
    await Promise.allSettled(Array.from(connections, (connection) => connection.close()));
    await running;
  }
  async function shutdown({ deadline = DEADLINE }: ShutdownOptions = {}): Promise<void> {
    const limit = deadline === 0 ? 0 : duration("deadline", deadline);
    stop();
    if (await within(running, limit)) return;
    for (const connection of connections) connection.abort();
    await within(running, ABORT_PAUSE);
  }
  const stopNow = () => void close();
  signal?.addEventListener("abort", stopNow);
  if (signal?.aborted) stopNow();
  running.finally(() => signal?.removeEventListener("abort", stopNow));
  return {
    address: listener.address,
    get connections() {
      return connections.size;
    },
    close,
    shutdown,
    ref() {
      listener.ref();
      for (const connection of connections) connection.ref();
    },
    unref() {
      listener.unref();
      for (const connection of connections) connection.unref();
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Talks to one peer. */
export type Handler<Message> = (
  connection: Connection<Message>,
  context: ServeContext,
) => void | Promise<void>;

const DEADLINE = 30_000;

/** Milliseconds until the next try to accept, when one has failed. */
const ACCEPT_PAUSE = 100;

/** Milliseconds for handlers to notice that their connection was aborted. */
const ABORT_PAUSE = 100;

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Whether a promise is settled before so many milliseconds are over. */
function within(promise: Promise<void>, limit: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = limit === Infinity ? undefined : setTimeout(resolve, limit, false);
    promise.then(() => resolve(true)).finally(() => clearTimeout(timer));
  });
}

function reportBug(error: unknown): void {
  if (!(error instanceof FramingError || error instanceof ConnectionError)) console.error(error);
}
