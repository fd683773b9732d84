import type { Framer } from "../framers/framer.ts";
import type { Protocol } from "../protocol.ts";
import type { Transport } from "../transports/transport.ts";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection_options.ts";

/**
 * A connection over the standard streams of a process. Closing it sends everything, and then waits for the
 * process instead of the end of its output: closing a pipe with unread input loses nothing that was sent,
 * and the end may come late, since other processes may have inherited the other end.
 */
export class ProcessConnection<In, Out> extends Connection<In, Out> {
  readonly #transport: Transport;
  #closing: Promise<void> | undefined;
  /** Whether the transport has been handed over. */
  protected detached = false;

  /** @throws {TypeError | RangeError} The protocol or an option is invalid. */
  constructor(transport: Transport, protocol: Framer | Protocol<In, Out> & ConnectionOptions) {
    super(transport, protocol);
    this.#transport = transport;
  }

  /** Sends everything and the end of the stream, and waits for the process. */
  override close(): Promise<void> {
    if (this.detached) return super.close();
    if (this.#closing === undefined) {
      this.#closing = this.#close();
      this.#closing.catch(() => {});
    }
    return this.#closing;
  }

  override detach(): Transport {
    const transport = super.detach();
    this.detached = true;
    return transport;
  }

  /** Waits until the process no longer needs this side. */
  protected async processEnded(): Promise<void> {}

  async #close(): Promise<void> {
    const closing = super.close();
    // Ends when everything has been sent, or cannot be.
    await this.closeWrite().catch(() => {});
    await this.processEnded();
    this.#transport.close();
    await closing;
  }
}
