import { report } from "../async/report.ts";
import type { Protocol } from "../protocol.ts";
import { broadcast } from "./broadcast.ts";
import type { Connection } from "./connection.ts";
import { duration } from "./options/duration.ts";
import { checkType, invalidOption, limit } from "../bytes/invalid_option.ts";
import { type ListenOptions, openListener } from "./listen.ts";
import { reportBug } from "./report_bug.ts";
import type { Server, ShutdownOptions } from "./server.ts";

/** The options of {@link serve}. */
export interface ServeOptions extends ListenOptions {
  /** Default 30,000: a peer that sends slowly must not hold a connection open forever. */
  readonly frameTimeout?: number;
  /** Default 60,000: messages to a peer that never reads must not stay in memory forever. */
  readonly sendTimeout?: number;
  /** Default `true`: the system detects peers that have vanished. */
  readonly keepAlive?: boolean;
  /**
   * Maximum number of concurrent connections; default 16,384, which leaves file descriptors for the rest of
   * the process, `Infinity` for no limit. Further connections are reset.
   */
  readonly maxConnections?: number;
  /**
   * Called with errors from handlers and from accepting connections. Default: prints errors that neither
   * the peer nor the network has caused, which are bugs of the handler. An error that the callback throws
   * becomes an uncaught exception; the server keeps running.
   */
  readonly onError?: (error: unknown) => void;
  /** Called with the error of each failed TLS handshake; default: `onError`. */
  readonly onHandshakeError?: (error: unknown) => void;
  /** Closes the server when aborted, as {@link Server.close} does. */
  readonly signal?: AbortSignal;
}

/** The context of a handler. */
export interface HandlerContext {
  /** Aborted when the server is closing. */
  readonly signal: AbortSignal;
}

/** Serves one connection. */
export type Handler<In = Uint8Array, Out = In> = (
  connection: Connection<In, Out>,
  context: HandlerContext,
) => void | Promise<void>;

/** Pause after a failed attempt to accept, in milliseconds. */
const ACCEPT_PAUSE = 100;

/** Grace period for handlers whose connections have been aborted, in milliseconds. */
const ABORT_GRACE = 100;

const DEADLINE = 30_000;
const FRAME_TIMEOUT = 30_000;
const SEND_TIMEOUT = 60_000;
const MAX_CONNECTIONS = 16_384;

/**
 * Accepts connections and passes each to `handler`. When the handler returns, its connection is closed.
 * When it throws, its connection is aborted; others are unaffected.
 *
 * @typeParam In A received message; the frame's bytes if the protocol has no codec.
 * @typeParam Out A sent message; by default the same type.
 * @param options The address, the protocol, and limits, which are on by default.
 * @param handler Serves one connection.
 * @throws {ConnectionError} Listening failed, see `code`.
 * @throws {TypeError} An option is missing or invalid, or the handler is not a function.
 * @throws {RangeError} A number is out of range.
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
export async function serve<In = Uint8Array, Out = In>(
  options: ServeOptions & Protocol<In, Out>,
  handler: Handler<In, Out>,
): Promise<Server<In, Out>> {
  const {
    frameTimeout = FRAME_TIMEOUT,
    sendTimeout = SEND_TIMEOUT,
    keepAlive = true,
    maxConnections = MAX_CONNECTIONS,
    onError = reportBug,
    onHandshakeError = onError,
    signal,
  } = options;
  limit("maxConnections", maxConnections);
  checkType("onError", onError, "a function");
  if (typeof handler !== "function") throw invalidOption("handler", handler, "a function");
  const listener = await openListener<In, Out>({
    ...options,
    frameTimeout,
    sendTimeout,
    keepAlive,
    onHandshakeError,
  });
  const closing = new AbortController();
  const context: HandlerContext = { signal: closing.signal };
  const connections = new Set<Connection<In, Out>>();
  /** Resolves when the handler has returned. */
  const handling = new Map<Connection<In, Out>, Promise<void>>();
  /** Resolves when the connection has been closed, too. */
  const serving = new Map<Connection<In, Out>, Promise<void>>();

  async function accept(): Promise<void> {
    for (;;) {
      try {
        const connection = await listener.accept();
        if (connection === undefined) return;
        if (connections.size >= maxConnections || closing.signal.aborted) connection.abort();
        else start(connection);
      } catch (error) {
        // The process may be out of file descriptors: other connections close meanwhile.
        report(onError, error);
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE));
      }
    }
  }

  function start(connection: Connection<In, Out>): void {
    connections.add(connection);
    const handled = handle(connection);
    handling.set(connection, handled);
    const served = handled.then(() => end(connection)).finally(() => {
      connections.delete(connection);
      serving.delete(connection);
    });
    serving.set(connection, served);
  }

  async function handle(connection: Connection<In, Out>): Promise<void> {
    try {
      await handler(connection, context);
    } catch (error) {
      connection.abort(error);
      report(onError, error);
    }
    handling.delete(connection);
  }

  async function end(connection: Connection<In, Out>): Promise<void> {
    try {
      await connection.close();
    } catch (error) {
      report(onError, error);
    }
  }

  const accepting = accept();
  const audience = { connections, protocol: options, onError };

  function stop(): void {
    listener.close();
    closing.abort();
    for (const connection of connections) connection.closeRead();
  }

  async function close(): Promise<void> {
    stop();
    await accepting;
    await Promise.all(serving.values());
  }

  async function shutdown({ deadline = DEADLINE }: ShutdownOptions = {}): Promise<void> {
    const limit = deadline === 0 ? 0 : duration("deadline", deadline);
    stop();
    await accepting;
    if (!await within(Promise.all(handling.values()), limit)) {
      for (const connection of handling.keys()) connection.abort();
      await within(Promise.all(handling.values()), ABORT_GRACE);
    }
    // Connections whose handlers have returned may take as long to close as their own limits allow.
    const closing = [...serving].filter(([connection]) => !handling.has(connection));
    await Promise.all(closing.map(([, served]) => served));
  }
  const stopNow = () => void close();
  signal?.addEventListener("abort", stopNow);
  if (signal?.aborted) stopNow();
  accepting.finally(() => signal?.removeEventListener("abort", stopNow));
  return {
    address: listener.address,
    connections,
    close,
    shutdown,
    setCertificate: (certificate) => listener.setCertificate(certificate),
    broadcast: (message, options) => broadcast(message, audience, options),
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

/** Whether a promise resolves within a time limit in milliseconds. */
function within(promise: Promise<unknown>, limit: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = limit === Infinity ? undefined : setTimeout(resolve, limit, false);
    promise.then(() => resolve(true)).finally(() => clearTimeout(timer));
  });
}
