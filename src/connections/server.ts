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
   * Stops listening, ends receiving on every connection at its next message boundary, and waits until all
   * handlers have returned and their connections are closed.
   */
  close(): Promise<void>;

  /**
   * Closes the server as `close` does, but aborts connections whose handlers have not returned by the
   * deadline. Handlers that do not return even then are not awaited.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;

  /** Keeps the process running (the default). */
  ref(): void;

  /** Lets the process exit while the server is running and its current connections are open. */
  unref(): void;

  /** Closes the server, as `close` does. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The options of {@link Server.shutdown}. */
export interface ShutdownOptions {
  /** Time limit for handlers to return, in milliseconds; default 30,000. */
  readonly deadline?: number;
}
