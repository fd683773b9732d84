import { ConnectionError } from "../errors.ts";
import { Arrivals } from "./arrivals.ts";
import type { Transport } from "./transport.ts";

/** Connections that wait to be accepted, or a failure of the system. */
export class AcceptQueue<Accepted extends Transport> {
  readonly #arrivals: Arrivals<Accepted | ConnectionError> = new Arrivals();
  readonly #maxWaiting: number;

  /** @param maxWaiting Maximum number of connections that wait; further ones are reset. */
  constructor(maxWaiting: number = Infinity) {
    this.#maxWaiting = maxWaiting;
  }

  /** Number of connections that wait. */
  get waiting(): number {
    return this.#arrivals.waiting;
  }

  /** Adds a connection. */
  push(transport: Accepted): void {
    if (this.waiting < this.#maxWaiting) this.#arrivals.push(transport);
    else transport.abort();
  }

  /** Reports that the system cannot accept connections, unless some are waiting. */
  fail(error: ConnectionError): void {
    if (this.waiting === 0) this.#arrivals.push(error);
  }

  /** Returns the next connection; `undefined` once the queue is closed. */
  async accept(): Promise<Accepted | undefined> {
    const next = await this.#arrivals.read();
    if (next instanceof ConnectionError) throw next;
    return next;
  }

  /** Closes the queue and resets the connections that wait. */
  close(): void {
    this.#arrivals.end();
    for (const waiting of this.#arrivals.clear()) {
      if (!(waiting instanceof ConnectionError)) waiting.abort();
    }
  }
}
