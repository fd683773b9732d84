import { ConnectionError } from "../errors.ts";
import { PushQueue } from "./push_queue.ts";
import type { Transport } from "./transport.ts";

/** Connections that have not been accepted yet, or an error of the system. */
export class AcceptQueue<Accepted extends Transport> {
  readonly #queue: PushQueue<Accepted | ConnectionError> = new PushQueue();
  readonly #maxWaiting: number;
  #keepsRunning = true;

  /** @param maxWaiting Maximum number of waiting connections; further ones are reset. */
  constructor(maxWaiting: number = Infinity) {
    this.#maxWaiting = maxWaiting;
  }

  /** Number of waiting connections. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Adds a connection. */
  push(transport: Accepted): void {
    if (this.waiting >= this.#maxWaiting) return transport.abort();
    if (!this.#keepsRunning) transport.unref?.();
    this.#queue.push(transport);
  }

  /** Reports that the system cannot accept connections, unless some are waiting. */
  fail(error: ConnectionError): void {
    if (this.waiting === 0) this.#queue.push(error);
  }

  /** Returns the next connection; `undefined` once the queue is closed. */
  async accept(): Promise<Accepted | undefined> {
    const next = await this.#queue.read();
    if (next instanceof ConnectionError) throw next;
    if (!this.#keepsRunning) next?.ref?.();
    return next;
  }

  /** Keeps the process running while connections are waiting (the default). */
  ref(): void {
    this.#keepsRunning = true;
    for (const transport of this.#connections()) transport.ref?.();
  }

  /** Lets the process exit while connections are waiting. */
  unref(): void {
    this.#keepsRunning = false;
    for (const transport of this.#connections()) transport.unref?.();
  }

  /** Closes the queue and resets the waiting connections. */
  close(): void {
    this.#queue.end();
    const connections = this.#connections();
    this.#queue.clear();
    for (const transport of connections) transport.abort();
  }

  /** Returns the waiting connections. */
  #connections(): Accepted[] {
    return this.#queue.items().filter((item) => !(item instanceof ConnectionError)) as Accepted[];
  }
}
