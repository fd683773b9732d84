import type { Address } from "../transports/transport.ts";
import type { BroadcastOptions } from "./broadcast.ts";
import type { Connection } from "./connection.ts";
import type { CertificateOptions } from "./listen.ts";

/** A running server. */
// deno-lint-ignore no-explicit-any
export interface Server<In = any, Out = any> extends AsyncDisposable {
  /** The address listened on, with the port that the system chose. */
  readonly address: Address;

  /** The open connections. */
  readonly connections: ReadonlySet<Connection<In, Out>>;

  /**
   * Sends a message to all connections. It is encoded once, by the server's protocol: connections that have
   * switched to another framer or codec are skipped. So are connections that have finished sending, and
   * slow ones, at which `maxPending` bytes are pending: a slow reader neither delays others nor fills memory.
   * Messages of the same turn of the event loop may be pending at every connection. Frames of 8 KiB or more
   * are not copied: do not change them afterwards.
   *
   * @returns The number of connections that the message was sent to.
   * @throws {TypeError | RangeError | CodecError} The message cannot be encoded, or an option is invalid.
   * Nothing is sent.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { connect, lines, serve, text } from "@framewright/framewright";
   *
   * const protocol = { framer: lines(), codec: text() };
   * await using server = await serve(protocol, async (connection) => {
   *   for await (const line of connection) server.broadcast(line, { onSlow: (slow) => slow.abort() });
   * });
   * await using connection = await connect({ ...server.address, ...protocol });
   * await connection.send("hello, everybody");
   * assert.equal(await connection.receive(), "hello, everybody");
   * ```
   */
  broadcast(message: Out, options?: BroadcastOptions<In, Out>): number;

  /**
   * Replaces certificates while the server is running, as {@link Listener.setCertificate} does.
   *
   * @throws {TypeError} A certificate is invalid, and nothing has changed; or the server does not use TLS.
   */
  setCertificate(certificate: CertificateOptions): void;

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
