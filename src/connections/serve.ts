import { ConnectionError, FramingError } from "../errors.ts";
import type { Protocol } from "../protocol.ts";
import type { Address } from "../transports/transport.ts";
import type { Connection } from "./connection.ts";
import { listen, type ListenOptions } from "./listen.ts";

/** The options of {@link serve}. */
export interface ServeOptions extends ListenOptions {
  /**
   * Is told what a handler threw, or what went wrong when its connection was closed. Default: what is
   * neither the peer's fault nor the network's is written to the console, as a bug of the handler.
   */
  readonly onError?: (error: unknown) => void;
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
  handler: (connection: Connection<Message>) => void | Promise<void>,
): Promise<Server> {
  const { onError = reportBug } = options;
  const listener = await listen(options);
  const connections = new Set<Connection<Message>>();

  async function run(): Promise<void> {
    const handling = new Set<Promise<void>>();
    for (;;) {
      try {
        const connection = await listener.accept();
        if (connection === undefined) break;
        connections.add(connection);
        const handled = handle(connection, handler).catch(onError).finally(() => {
          connections.delete(connection);
          handling.delete(handled);
        });
        handling.add(handled);
      } catch (error) {
        // The system is out of something, such as file descriptors: others give some back meanwhile.
        onError(error);
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE));
      }
    }
    await Promise.all(handling);
  }

  const running = run();
  async function close(): Promise<void> {
    listener.close();
    await Promise.allSettled(Array.from(connections, (connection) => connection.close()));
    await running;
  }
  return { address: listener.address, close, [Symbol.asyncDispose]: close };
}

/** A server that runs. */
export interface Server extends AsyncDisposable {
  /** The address listened on, with the port that the system chose. */
  readonly address: Address;

  /**
   * Stops listening, closes all connections, each without loss, and waits for their handlers, whose
   * `receive` gives `undefined` from here on.
   */
  close(): Promise<void>;

  /** Closes the server, as `close` does. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Milliseconds until the next try to accept, when one has failed. */
const ACCEPT_PAUSE = 100;

async function handle<Message>(
  connection: Connection<Message>,
  handler: (connection: Connection<Message>) => void | Promise<void>,
): Promise<void> {
  try {
    await handler(connection);
  } catch (error) {
    connection.abort(error);
    throw error;
  }
  await connection.close();
}

function reportBug(error: unknown): void {
  if (!(error instanceof FramingError || error instanceof ConnectionError)) console.error(error);
}
