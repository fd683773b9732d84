import type { Address } from "../transports/transport.ts";
import type { Connection } from "./connection.ts";

/** A running server. */
// deno-lint-ignore no-explicit-any
export interface Server<In = any, Out = any> extends AsyncDisposable {
  /** The address listened on, with the port that the system chose. */
  readonly address: Address;

  /** The open connections. */
  readonly connections: ReadonlySet<Connection<In, Out>>;

  /**
   * Stops listening, ends receiving at the next message boundary of every connection, and waits until the
   * handlers have returned and their connections have been closed.
   */
  close(): Promise<void>;

  /**
   * Closes the server as `close` does, with a limit: connections whose handler has not returned by the
   * deadline are aborted. Handlers that still do not return are not waited for.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;

  /** Keeps the process running; the default. */
  ref(): void;

  /** Lets the process end while the server is running and its present connections are open. */
  unref(): void;

  /** Closes the server, as `close` does. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The options of {@link Server.shutdown}. */
export interface ShutdownOptions {
  /** Time for the handlers to return, in milliseconds; default 30,000. */
  readonly deadline?: number;
}
