import type { Address } from "../transports/transport.ts";

/** A server that runs. */
export interface Server extends AsyncDisposable {
  /** The address listened on, with the port that the system chose. */
  readonly address: Address;

  /** How many connections are being served. */
  readonly connections: number;

  /**
   * Stops listening, closes all connections, each without loss, and waits for their handlers, whose
   * `receive` gives `undefined` from here on.
   */
  close(): Promise<void>;

  /**
   * Stops listening, tells the handlers by their signal, and lets them finish. The connections of those
   * that have not by the deadline are aborted; who goes on even so is not waited for.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;

  /** Keeps the process running, as it does unless `unref` was called. */
  ref(): void;

  /** Lets the process end though the server runs, and the connections that it serves now. */
  unref(): void;

  /** Closes the server, as `close` does. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The options of {@link Server.shutdown}. */
export interface ShutdownOptions {
  /** How long handlers may take to finish, in milliseconds; default 30,000. */
  readonly deadline?: number;
}
