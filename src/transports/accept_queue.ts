import { type Keeper, keepRunning } from "../async/keep_running.ts";
import { ConnectionError } from "../errors.ts";
import { PushQueue } from "./push_queue.ts";
import type { Acceptor, Address, Transport } from "./transport.ts";

/** The members used of a listening server. */
interface Listening extends Required<Keeper> {
  close(): unknown;
}

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
    keepRunning(this.#keepsRunning, transport);
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
    keepRunning(true, next);
    return next;
  }

  /** Sets whether the waiting connections keep the process running (the default). */
  keepRunning(keeps: boolean): void {
    this.#keepsRunning = keeps;
    for (const transport of this.#connections()) keepRunning(keeps, transport);
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

  /** Returns the acceptor of a server that pushes its connections. */
  acceptor(address: Address, server: Listening): Acceptor<Accepted> {
    const keep = (keeps: boolean) => {
      keepRunning(keeps, server);
      this.keepRunning(keeps);
    };
    return {
      address,
      accept: () => this.accept(),
      close: () => {
        server.close();
        this.close();
      },
      ref: () => keep(true),
      unref: () => keep(false),
    };
  }
}
